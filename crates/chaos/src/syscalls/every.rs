//! `chaos syscalls --every`: N = 1, 2, 3, … for each call, until the dashboard lives through a whole workload.
//!
//! strace counts the calls of each thread, and which thread makes a call is a matter of chance. So each death is also
//! placed among the calls of all threads, and what the walk has left out is tried again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

use crate::{
    clients::Clients,
    facts::evidence,
    reconcile::violations,
    say,
    server::signal,
    stack::{Ground, Programs, Stack},
    trail,
};

use super::at_rest;

/// What is submitted in each round, one after the other: two ends of a run.
const WORKLOAD: [&str; 2] = ["text-summary", "always-fails"];
/// Rounds lived through in a row that end a walk.
const LIVED: u64 = 3;
/// How often each place that was left out is tried again.
const AGAIN: usize = 6;
/// How long the workload may take, and what the round before has left.
const PATIENCE: Duration = Duration::from_secs(20);
const ASK_AGAIN: Duration = Duration::from_millis(150);
const LETTING_GO: Duration = Duration::from_secs(2);

/// How far it went with one call.
#[derive(Debug, Default)]
struct Walk {
    deaths: usize,
    /// The largest N at which it died.
    furthest: u64,
    /// How many calls all threads make in a workload: in the longest of those it lived through.
    calls: usize,
    /// The same of the busiest thread.
    busiest: usize,
    /// The numbers of the calls at which it died, counted over all threads.
    places: BTreeSet<usize>,
}

impl Walk {
    /// Calls of a workload at which it did not die.
    fn left(&self) -> Vec<usize> {
        (1..=self.calls).filter(|place| !self.places.contains(place)).collect()
    }
}

/// # Errors
/// When a program cannot be run, or an invariant is violated.
pub async fn run(programs: &Programs, postgres: bool, calls: &[&str]) -> anyhow::Result<()> {
    let mut walks: Vec<(&str, Walk)> = Vec::new();
    let mut runs = 0;
    for call in calls {
        let folder = tempfile::Builder::new().prefix("codika-chaos-").tempdir()?;
        let ground = if postgres { Ground::Postgres(1) } else { Ground::Sqlite(folder.path().join("data")) };
        let mut stack = Stack::prepare(programs, folder.path(), ground).await?;
        stack.populate(false).await?;
        let clients = Clients::of(&stack, 0);
        let walked = walk(&mut stack, &clients, call).await;
        let rested = match walked {
            Ok(walk) => at_rest(&mut stack, &clients).await.map(|rested| rested.map(|stored| (walk, stored))),
            Err(error) => Err(error),
        };
        match rested.and_then(|rested| rested.map_err(anyhow::Error::msg)) {
            Ok((walk, stored)) => {
                say(&line(call, &walk));
                runs += stored;
                walks.push((call, walk));
            }
            Err(error) => {
                drop(stack);
                let kept = folder.keep();
                return Err(error.context(format!("{call}; logs and database are in {}", kept.display())));
            }
        }
    }
    say(HEAD);
    for (call, walk) in &walks {
        say(&line(call, walk));
    }
    let deaths: usize = walks.iter().map(|(_, walk)| walk.deaths).sum();
    say(&format!("{deaths} deaths, {runs} runs, no violation"));
    Ok(())
}

const HEAD: &str = "call         deaths  N up to   calls  of one thread  not died at";

fn line(call: &str, walk: &Walk) -> String {
    let Walk { deaths, furthest, calls, busiest, .. } = walk;
    format!("{call:10} {deaths:8} {furthest:8} {calls:7} {busiest:14} {:12}", walk.left().len())
}

/// Dies at the first, the second, … call until [`LIVED`] workloads in a row were lived through, and then tries again
/// what was left out.
async fn walk(stack: &mut Stack, clients: &Clients, call: &str) -> anyhow::Result<Walk> {
    let mut walk = Walk::default();
    let (mut rounds, mut lived) = (0, 0);
    while lived < LIVED {
        rounds += 1;
        lived = if once(stack, clients, call, (rounds, rounds), &mut walk).await? { 0 } else { lived + 1 };
    }
    for _ in 0..AGAIN {
        for place in walk.left() {
            rounds += 1;
            // The threads share the calls in about the same way each time.
            let nth = (u64::try_from(place)? * walk.furthest).div_ceil(u64::try_from(walk.calls)?);
            if nth > 0 {
                once(stack, clients, call, (rounds, nth), &mut walk).await?;
            }
        }
    }
    Ok(walk)
}

