//! Fills a database with runs, past the program: what it does with a million of them can be seen without waiting
//! until they have happened. The database may be of any version that knows reruns; it has its tables and at least
//! one account already. No run is under way, and there are no audit entries.

use std::fmt::Write;

use anyhow::{bail, ensure};
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, query_as, raw_sql};

/// How many runs share a transaction.
const AT_ONCE: u64 = 1_000;
/// The runs are spread evenly over the last year.
const SPAN_MS: u64 = 365 * 24 * 60 * 60 * 1000;
const ENVIRONMENTS: [&str; 2] = ["dev", "prod"];
const WORKFLOWS: u64 = 40;
/// One run in so many is of the workflow `rare`.
const RARE: u64 = 10_000;
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Database {
    async fn connect(url: &str) -> anyhow::Result<Self> {
        if url.starts_with("sqlite:") {
            let mut db = SqliteConnection::connect(url).await?;
            // Whatever is lost in a crash is generated again.
            raw_sql("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000").execute(&mut db).await?;
            Ok(Self::Sqlite(db))
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Ok(Self::Postgres(PgConnection::connect(url).await?))
        } else {
            bail!("the database is named by sqlite:… or postgres:…")
        }
    }

    async fn execute(&mut self, sql: String) -> Result<(), sqlx::Error> {
        let sql = raw_sql(AssertSqlSafe(sql));
        match self {
            Self::Sqlite(db) => sql.execute(db).await.map(drop),
            Self::Postgres(db) => sql.execute(db).await.map(drop),
        }
    }

    async fn owners(&mut self) -> Result<Vec<Owner>, sqlx::Error> {
        let sql = "SELECT id, name FROM users ORDER BY id";
        let rows: Vec<(String, String)> = match self {
            Self::Sqlite(db) => query_as(sql).fetch_all(db).await?,
            Self::Postgres(db) => query_as(sql).fetch_all(db).await?,
        };
        Ok(rows.into_iter().map(|(id, name)| Owner { id, name: name.replace('\'', "''") }).collect())
    }

    fn bytes(&self, text: &str) -> String {
        let hex = text.bytes().fold(String::new(), |mut hex, byte| {
            // Writing to a text cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        match self {
            Self::Sqlite(_) => format!("x'{hex}'"),
            Self::Postgres(_) => format!("'\\x{hex}'"),
        }
    }

    /// So that plans are those of a database that has been in use.
    async fn finish(mut self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(db) => db.close().await,
            Self::Postgres(_) => self.execute("ANALYZE".to_owned()).await,
        }
    }
}

struct Owner {
    id: String,
    /// Quoted.
    name: String,
}

/// The texts of one transaction, a list of values for each table.
#[derive(Default)]
struct Batch {
    runs: Vec<String>,
    events: Vec<String>,
    attempts: Vec<String>,
    results: Vec<String>,
    reruns: Vec<String>,
}

impl Batch {
    fn sql(self) -> String {
        let tables = [
            (
                "runs (id, environment, workflow, workflow_name, owner, owner_name, door, key, input, status, epoch, seq, \
                 execution_id, created_at, accepted_at, finished_at, duration_ms, error, result_bytes)",
                self.runs,
            ),
            ("events (run_id, seq, at, kind, text)", self.events),
            ("attempts (run_id, epoch, started_at, finished_at, outcome)", self.attempts),
            ("results (run_id, bytes)", self.results),
            ("reruns (run_id, rerun_id, resolved_at)", self.reruns),
        ];
        let mut sql = "BEGIN".to_owned();
        for (table, rows) in tables.into_iter().filter(|(_, rows)| !rows.is_empty()) {
            let _ = write!(sql, "; INSERT INTO {table} VALUES {}", rows.join(","));
        }
        sql + "; COMMIT"
    }
}

/// How a run ended.
struct End {
    status: &'static str,
    /// Its last event.
    kind: &'static str,
    outcome: &'static str,
    error: Option<&'static str>,
}

const SUCCESS: End = End { status: "success", kind: "succeeded", outcome: "accepted", error: None };
const FAILED: End = End { status: "failed", kind: "failed", outcome: "accepted", error: Some("workflow_failed") };
const REJECTED: End = End { status: "rejected", kind: "rejected", outcome: "rejected", error: Some("key_rejected") };
const UNCONFIRMED: End =
    End { status: "unconfirmed", kind: "unconfirmed", outcome: "unconfirmed", error: Some("connection_lost") };

