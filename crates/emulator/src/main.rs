//! The binary `codika-emulator`.

use std::{
    fs::{self, OpenOptions},
    io::{IsTerminal, stdout},
    net::SocketAddr,
    num::ParseFloatError,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand, builder::FalseyValueParser};
use emulator::{Config, Emulator, MAX_SPEED, RecordError, Recording, SCENARIO_REMEDY, Scenario, StartError, record};
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
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=100))]
    limit: u8,
    /// The scenario file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 is any free one, and the log says which.
    #[arg(long, value_name = "ADDRESS", env = "CODIKA_EMULATOR_LISTEN", default_value = "127.0.0.1:9100")]
    listen: SocketAddr,
    /// Folder that keeps executions over restarts.
    #[arg(long, value_name = "FOLDER", env = "CODIKA_EMULATOR_DATA")]
    data: Option<PathBuf>,
    /// JSON file with instances, workflows, their answers, switches and faults to start with.
    #[arg(long, value_name = "FILE", env = "CODIKA_EMULATOR_SCENARIO")]
    scenario: Option<PathBuf>,
    /// Base URL of an n8n that carries out the workflows the scenario declares.
    #[arg(long, value_name = "URL", env = "CODIKA_EMULATOR_N8N")]
    n8n: Option<String>,
    /// The header n8n's webhooks want, as `Name: value`.
    #[arg(long, value_name = "HEADER", requires = "n8n", env = "CODIKA_EMULATOR_N8N_AUTH", hide_env_values = true)]
    n8n_auth: Option<String>,
    /// Instance keys reach trigger and status only, as on the real platform they may.
    #[arg(long, env = "CODIKA_EMULATOR_RESTRICTED", value_parser = FalseyValueParser::new())]
    restricted: bool,
    /// Multiplies the duration of the demo workflows: 0.1 is ten times faster.
    #[arg(
        long,
        value_name = "FACTOR",
        env = "CODIKA_EMULATOR_SPEED",
        default_value_t = 1.0,
        value_parser = factor,
        allow_negative_numbers = true
    )]
    speed: f64,
    /// The address others reach it by, if it is not the one it listens on.
    #[arg(long, value_name = "URL", env = "CODIKA_EMULATOR_PUBLIC_URL")]
    public_url: Option<String>,
}

fn factor(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|error: ParseFloatError| error.to_string())?;
    if (0.0..=MAX_SPEED).contains(&factor) {
        Ok(factor)
    } else {
        Err(format!("it must be between 0 (at once) and {MAX_SPEED}"))
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            if let Some(remedy) = remedy(&error) {
                eprintln!("       {remedy}");
            }
            ExitCode::FAILURE
        }
    }
}

fn remedy(error: &anyhow::Error) -> Option<&'static str> {
    let start = error.downcast_ref::<StartError>().map(StartError::remedy);
    let record = || error.downcast_ref::<RecordError>().and_then(RecordError::remedy);
    let scenario = || error.is::<ScenarioFile>().then_some(SCENARIO_REMEDY);
    start.or_else(record).or_else(scenario)
}

async fn run() -> anyhow::Result<()> {
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
    let unwritable = || format!("cannot write {}", out.display());
    let existed = out.exists();
    // A recording takes minutes: a file that cannot be written is said before it begins.
    OpenOptions::new().append(true).create(true).open(&out).with_context(unwritable)?;
    let recording = Recording { base_url: &base_url, instance: &instance, key: &api_key, limit };
    let recorded = record(&recording).await.inspect_err(|_| {
        if !existed {
            let _ = fs::remove_file(&out);
        }
    })?;
    for gap in &recorded.gaps {
        tracing::warn!("{gap}");
    }
    let text = serde_json::to_string_pretty(&recorded.scenario)?;
    fs::write(&out, text + "\n").with_context(unwritable)?;
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

/// The file could be read and says something else than it should.
#[derive(Debug, thiserror::Error)]
#[error("{} is no scenario: {about}", path.display())]
struct ScenarioFile {
    path: PathBuf,
    about: String,
}

fn read_scenario(path: &Path) -> anyhow::Result<Scenario> {
    let text = fs::read(path).with_context(|| format!("cannot read the scenario {}", path.display()))?;
    let wrong = |about: String| ScenarioFile { path: path.to_owned(), about };
    // A list of all members in their order would do for serde.
    if !text.trim_ascii_start().starts_with(b"{") {
        return Err(wrong("it is not a JSON object".to_owned()).into());
    }
    Ok(serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?)
}
