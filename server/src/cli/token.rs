use clap::Subcommand;
use engine::{By, Engine, EngineError, NewToken};
use model::{TokenId, TokenScopes, UserId};

use super::{admin::account, done, existing, table};
use crate::config::Config;

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make a token for an account and print it, this once
    Create {
        /// The account's email, or its id as `admin list` prints it
        #[arg(long)]
        user: String,
        /// What the token is for
        #[arg(long)]
        name: String,
        /// How long it lives: 90d, 12w or 1y; as long as the dashboard lets it when left out
        #[arg(long, value_name = "TIME", value_parser = days)]
        expires: Option<u32>,
        /// What it is good for: read, run, decide, env:NAME, workflow:ID; several are separated by commas or given
        /// again. Without one, everything that the account may
        #[arg(long, value_name = "SCOPE", value_delimiter = ',')]
        scope: Vec<String>,
        /// Runs that it may start in a minute; not limited when left out
        #[arg(long, value_name = "NUMBER")]
        runs_per_minute: Option<u32>,
    },
    /// Print all tokens, without their secrets
    List {
        /// Only those of the account with this email
        #[arg(long)]
        user: Option<String>,
    },
    /// End a token for good, at once
    Revoke {
        /// As `token list` prints it
        id: TokenId,
    },
}

pub async fn run(command: TokenCommand, config: &Config) -> anyhow::Result<()> {
    let engine = existing(config).await?;
    let printed = match command {
        TokenCommand::Create { user, name, expires, scope, runs_per_minute } => {
            let scopes = TokenScopes::from_words(scope.iter().map(String::as_str)).map_err(anyhow::Error::msg)?;
            let new = NewToken { name, scopes, days: expires, runs_per_minute };
            let owner = account(&engine, &user).await?.id;
            format!("{}\n", engine.create_token(By::Operator, &owner, new).await?.value)
        }
        TokenCommand::List { user } => {
            let owner = match user {
                Some(email) => Some(account(&engine, &email).await?.id),
                None => None,
            };
            list(&engine, owner).await?
        }
        TokenCommand::Revoke { id } => {
            let token = engine.revoke_token(By::Operator, &id).await?;
            format!("“{}” is revoked.\n", token.name)
        }
    };
    done(&engine, &printed).await
}

async fn list(engine: &Engine, owner: Option<UserId>) -> Result<String, EngineError> {
    let now = engine.now();
    let rows = engine.tokens(By::Operator, owner.as_ref()).await?.into_iter().map(|(token, owner)| {
        let state = match (token.revoked_at, owner.disabled_at) {
            (Some(_), _) => "revoked",
            (None, Some(_)) => "account disabled",
            (None, None) if !token.is_alive(now) => "expired",
            (None, None) => "active",
        };
        let ends = token.suffix;
        [
            token.id.to_string(),
            if ends.is_empty() { String::new() } else { format!("…{ends}") },
            token.name,
            owner.principal.email,
            token.scopes.to_string(),
            state.to_owned(),
            table::day(token.expires_at),
            table::day(token.last_used_at),
            token.address,
        ]
    });
    Ok(table::table(["ID", "ENDS IN", "NAME", "ACCOUNT", "SCOPES", "STATE", "EXPIRES", "LAST USED", "FROM"], rows))
}

/// `90d`, `12w` or `1y` in days.
fn days(text: &str) -> Result<u32, String> {
    let wrong = || format!("“{text}” is no time like 90d, 12w or 1y");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let number = text[..text.len() - unit.len_utf8()].parse::<u32>().ok().filter(|number| *number > 0);
    let days = match unit {
        'd' => 1,
        'w' => 7,
        'y' => 365,
        _ => return Err(wrong()),
    };
    number.and_then(|number| number.checked_mul(days)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_given_in_days_weeks_or_years() {
        assert_eq!(["90d", "12w", "1y"].map(days), [Ok(90), Ok(84), Ok(365)]);
        for wrong in ["", "d", "90", "0d", "-1d", "1.5d", "90 d", "1m", "99999999999d", "99999999y", "9ü"] {
            assert!(days(wrong).is_err(), "{wrong}");
        }
    }
}
