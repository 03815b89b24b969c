//! The command line.

mod admin;
mod audit;
mod key;
mod table;
mod token;

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};
use engine::Engine;
use secrecy::ExposeSecret;
use store::{Database, Head};

use crate::{
    config::{Config, Source},
    sealer, serve,
};

/// How long the end waits for threads that cannot be given up: looking up a name may take minutes.
const LAST_THREADS: Duration = Duration::from_millis(200);

/// Run Codika workflows from your own dashboard.
#[derive(Parser)]
#[command(name = "codika-dashboard", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer browsers and programs until interrupted
    Serve,
    /// Accounts; works beside a running server
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Tokens for the REST API; works beside a running server
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// The record of who did what
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The master key, which seals what is secret in the database
    #[command(subcommand)]
    Key(KeyCommand),
    /// Copy the SQLite database to a new file; works beside a running server
    Backup {
        /// The file to write; must not exist
        file: PathBuf,
    },
    /// The settings
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Check that no entry was changed, added or removed past the dashboard; works beside a running server
    Verify {
        /// A head that an earlier verification printed: it must still be part of the trail
        #[arg(long, value_name = "NUMBER:HASH")]
        head: Option<Head>,
    },
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Make a new master key, use it from now on, and seal every secret with it; works beside a running server
    Rotate {
        /// Only add the new key to the file, so that it can be taken to every replica before it is used
        #[arg(long)]
        prepare: bool,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Say whether the settings can be used, without starting anything
    Check,
}

pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let done = match runtime {
        Ok(runtime) => {
            let done = runtime.block_on(run(cli.command));
            runtime.shutdown_timeout(LAST_THREADS);
            done
        }
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "codika-dashboard: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    let config = Config::read(&Source::from_process()?)?;
    match command {
        Command::Serve => serve_until_signal(config).await,
        Command::Admin(command) => admin::run(command, &config).await,
        Command::Token(command) => token::run(command, &config).await,
        Command::Audit(AuditCommand::Verify { head }) => {
            let report = serve::open_existing_database(&config).await?.verify_audit(head).await?;
            writeln!(io::stdout(), "{}", audit::told(&report, jiff::Timestamp::now()))?;
            match report.fault {
                Some(fault) => anyhow::bail!("the audit trail is not whole: {fault}"),
                None => Ok(()),
            }
        }
        Command::Key(KeyCommand::Rotate { prepare }) => {
            let database = serve::open_existing_database(&config).await?;
            if prepare {
                let key = database.prepare_key().await?;
                return Ok(writeln!(io::stdout(), "{}", key::prepared(key))?);
            }
            let engine = idle(&database).await?;
            let rotated = database.rotate_key(engine.now()).await?;
            sealer::seal_all(&engine).await?;
            Ok(writeln!(io::stdout(), "{}", key::rotated(rotated))?)
        }
        Command::Backup { file } => {
            store::backup(config.database_url.expose_secret(), &file).await?;
            Ok(writeln!(io::stdout(), "{}", file.display())?)
        }
        Command::Config(ConfigCommand::Check) => {
            let names: Vec<_> = config.environments.iter().map(|env| env.slug.to_string()).collect();
            let environments = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            Ok(writeln!(io::stdout(), "The settings can be used. Environments: {environments}.")?)
        }
    }
}

/// An engine for one command; it never takes over the runs of a server that is running.
async fn idle(database: &Database) -> anyhow::Result<Engine> {
    Ok(Engine::idle(database.store(), std::sync::Arc::new(engine::SystemClock)).await?)
}

/// The same on a database that is there.
async fn existing(config: &Config) -> anyhow::Result<Engine> {
    idle(&serve::open_existing_database(config).await?).await
}

/// Seals what the command has left in the audit trail, and prints what it has to say.
async fn done(engine: &Engine, printed: &str) -> anyhow::Result<()> {
    sealer::seal_all(engine).await?;
    Ok(write!(io::stdout(), "{printed}")?)
}

async fn serve_until_signal(config: Config) -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()))
        .init();
    if config.environments.is_empty() {
        tracing::warn!("no environment is configured: set DEV_PROCESS_INSTANCE_ID and DEV_CODIKA_API_KEY");
    }
    let served = serve::start(config).await?;
    let url = &served.public_url;
    let hint = match served.engine.set_up_token() {
        Some(token) => format!("Create the administrator at {url}setup?token={token}"),
        None => format!("Log in at {url}login"),
    };
    writeln!(io::stdout(), "{hint}")?;
    interrupted().await?;
    tracing::info!("stopping");
    served.stop().await;
    Ok(())
}

async fn interrupted() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate())?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done,
        _ = term.recv() => Ok(()),
    }
}
