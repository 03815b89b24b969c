//! `chaos resume`: many runs are under way, the dashboard is killed, all of them end meanwhile, and the next
//! start has to find every end within seconds.

use std::{sync::Arc, time::Duration};

use anyhow::bail;
use serde_json::{Value, json};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    clients::Clients,
    facts::evidence,
    reconcile::violations,
    say,
    stack::{Ground, Programs, Stack},
};

const PARALLEL: usize = 16;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    programs: Programs,
    /// How many runs are open when the dashboard dies.
    #[arg(long, default_value_t = 1000)]
    runs: u64,
    /// Seconds from the start of the process until no run moves any more.
    #[arg(long, default_value_t = 10)]
    within: u64,
}

/// # Errors
/// When a program cannot be run, a run is lost, or it takes too long.
pub async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("codika-chaos-").tempdir()?;
    let ground = Ground::Sqlite(folder.path().join("data"));
    let mut stack = Stack::prepare(&arguments.programs, folder.path(), ground).await?;
    // They are away longer than the usual limit allows.
    stack.server_mut().set("DASHBOARD_LIMIT_WATCH_SECONDS", "900");
    // What is measured is the dashboard, not its manners.
    stack.server_mut().set("DASHBOARD_LIMIT_POLLS_PER_SECOND", "500");
    stack.populate(false).await?;
    // Nothing may end before all are open.
    switch(&stack, &json!({ "speed": 20.0 })).await?;
    let clients = Clients::of(&stack, 0);
    let gate = Arc::new(Semaphore::new(PARALLEL));
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for count in 0..arguments.runs {
        let (clients, gate) = (clients.clone(), Arc::clone(&gate));
        tasks.spawn(async move {
            let _permit = gate.acquire_owned().await;
            clients.submit_one(&count.to_string(), "text-summary").await;
        });
    }
    while tasks.join_next().await.is_some() {}
    say(&format!("{} runs submitted in {:.1} s", arguments.runs, started.elapsed().as_secs_f64()));
    // A run whose answer is not stored yet would rightly be unconfirmed.
    while open_executions(&stack).await? < arguments.runs || clients.count("submitting").await != Some(0) {
        sleep(Duration::from_millis(100)).await;
    }
    stack.kill_all().await?;
    say(&format!("killed with {} executions open", open_executions(&stack).await?));
    let ended = end_all(&stack).await?;
    say(&format!("{ended} executions ended while the dashboard was away"));

    let started = Instant::now();
    stack.serve_all().await?;
    let ready = started.elapsed();
    while clients.moving().await != Some(0) {
        if started.elapsed() > Duration::from_secs(300) {
            bail!("11: after 300 s runs are still open");
        }
        sleep(Duration::from_millis(50)).await;
    }
    let rested = started.elapsed();
    stack.terminate_all().await?;
    let evidence = evidence(&stack, clients.copy_of_book()).await?;
    let found = violations(&evidence, true);
    let successes = evidence.runs.iter().filter(|run| run.status == "success").count();
    say(&format!(
        "ready after {:.2} s, all {} at rest after {:.2} s, {successes} successful, {} violations",
        ready.as_secs_f64(),
        evidence.runs.len(),
        rested.as_secs_f64(),
        found.len()
    ));
    if let Some(first) = found.first() {
        bail!("{first}");
    }
    if u64::try_from(successes).ok() != Some(arguments.runs) {
        bail!("11: {successes} of {} runs are successful", arguments.runs);
    }
    if rested > Duration::from_secs(arguments.within) {
        bail!("11: it took longer than {} s", arguments.within);
    }
    Ok(())
}

async fn switch(stack: &Stack, change: &Value) -> anyhow::Result<()> {
    let url = format!("{}/_emulator/switches", stack.upstream);
    stack.http.post(url).json(change).send().await?.error_for_status()?;
    Ok(())
}

async fn executions(stack: &Stack) -> anyhow::Result<Vec<Value>> {
    let url = format!("{}/_emulator/executions?limit=1000", stack.upstream);
    let mut list: Value = stack.http.get(url).send().await?.json().await?;
    Ok(list["executions"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

async fn open_executions(stack: &Stack) -> anyhow::Result<u64> {
    let open = executions(stack).await?.iter().filter(|one| one["status"] == "pending").count();
    Ok(u64::try_from(open)?)
}

/// Reports a result for every open execution, as its workflow would.
async fn end_all(stack: &Stack) -> anyhow::Result<usize> {
    let mut ended = 0;
    for one in executions(stack).await?.iter().filter(|one| one["status"] == "pending") {
        let result = json!({
            "executionId": one["execution_id"], "executionSecret": one["execution_secret"],
            "resultData": { "of": one["execution_id"] },
        });
        let url = format!("{}/submitworkflowresult", stack.upstream);
        stack.http.post(url).json(&result).send().await?.error_for_status()?;
        ended += 1;
    }
    Ok(ended)
}
