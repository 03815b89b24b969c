//! Reads what there is to compare: the database, and the emulator's ledger.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;
use reqwest::Client;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::{
    database::Database,
    reconcile::{Entry, Event, Evidence, Poll, RunFact, Trigger, Write, is_by_a_person},
    relay::Relay,
    stack::Stack,
};

/// What every input carries: `chaos-` and letters, digits and dashes.
pub const MARKER: &str = "chaos-";

/// How long after a pause a poll may arrive that was begun before it.
const UNDER_WAY: Duration = Duration::from_millis(200);

/// The runs in a database, whichever it is.
macro_rules! runs {
    ($db:ident) => {{
        let people: Vec<(String, String, String)> =
            sqlx::query_as("SELECT id, name, email FROM users").fetch_all(&mut $db).await?;
        let mut events: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        let rows: Vec<(String, i64, String, String)> =
            sqlx::query_as("SELECT run_id, seq, kind, text FROM events ORDER BY run_id, seq")
                .fetch_all(&mut $db)
                .await?;
        for (run, seq, kind, text) in rows {
            let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|_| is_by_a_person(&kind));
            let named = words.find_map(|word| people.iter().find(|(_, name, _)| name == word));
            let person = named.map(|(_, _, email)| email.clone());
            events.entry(run).or_default().push(Event { seq, kind, person });
        }
        let mut attempts: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
        let rows: Vec<(String, Option<String>)> =
            sqlx::query_as("SELECT run_id, outcome FROM attempts ORDER BY run_id, epoch").fetch_all(&mut $db).await?;
        for (run, outcome) in rows {
            attempts.entry(run).or_default().push(outcome);
        }
        let mut audit: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        let rows: Vec<(String, Option<String>, String, String)> = sqlx::query_as(
            "SELECT substr(subject, 5), actor, action, detail FROM audit WHERE subject LIKE 'run:%' ORDER BY id",
        )
        .fetch_all(&mut $db)
        .await?;
        for (run, actor, action, detail) in rows {
            let known = |id: String| people.iter().find(|one| one.0 == id).map_or(id, |(_, _, email)| email.clone());
            audit.entry(run).or_default().push(Entry { action, actor: actor.map(known), detail });
        }
        let replaced: Vec<(String, String)> =
            sqlx::query_as("SELECT rerun_id, run_id FROM reruns").fetch_all(&mut $db).await?;
        let mut replaced: BTreeMap<String, String> = replaced.into_iter().collect();
        let results: Vec<(String, Vec<u8>)> =
            sqlx::query_as("SELECT run_id, bytes FROM results").fetch_all(&mut $db).await?;
        let results: BTreeMap<String, String> =
            results.into_iter().map(|(run, bytes)| (run, hex(&Sha256::digest(&bytes)))).collect();
        type Row = (String, String, String, Option<String>, i64, String);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, status, input, execution_id, seq, workflow || ' in ' || environment FROM runs ORDER BY id",
        )
        .fetch_all(&mut $db)
        .await?;
        let runs = rows.into_iter().map(|(id, status, input, execution_id, seq, what)| RunFact {
            status,
            marker: marker_in(&input),
            execution_id,
            seq,
            events: events.remove(&id).unwrap_or_default(),
            attempts: attempts.remove(&id).unwrap_or_default(),
            audit: audit.remove(&id).unwrap_or_default(),
            replaces: replaced.remove(&id),
            what,
            result_sha256: results.get(&id).cloned(),
            id,
        });
        let runs = runs.collect::<Vec<_>>();
        // Nothing else tells of an entry about a run that is not there.
        let strays = audit.into_keys().map(|run| format!("14: audit entries are about run {run}, which is not there"));
        (runs, strays.collect::<Vec<_>>())
    }};
}

/// The marker within a text.
#[must_use]
pub fn marker_in(text: &str) -> Option<String> {
    let rest = &text[text.find(MARKER)?..];
    Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect())
}

/// Collects the evidence. With SQLite no dashboard may run: its files are copied.
///
/// # Errors
/// When database or ledger cannot be read.
pub async fn evidence(stack: &Stack, book: crate::reconcile::Book) -> anyhow::Result<Evidence> {
    let unreadable = "the database cannot be read";
    let mut evidence = match &stack.database {
        Database::Sqlite(_) => sqlite(&stack.database.copy(&stack.work, "copy").await?).await.context(unreadable)?,
        Database::Postgres(server) => postgres(&server.url).await.context(unreadable)?,
    };
    evidence.book = book;
    evidence.trail = stack.trail.faults.clone();
    evidence.triggers = ledger(stack).await.context("the ledger cannot be read")?;
    evidence.polls = polls(stack);
    evidence.left = stack.servers.iter().flat_map(|server| server.left.iter().cloned()).collect();
    Ok(evidence)
}

async fn sqlite(url: &str) -> Result<Evidence, sqlx::Error> {
    let mut db = SqliteConnection::connect(url).await?;
    let (integrity,): (String,) = sqlx::query_as("PRAGMA integrity_check").fetch_one(&mut db).await?;
    let (runs, strays) = runs!(db);
    db.close().await?;
    Ok(Evidence { runs, strays, damage: Some(integrity).filter(|word| word != "ok"), ..Evidence::default() })
}

/// All of it of one moment: what was being committed when the dashboard died may still come.
async fn postgres(url: &str) -> Result<Evidence, sqlx::Error> {
    let mut db = PgConnection::connect(url).await?;
    sqlx::raw_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").execute(&mut db).await?;
    let (runs, strays) = runs!(db);
    type Row = (String, String, String, String, i64, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT run, writer, coalesce(before.process, held), coalesce(after.process, holds), turns, seq FROM chaos_writes \
         LEFT JOIN chaos_replicas AS before ON before.id = held LEFT JOIN chaos_replicas AS after ON after.id = holds",
    )
    .fetch_all(&mut db)
    .await?;
    db.close().await?;
    let write = |(run, writer, held, holds, turns, seq)| Write { run, writer, held, holds, turns, seq };
    let writes = rows.into_iter().map(write).collect();
    Ok(Evidence { runs, strays, writes, ..Evidence::default() })
}

/// What each process asked Codika about, in order of time.
fn polls(stack: &Stack) -> Vec<Poll> {
    let mut asked: Vec<_> = stack
        .servers
        .iter()
        .flat_map(|server| {
            let asked = server.relay.iter().flat_map(Relay::asked);
            // What was on its way when the process was stopped is not asked by its own decision.
            asked.filter(|one| {
                !server.resumed.iter().any(|(process, at)| {
                    *process == one.process && one.at.saturating_duration_since(*at) < UNDER_WAY && one.at >= *at
                })
            })
        })
        .collect();
    asked.sort_by_key(|one| one.at);
    let Some(first) = asked.first().map(|one| one.at) else { return Vec::new() };
    asked
        .into_iter()
        .map(|one| Poll { execution: one.execution, process: one.process, at: one.at.duration_since(first) })
        .collect()
}

/// What the emulator received.
///
/// # Errors
/// When it does not answer.
pub async fn ledger(stack: &Stack) -> anyhow::Result<Vec<Trigger>> {
    received(&stack.http, &stack.upstream).await
}

/// The same for whoever has no stack.
///
/// # Errors
/// When it does not answer.
pub async fn received(http: &Client, upstream: &str) -> anyhow::Result<Vec<Trigger>> {
    let request = http.get(format!("{upstream}/_emulator/ledger"));
    let ledger: Value = request.timeout(Duration::from_secs(60)).send().await?.json().await?;
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
