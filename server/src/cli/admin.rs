use std::io::{self, BufRead};

use anyhow::Context;
use clap::Subcommand;
use engine::{By, Engine, EngineError, SetUp};
use model::{Principal, PrincipalKind, UserId};

use super::{done, existing, idle, table};
use crate::{config::Config, serve};

#[derive(Subcommand)]
pub enum AdminCommand {
    /// Add an administrator; the password is the first line of standard input
    Create {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
    },
    /// Print all accounts
    List,
    /// End an account's password and sessions at once and print a link, good for a day and once, to choose a new one
    Reset {
        /// The account's email
        email: String,
    },
    /// End everything that an account opens, at once: sessions, tokens and links; its runs stay
    Disable {
        /// The account's email
        email: String,
    },
    /// Let a disabled account log in again
    Enable {
        /// The account's email
        email: String,
    },
}

pub async fn run(command: AdminCommand, config: &Config) -> anyhow::Result<()> {
    match command {
        AdminCommand::Create { email, name } => create(config, &email, &name).await,
        AdminCommand::List => {
            let engine = existing(config).await?;
            done(&engine, &list(&engine).await?).await
        }
        AdminCommand::Reset { email } => {
            let engine = existing(config).await?;
            let link = engine.reset_password(By::Operator, &account(&engine, &email).await?.id).await?;
            done(&engine, &format!("{}invite?token={}\n", config.public_url, link.secret)).await
        }
        AdminCommand::Disable { email } => {
            let engine = existing(config).await?;
            engine.disable(By::Operator, &account(&engine, &email).await?.id).await?;
            done(&engine, "").await
        }
        AdminCommand::Enable { email } => {
            let engine = existing(config).await?;
            engine.enable(By::Operator, &account(&engine, &email).await?.id).await?;
            done(&engine, "").await
        }
    }
}

async fn create(config: &Config, email: &str, name: &str) -> anyhow::Result<()> {
    let mut password = String::new();
    io::stdin().lock().read_line(&mut password).context("the password could not be read")?;
    let engine = idle(&serve::open_database(config).await?).await?;
    let password = password.trim_end_matches(['\r', '\n']);
    engine.create_admin(SetUp { email, name, password }).await?;
    done(&engine, "").await
}

/// The account with this email or id.
pub async fn account(engine: &Engine, email: &str) -> anyhow::Result<Principal> {
    if let Ok(id) = UserId::parse(email) {
        return Ok(engine.account(By::Operator, &id).await?.principal);
    }
    let user = engine.account_by_email(By::Operator, email).await?;
    user.map(|user| user.principal).with_context(|| format!("there is no account with the email {email}"))
}

async fn list(engine: &Engine) -> Result<String, EngineError> {
    let rows = engine.people(By::Operator).await?.into_iter().map(|user| {
        let state = match (user.disabled_at, user.password_hash.is_empty()) {
            (Some(_), _) => "disabled",
            (None, true) if user.kind == PrincipalKind::Person => "without password",
            (None, _) => "active",
        };
        let kind = user.kind.as_str().replace('_', " ");
        let Principal { id, email, name, role } = user.principal;
        [id.to_string(), email, name, kind, role.as_str().to_owned(), state.to_owned(), table::day(user.last_seen_at)]
    });
    Ok(table::table(["ID", "EMAIL", "NAME", "KIND", "ROLE", "STATE", "LAST SEEN"], rows))
}
