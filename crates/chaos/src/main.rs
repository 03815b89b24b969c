//! Breaks the dashboard while programs submit runs, and then proves that nothing was lost, doubled or guessed.
//! What is compared and why: `docs/reliability.md`.

mod clients;
mod database;
mod facts;
mod listener;
mod people;
mod postgres;
mod reconcile;
mod relay;
mod resume;
mod rng;
mod server;
mod stack;
mod storm;
mod syscalls;
mod trail;
mod trouble;

use std::{
    io::{Write, stdout},
    process::ExitCode,
};

use clap::Parser;

/// Break the dashboard on purpose and compare what is left with what Codika received.
#[derive(Parser)]
#[command(name = "chaos")]
enum Command {
    /// Faults of every kind while programs submit runs
    Run(storm::Arguments),
    /// kill -9 at the N-th call of each system call that writes, sends or syncs
    Syscalls(syscalls::Arguments),
    /// kill -9 with many runs open, and the time until each end is found
    Resume(resume::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Command::parse();
    let work = async {
        match &command {
            Command::Run(arguments) => storm::run(arguments).await,
            Command::Syscalls(arguments) => syscalls::run(arguments).await,
            Command::Resume(arguments) => resume::run(arguments).await,
        }
    };
    let done = tokio::select! {
        done = work => done,
        // What was started is stopped when the work is dropped.
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("FAILED: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// One line on standard output; a reader that has gone away is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}
