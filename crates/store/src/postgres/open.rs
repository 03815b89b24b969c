use std::{str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, Connection as _, PgConnection,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::timeout;

use super::{OpenError, PostgresStore, sql, writer::Writer};
use crate::master_key::Keys;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// The first version with everything the statements use.
const NEEDED: i32 = 13;
const CONNECTIONS: u32 = 24;
/// One listens, one renews the lease, one tells the others, one looks for what was never sent.
const CONTROL_CONNECTIONS: u32 = 4;
/// How long to wait for a server that does not answer, or for a free connection.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn open(url: &str) -> Result<PostgresStore, OpenError> {
    let options = options(url)?;
    let place = Place::of(&options);
    let failed = |source| OpenError::from_sqlx(&place, source);

    let silent = || OpenError::Silent { place: place.to_string() };
    let mut connection = timeout(PATIENCE, options.connect()).await.map_err(|_| silent())?.map_err(failed)?;
    check_version(&place, &mut connection).await?;
    // A migration takes as long as it takes, and whoever starts at the same time waits for it.
    sqlx::raw_sql("SET statement_timeout = 0; SET lock_timeout = 0").execute(&mut connection).await.map_err(failed)?;
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    MIGRATIONS
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|source| OpenError::from_migration(&place, known, source))?;
    // A full disk or a standby shows only when something is really written.
    sql::touch(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;

    let pool = |connections| PgPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE);
    let reads = pool(CONNECTIONS).connect_lazy_with(options.clone());
    let control = pool(CONTROL_CONNECTIONS).connect_lazy_with(options);
    Ok(PostgresStore { writer: Writer::new(reads.clone()), reads, control, keys: Keys::default() })
}

fn options(url: &str) -> Result<PgConnectOptions, OpenError> {
    // The parser's own message may repeat the password.
    let options = PgConnectOptions::from_str(url).map_err(|_| OpenError::Location)?;
    let name = options.get_application_name().unwrap_or("codika-dashboard").to_owned();
    Ok(options.application_name(&name).disable_statement_logging().options([
        // Whatever the server's own defaults are: acknowledged means durable, and nobody waits for ever.
        ("synchronous_commit", "on"),
        ("default_transaction_isolation", "read committed"),
        ("lock_timeout", "5s"),
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ]))
}

async fn check_version(place: &Place, db: &mut PgConnection) -> Result<(), OpenError> {
    let failed = |source| OpenError::from_sqlx(place, source);
    let version: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int4")
        .fetch_one(&mut *db)
        .await
        .map_err(failed)?;
    let major = version / 10_000;
    if major < NEEDED {
        return Err(OpenError::Old { place: place.to_string(), found: major, needed: NEEDED });
    }
    let encoding: String = sqlx::query_scalar("SHOW server_encoding").fetch_one(db).await.map_err(failed)?;
    if encoding == "UTF8" { Ok(()) } else { Err(OpenError::Encoding { place: place.to_string(), found: encoding }) }
}

/// Where a database is, without any password.
pub struct Place(String);

impl Place {
    fn of(options: &PgConnectOptions) -> Self {
        let database = options.get_database().unwrap_or(options.get_username());
        Self(match options.get_socket() {
            Some(socket) => format!("{database} at {}", socket.display()),
            None => format!("{database} at {}:{}", options.get_host(), options.get_port()),
        })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}
