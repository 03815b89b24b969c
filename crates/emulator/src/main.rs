//! The binary `codika-emulator`.

use std::{
    fs,
    io::{IsTerminal, stdout},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand, builder::FalseyValueParser};
use emulator::{Config, Emulator, Recording, record};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A local Codika: trigger, status, skills and the rest of the public API, with demo workflows that compute.
///
/// Open its address in a browser to see what it offers. Below /_emulator it tells what it received and takes
/// faults to come. It protects nothing: keep it on a loopback address.
#[derive(Parser)]
#[command(name = "codika-emulator", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Write what a Codika tells about a process instance into a scenario file, without its keys.
    Record(Record),
}

#[derive(Args)]
struct Record {
    /// The Codika, or another emulator.
    #[arg(long, env = "CODIKA_BASE_URL", default_value = "https://api.codika.io")]
    base_url: String,
    /// The process instance.
    #[arg(long, value_name = "ID")]
    instance: String,
    /// An organization key that may read instances, skills and executions. Better in the environment than here.
    #[arg(long, env = "CODIKA_API_KEY", hide_env_values = true)]
    api_key: String,
    /// How many executions, the newest, at most 100.
    #[arg(long, default_value_t = 50)]
    limit: u8,
    /// The scenario file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args)]
struct Serve {
    /// Address to listen on.
    #[arg(long, env = "CODIKA_EMULATOR_LISTEN", default_value = "127.0.0.1:9100")]
    listen: SocketAddr,
    /// Folder that keeps executions over restarts.
    #[arg(long, env = "CODIKA_EMULATOR_DATA")]
    data: Option<PathBuf>,
    /// JSON file with switches, faults and states to start with.
    #[arg(long, env = "CODIKA_EMULATOR_SCENARIO")]
    scenario: Option<PathBuf>,
    /// Base URL of an n8n that carries out the workflows the scenario declares.
    #[arg(long, env = "CODIKA_EMULATOR_N8N")]
    n8n: Option<String>,
    /// The header n8n's webhooks want, as `Name: value`.
    #[arg(long, env = "CODIKA_EMULATOR_N8N_AUTH", hide_env_values = true)]
    n8n_auth: Option<String>,
    /// Instance keys reach trigger and status only, as on the real platform they may.
    #[arg(long, env = "CODIKA_EMULATOR_RESTRICTED", value_parser = FalseyValueParser::new())]
    restricted: bool,
    /// Multiplies the duration of the demo workflows: 0.1 is ten times faster.
    #[arg(long, env = "CODIKA_EMULATOR_SPEED", default_value_t = 1.0)]
    speed: f64,
    /// The address others reach it by, if it is not the one it listens on.
    #[arg(long, env = "CODIKA_EMULATOR_PUBLIC_URL")]
    public_url: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(stdout().is_terminal()).init();
    let arguments = Arguments::parse();
    match arguments.command {
        Some(Command::Record(command)) => write_scenario(command).await,
        None => serve(arguments.serve).await,
    }
}

/// The result of a command goes to its file; what is worth knowing about it into the log, on standard output.
async fn write_scenario(command: Record) -> anyhow::Result<()> {
    let Record { base_url, instance, api_key, limit, out } = command;
    let recorded = record(&Recording { base_url: &base_url, instance: &instance, key: &api_key, limit }).await?;
    for gap in &recorded.gaps {
        tracing::warn!("{gap}");
    }
    let text = serde_json::to_string_pretty(&recorded.scenario)?;
    fs::write(&out, text + "\n").with_context(|| format!("cannot write {}", out.display()))?;
    tracing::info!(executions = recorded.executions, file = %out.display(), "recorded");
    Ok(())
}

async fn serve(arguments: Serve) -> anyhow::Result<()> {
    let scenario = arguments.scenario.as_deref().map(read_scenario).transpose()?;
    let emulator = Emulator::start(Config {
        listen: arguments.listen,
        data: arguments.data,
        scenario,
        n8n: arguments.n8n,
        n8n_auth: arguments.n8n_auth,
        restricted: arguments.restricted,
        speed: arguments.speed,
        public_url: arguments.public_url,
        ..Config::default()
    })
    .await?;
    tracing::info!(base_url = emulator.base_url(), "the emulator is ready");
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    emulator.stop().await;
    Ok(())
}

fn read_scenario(path: &std::path::Path) -> anyhow::Result<emulator::Scenario> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no scenario", path.display()))
}
