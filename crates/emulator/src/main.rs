//! The binary `codika-emulator`.

use std::{
    fs,
    io::{IsTerminal, stdout},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::Context;
use clap::{Parser, builder::FalseyValueParser};
use emulator::{Config, Emulator};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A local Codika: trigger, status, skills and the rest of the public API, with demo workflows that compute.
#[derive(Parser)]
#[command(name = "codika-emulator", version)]
struct Arguments {
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
