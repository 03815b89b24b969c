//! The audit trail: `codika-dashboard audit verify` after each death, and lies that it must find.

use anyhow::{Context, bail};
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::{database::Database, server::Server, stack::Stack};

const NOT_WHOLE: &str = "the audit trail is not whole";

/// What the trail was when it was verified last.
#[derive(Debug, Default)]
pub struct Trail {
    /// The newest seal: it must be part of the trail for ever.
    head: Option<String>,
    pub verified: usize,
    /// What `verify` found, as sentences.
    pub faults: Vec<String>,
}

/// Verifies the trail as it is now. With SQLite no dashboard may run: a copy is verified.
///
/// # Errors
/// When that cannot be done.
pub async fn verify(stack: &mut Stack) -> anyhow::Result<()> {
    let url = match &stack.database {
        Database::Sqlite(_) => stack.database.copy(&stack.work, "verified").await?,
        Database::Postgres(server) => server.url.clone(),
    };
    let verdict = ask(stack.server(), &url, stack.trail.head.as_deref()).await?;
    stack.trail.verified += 1;
    match verdict {
        Ok(head) => stack.trail.head = head,
        Err(fault) => stack.trail.faults.push(fault),
    }
    Ok(())
}

/// The head of a trail that is whole, or what is wrong with it.
async fn ask(server: &Server, url: &str, head: Option<&str>) -> anyhow::Result<Result<Option<String>, String>> {
    let mut arguments = vec!["audit", "verify"];
    arguments.extend(head.into_iter().flat_map(|head| ["--head", head]));
    let output = server.command(&arguments, Some(url)).await?;
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        return Ok(Ok(said.lines().last().filter(|line| is_head(line)).map(str::to_owned)));
    }
    if complained.contains(NOT_WHOLE) {
        return Ok(Err(complained.trim().to_owned()));
    }
    bail!("the audit trail could not be verified: {complained}")
}

fn is_head(line: &str) -> bool {
    line.split_once(':').is_some_and(|(number, hash)| number.parse::<u64>().is_ok() && hash.len() == 64)
}

/// Statements that both databases understand, in copies without the triggers that refuse them.
const LIES: [(&str, &[&str]); 4] = [
    ("a changed audit entry", &["UPDATE audit SET detail = 'x' || detail WHERE position = $middle"]),
    ("a deleted audit entry", &["DELETE FROM audit WHERE position = $middle"]),
    (
        "two audit entries that changed places",
        &[
            "UPDATE audit SET position = 0 WHERE position = $middle",
            "UPDATE audit SET position = $middle WHERE position = $middle + 1",
            "UPDATE audit SET position = $middle + 1 WHERE position = 0",
        ],
    ),
    (
        "an audit trail whose end was cut off",
        &[
            "DELETE FROM audit WHERE position IS NULL OR position >= (SELECT max(first) FROM audit_seals)",
            "DELETE FROM audit_seals WHERE number = (SELECT max(number) FROM audit_seals)",
        ],
    ),
];
const REFUSING: [(&str, &str); 3] =
    [("audit_never_changes", "audit"), ("audit_never_shrinks", "audit"), ("audit_seals_never_shrink", "audit_seals")];

/// Changes copies of the trail; each must be refused, and an unchanged one must not. No dashboard may run.
///
/// # Errors
/// When a lie is not found.
pub async fn lies_found(stack: &Stack) -> anyhow::Result<usize> {
    let head = stack.trail.head.as_deref();
    let Some(seals) = head.and_then(|head| head.split_once(':')?.0.parse::<u64>().ok()) else {
        bail!("the audit trail has no seal: there is nothing to verify");
    };
    let url = stack.database.copy(&stack.work, "lie").await?;
    if let Err(fault) = ask(stack.server(), &url, head).await? {
        bail!("a copy of the audit trail is refused: {fault}");
    }
    for (name, statements) in LIES {
        let url = stack.database.copy(&stack.work, "lie").await?;
        change(&url, seals, statements).await.with_context(|| format!("{name} could not be made"))?;
        if ask(stack.server(), &url, head).await?.is_ok() {
            bail!("16: verify did not find {name}");
        }
    }
    Ok(LIES.len())
}

async fn change(url: &str, seals: u64, statements: &[&str]) -> anyhow::Result<()> {
    // An entry that has a seal for certain.
    let middle = seals.div_ceil(2).to_string();
    let postgres = url.starts_with("postgres:");
    let drops = REFUSING.map(|(trigger, table)| {
        let of = if postgres { format!(" ON {table}") } else { String::new() };
        format!("DROP TRIGGER {trigger}{of}")
    });
    let all: Vec<String> =
        drops.into_iter().chain(statements.iter().map(|one| one.replace("$middle", &middle))).collect();
    let script = sqlx::AssertSqlSafe(all.join(";"));
    if postgres {
        let mut db = PgConnection::connect(url).await?;
        sqlx::raw_sql(script).execute(&mut db).await?;
        db.close().await?;
    } else {
        let mut db = SqliteConnection::connect(url).await?;
        sqlx::raw_sql(script).execute(&mut db).await?;
        db.close().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_head;

    #[test]
    fn a_head_is_told_from_other_lines() {
        assert!(is_head(&format!("311:{}", "9f".repeat(32))));
        for line in ["", "12 entries under seal.", "311:9f2c", "x:y"] {
            assert!(!is_head(line), "{line}");
        }
    }
}
