//! Reads what there is to compare: a copy of the database, and the emulator's ledger.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    reconcile::{Evidence, RunFact, Trigger},
    stack::Stack,
};

/// What every input carries: `chaos-` and letters, digits and dashes.
pub const MARKER: &str = "chaos-";

/// The marker within a text.
#[must_use]
pub fn marker_in(text: &str) -> Option<String> {
    let rest = &text[text.find(MARKER)?..];
    Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect())
}

/// Collects the evidence. The dashboard must not run: its files are copied.
///
/// # Errors
/// When database or ledger cannot be read.
pub async fn evidence(stack: &Stack, book: crate::reconcile::Book) -> anyhow::Result<Evidence> {
    let copy = stack.work.join("copy");
    fs::create_dir_all(&copy)?;
    // The log is part of the database: without it the newest commits would be missing.
    for name in ["dashboard.db", "dashboard.db-wal"] {
        let (from, to) = (stack.data.join(name), copy.join(name));
        if to.exists() {
            fs::remove_file(&to)?;
        }
        if from.exists() {
            fs::copy(from, to)?;
        }
    }
    let (runs, integrity) = database(&copy.join("dashboard.db")).await.context("the database cannot be read")?;
    let triggers = ledger(stack).await.context("the ledger cannot be read")?;
    Ok(Evidence { book, runs, triggers, integrity })
}

async fn database(path: &Path) -> Result<(Vec<RunFact>, String), sqlx::Error> {
    let mut db = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await?;
    let (integrity,): (String,) = sqlx::query_as("PRAGMA integrity_check").fetch_one(&mut db).await?;
    let mut events: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT run_id, seq FROM events ORDER BY run_id, seq").fetch_all(&mut db).await?;
    for (run, seq) in rows {
        events.entry(run).or_default().push(seq);
    }
    let attempts: BTreeMap<String, i64> =
        counts(sqlx::query_as("SELECT run_id, count(*) FROM attempts GROUP BY run_id").fetch_all(&mut db).await?);
    let audited: BTreeMap<String, i64> = counts(
        sqlx::query_as("SELECT substr(subject, 5), count(*) FROM audit WHERE subject LIKE 'run:%' GROUP BY subject")
            .fetch_all(&mut db)
            .await?,
    );
    let results: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT run_id, bytes FROM results").fetch_all(&mut db).await?;
    let results: BTreeMap<String, String> =
        results.into_iter().map(|(run, bytes)| (run, hex(&Sha256::digest(&bytes)))).collect();
    type Row = (String, String, String, Option<String>, i64);
    let rows: Vec<Row> =
        sqlx::query_as("SELECT id, status, input, execution_id, seq FROM runs ORDER BY id").fetch_all(&mut db).await?;
    db.close().await?;
    let runs = rows
        .into_iter()
        .map(|(id, status, input, execution_id, seq)| RunFact {
            status,
            marker: marker_in(&input),
            execution_id,
            seq,
            events: events.remove(&id).unwrap_or_default(),
            attempts: attempts.get(&id).and_then(|count| usize::try_from(*count).ok()).unwrap_or(0),
            audit_entries: audited.get(&id).copied().unwrap_or(0),
            result_sha256: results.get(&id).cloned(),
            id,
        })
        .collect();
    Ok((runs, integrity))
}

fn counts(rows: Vec<(String, i64)>) -> BTreeMap<String, i64> {
    rows.into_iter().collect()
}

/// What the emulator received.
///
/// # Errors
/// When it does not answer.
pub async fn ledger(stack: &Stack) -> anyhow::Result<Vec<Trigger>> {
    let request = stack.http.get(format!("{}/_emulator/ledger", stack.upstream));
    let ledger: Value = request.timeout(std::time::Duration::from_secs(60)).send().await?.json().await?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let entries = ledger["triggers"].as_array().context("no triggers in the ledger")?;
    Ok(entries
        .iter()
        .map(|entry| Trigger {
            marker: marker_in(&entry["payload"].to_string()),
            execution_id: text(&entry["execution_id"]),
            status: text(&entry["status"]),
            result_sha256: text(&entry["result_sha256"]),
        })
        .collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