/// One round, by its number and N, and the comparison after it. `true`: the dashboard died at the call.
async fn once(
    stack: &mut Stack,
    clients: &Clients,
    call: &str,
    (number, nth): (u64, u64),
    walk: &mut Walk,
) -> anyhow::Result<bool> {
    let file = stack.work.join("strace.log");
    let died = round(stack, clients, call, (number, nth), &file).await.with_context(|| format!("number {nth}"))?;
    stack.server_mut().kill().await?;
    let trace = fs::read_to_string(file)?;
    let threads = by_thread(&trace);
    let calls = threads.values().sum();
    if died {
        walk.deaths += 1;
        walk.furthest = walk.furthest.max(nth);
        walk.places.insert(calls);
    } else {
        walk.calls = walk.calls.max(calls);
        walk.busiest = walk.busiest.max(threads.into_values().max().unwrap_or(0));
    }
    trail::verify(stack).await?;
    let found = violations(&evidence(stack, clients.copy_of_book()).await?, false);
    if let Some(first) = found.first() {
        bail!("{} violations after number {nth}: {first}", found.len());
    }
    Ok(died)
}

/// A start that takes up what was left, and then the workload. `true`: the dashboard died at the call.
async fn round(
    stack: &mut Stack,
    clients: &Clients,
    call: &str,
    (round, nth): (u64, u64),
    trace: &Path,
) -> anyhow::Result<bool> {
    stack.serve_all().await?;
    timeout(PATIENCE, rest(clients)).await.context("11: what the last death left does not come to rest")?;
    let pid = stack.server().pid().context("the dashboard ended while it was at rest")?;
    let mut strace = attach(pid, call, nth, trace).await?;
    let work = async {
        for (number, workflow) in (0..).zip(WORKLOAD) {
            clients.submit_one(&format!("{call}-{round}-{number}"), workflow).await;
        }
        rest(clients).await;
    };
    let (rested, gone) = tokio::select! {
        done = timeout(PATIENCE, work) => (done.is_ok(), false),
        // It ends with the dashboard.
        ended = strace.wait() => (false, ended.is_ok()),
    };
    if !gone {
        let_go(&mut strace).await?;
    }
    let died = stack.server_mut().ended()?;
    match (died, gone, rested) {
        (false, true, _) => bail!("strace ended before the dashboard"),
        (false, false, false) => bail!("13: the workload does not come to rest"),
        _ => Ok(died),
    }
}

/// Of a dashboard that dies at this very moment strace does not let go by itself.
async fn let_go(strace: &mut Child) -> anyhow::Result<()> {
    if let Some(tracer) = strace.id() {
        signal("TERM", tracer).await?;
        if timeout(LETTING_GO, strace.wait()).await.is_err() {
            strace.kill().await?;
        }
    }
    Ok(())
}

async fn rest(clients: &Clients) {
    while clients.moving().await != Some(0) {
        sleep(ASK_AGAIN).await;
    }
}

/// Returns once every thread is traced: from there on the calls of each are counted.
async fn attach(pid: u32, call: &str, nth: u64, trace: &Path) -> anyhow::Result<Child> {
    let mut strace = Command::new("strace")
        .args(["-f", "-q", "-p", &pid.to_string(), "-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=KILL:when={nth}"), "-o"])
        .arg(trace)
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let deadline = Instant::now() + PATIENCE;
    // It may be over at once.
    while !traced(pid) && strace.try_wait()?.is_none() {
        if Instant::now() > deadline {
            bail!("strace does not attach");
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(strace)
}

/// Whether all of its threads have a tracer.
fn traced(pid: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return false };
    threads.flatten().all(|thread| {
        fs::read_to_string(thread.path().join("status")).is_ok_and(|status| !status.contains("TracerPid:\t0\n"))
    })
}

/// How many calls each thread began, in the words of `strace -f -o`: each line begins with the thread.
fn by_thread(trace: &str) -> BTreeMap<&str, usize> {
    let mut threads = BTreeMap::new();
    for line in trace.lines() {
        if let Some((thread, rest)) = line.split_once(' ')
            && rest.trim_start().starts_with(|c: char| c.is_ascii_lowercase())
        {
            *threads.entry(thread).or_default() += 1;
        }
    }
    threads
}

#[cfg(test)]
mod tests {
    use super::by_thread;

    #[test]
    fn calls_are_counted_once_and_by_thread() {
        let trace = "11 fsync(3) = 0\n12 fsync(4 <unfinished ...>\n12 <... fsync resumed>) = 0\n\
                     11 fsync(3) = 0\n11 +++ exited with 0 +++\n12 --- SIGTERM {si_signo=SIGTERM} ---\n";
        assert_eq!(by_thread(trace), [("11", 2), ("12", 1)].into());
    }
}
