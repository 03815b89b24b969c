//! Puts load on the release programs and prints a table; `make load`. A tool, not part of the product.

mod generate;
mod passthrough;
mod pending;
mod stack;
mod streams;
mod submit;
mod table;

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use clap::{Parser, Subcommand};

use stack::Stack;
use table::Table;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Where `codika-dashboard` and `codika-emulator` are
    #[arg(long, default_value = "target/release")]
    programs: PathBuf,
    /// How long each submit measurement lasts, in seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    #[arg(long, default_value_t = 32)]
    connections: usize,
    #[arg(long, default_value_t = 100_000)]
    pending: usize,
    #[arg(long, default_value_t = 1_000)]
    streams: usize,
}

#[derive(Subcommand)]
enum Command {
    /// The baseline: hands each request on to the upstream and its answer back, and keeps nothing
    #[command(hide = true)]
    Passthrough { listen: SocketAddr, trigger_url: String, key: String },
    /// Fills a database (sqlite:… or postgres:…) that has an account with runs that ended within the last year
    Generate {
        database: String,
        #[arg(long, default_value_t = 1_000_000)]
        runs: u64,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    // Fails only when it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Some(Command::Passthrough { listen, trigger_url, key }) => {
            return passthrough::serve(listen, trigger_url, key).await;
        }
        Some(Command::Generate { database, runs }) => return generate::fill(&database, runs).await,
        None => {}
    }
    let programs = cli.programs.canonicalize().with_context(|| format!("no folder {}", cli.programs.display()))?;
    let lasting = Duration::from_secs(cli.seconds);
    let mut table = Table::default();

    let stack = Stack::start(&programs).await?;
    let bare = submit::through_passthrough(&stack, cli.connections, lasting).await?;
    table.row(format!("pass-through, {} connections", cli.connections), bare.to_string());
    let ours = submit::through_dashboard(&stack, cli.connections, lasting).await?;
    table.row(format!("submit over REST, {} connections", cli.connections), ours.to_string());
    table
        .row("the dashboard's share of the pass-through's rate", format!("{:.0} %", 100.0 * ours.rate() / bare.rate()));
    stack.stop().await?;

    let stack = Stack::start(&programs).await?;
    let lag = streams::lag(&stack, cli.streams).await?;
    table.row(format!("event stored → at the reader, {} streams", cli.streams), lag.to_string());
    stack.stop().await?;

    let mut stack = Stack::start(&programs).await?;
    for (what, value) in pending::measure(&mut stack, cli.pending).await? {
        table.row(what, value);
    }
    stack.stop().await?;

    table.print()
}