/// Every thousandth may have started; the one after every second of those is its rerun.
const fn end(number: u64) -> End {
    match (number % 1000, number % 100) {
        (6, _) => UNCONFIRMED,
        (_, 1..=4) => FAILED,
        (_, 5) => REJECTED,
        _ => SUCCESS,
    }
}

const fn reruns_the_one_before(number: u64) -> bool {
    number % 2000 == 7
}

/// As the program makes them: sorted by time, here with a number in place of chance.
fn id(at: u64, number: u64) -> String {
    let bits = u128::from(at) << 80 | u128::from(number);
    (0..26).rev().map(|place| char::from(CROCKFORD[(bits >> (place * 5)) as usize & 31])).collect()
}

/// # Errors
/// When the database cannot be written or has no accounts.
pub async fn fill(url: &str, runs: u64) -> anyhow::Result<()> {
    let mut db = Database::connect(url).await?;
    let owners = db.owners().await?;
    ensure!(!owners.is_empty(), "the database has no accounts: nobody could own the runs");
    let now = u64::try_from(Timestamp::now().as_millisecond())?;
    let mut before = String::new();
    for first in (0..runs).step_by(usize::try_from(AT_ONCE)?) {
        let mut batch = Batch::default();
        for number in first..runs.min(first + AT_ONCE) {
            let created = now - SPAN_MS + number * SPAN_MS / runs;
            let id = id(created, number);
            add(&mut batch, &db, &owners[(number % owners.len() as u64) as usize], (&id, number), (created, now));
            if reruns_the_one_before(number) {
                batch.reruns.push(format!("('{before}','{id}',{created})"));
            }
            before = id;
        }
        db.execute(batch.sql()).await?;
    }
    db.finish().await?;
    Ok(())
}

fn add(batch: &mut Batch, db: &Database, owner: &Owner, (id, number): (&str, u64), (created, stamp): (u64, u64)) {
    let End { status, kind, outcome, error } = end(number);
    let environment = ENVIRONMENTS[(number / 3 % 2) as usize];
    let workflow = if number % RARE == 0 { "rare".to_owned() } else { format!("workflow-{}", number / 7 % WORKFLOWS) };
    let (accepted, finished) = (created + 40, created + 40 + number % 30_000);
    batch.events.push(format!("('{id}',1,{created},'submitted','Generated.')"));
    let started = outcome == "accepted";
    if started {
        batch.events.push(format!("('{id}',2,{accepted},'accepted','Codika accepted the run.')"));
    }
    let seq = if started { 3 } else { 2 };
    batch.events.push(format!("('{id}',{seq},{finished},'{kind}','The generated run ended.')"));
    batch.attempts.push(format!("('{id}',1,{created},{accepted},'{outcome}')"));
    let mut bytes = "NULL".to_owned();
    if status == "success" {
        let result = format!(r#"{{"summary":"Run {number} of those that were generated.","words":{}}}"#, number % 500);
        bytes = result.len().to_string();
        batch.results.push(format!("('{id}',{})", db.bytes(&result)));
    }
    let execution = if started { format!("'generated-{stamp}-{number}'") } else { "NULL".to_owned() };
    let (accepted, duration) = if started {
        (accepted.to_string(), (finished - accepted).to_string())
    } else {
        ("NULL".to_owned(), "NULL".to_owned())
    };
    let error = error.map_or("NULL".to_owned(), |kind| {
        format!(
            r#"'{{"kind":"{kind}","message":"Generated.","hint":"","request_id":null,"failed_node":null,"detail":null}}'"#
        )
    });
    let door = if number % 4 == 0 { "api" } else { "dashboard" };
    batch.runs.push(format!(
        r#"('{id}','{environment}','{workflow}','Workflow {workflow}','{}','{}','{door}','generated-{stamp}-{number}','{{"text":"The input of run {number}"}}','{status}',1,{seq},{execution},{created},{accepted},{finished},{duration},{error},{bytes})"#,
        owner.id, owner.name
    ));
}

#[cfg(test)]
mod tests;
