use std::io::{self, BufRead, Write};

use anyhow::Context;
use clap::Subcommand;
use engine::{By, Engine, EngineError, SetUp};
use model::{Principal, PrincipalKind, UserId};

use super::{idle, table};
use crate::{config::Config, sealer, serve};

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
    if let AdminCommand::Create { email, name } = command {
        let mut password = String::new();
        io::stdin().lock().read_line(&mut password).context("the password could not be read")?;
        let engine = idle(&serve::open_database(config).await?).await?;
        let password = password.trim_end_matches(['\r', '\n']);
        engine.create_admin(SetUp { email: &email, name: &name, password }).await?;
        return Ok(sealer::seal_all(&engine).await?);
    }
    let engine = idle(&serve::open_existing_database(config).await?).await?;
    let printed = match command {
        AdminCommand::Create { .. } => String::new(),
        AdminCommand::List => list(&engine).await?,
        AdminCommand::Reset { email } => {
            let link = engine.reset_password(By::Operator, &account(&engine, &email).await?.id).await?;
            format!("{}invite?token={}\n", config.public_url, link.secret)
        }
        AdminCommand::Disable { email } => {
            engine.disable(By::Operator, &account(&engine, &email).await?.id).await?;
            String::new()
        }
        AdminCommand::Enable { email } => {
            engine.enable(By::Operator, &account(&engine, &email).await?.id).await?;
            String::new()
        }
    };
    sealer::seal_all(&engine).await?;
    Ok(write!(io::stdout(), "{printed}")?)
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
