//! `chaos syscalls`: the dashboard dies at the N-th call of one system call, again and again, while runs are
//! submitted, polled and finished. After each death the database is compared with the ledger, and the next
//! start takes up what was left.

mod every;

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, bail};
use tokio::time::{Instant, sleep};

use crate::{
    clients::Clients,
    facts::evidence,
    reconcile::violations,
    rng::Rng,
    say,
    stack::{Ground, Programs, Stack},
    storm::can_trace,
    trail,
};

/// What start-up, submit, poll and finish do to disk and network.
const CALLS: [&str; 16] = [
    "pwrite64",
    "fdatasync",
    "write",
    "sendto",
    "writev",
    "recvfrom",
    "pread64",
    "fsync",
    "connect",
    "openat",
    "fcntl",
    "accept4",
    "read",
    "ftruncate",
    "close",
    "unlink",
];
/// What a dashboard does to the network; its database is elsewhere.
const CALLS_POSTGRES: [&str; 8] = ["write", "sendto", "writev", "recvfrom", "connect", "accept4", "read", "close"];
/// A call that does not come for so long will not come at all. Polls come once a second.
const PATIENCE: Duration = Duration::from_millis(2500);
/// N is chosen at least up to here: a start alone makes fewer calls on SQLite, and many more on PostgreSQL.
const REACH: u64 = 8;
const REACH_POSTGRES: u64 = 80;
/// Deaths on one database before a fresh one is begun.
const BATCH: usize = 50;

/// Deaths before the database is complete, and the calls that make it.
const FIRST_STARTS: usize = 4;
const MIGRATING: [&str; 3] = ["pwrite64", "fsync", "fcntl"];
const MIGRATING_POSTGRES: [&str; 3] = ["sendto", "recvfrom", "write"];

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    programs: Programs,
    /// How often the dashboard dies in all.
    #[arg(long, default_value_t = 1000)]
    kills: usize,
    #[arg(long, env = "CHAOS_SEED", default_value_t = 1)]
    seed: u64,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// Only this system call.
    #[arg(long)]
    call: Option<String>,
    /// Every N instead of N by chance, until a whole workload was lived through.
    #[arg(long, conflicts_with = "kills")]
    every: bool,
}

#[derive(Debug, Default)]
struct Tally {
    /// Deaths at the call itself.
    struck: usize,
    /// The call did not come often enough; killed by hand.
    missed: usize,
    /// The same during a first start, where few calls are made.
    late: usize,
    /// The largest N that was reached.
    furthest: u64,
    /// N is chosen up to here: grows with each death at the call, shrinks where the call does not come.
    reach: u64,
}

impl Tally {
    fn note(&mut self, nth: u64, struck: bool) {
        if struck {
            self.struck += 1;
            self.furthest = self.furthest.max(nth);
            self.reach = self.reach.max(nth + nth / 3 + 2);
        } else {
            self.missed += 1;
            self.reach = (nth * 3 / 4).max(2);
        }
    }

    /// Never once struck, and given up.
    const fn hopeless(&self) -> bool {
        self.furthest == 0 && self.missed >= 6
    }
}

/// # Errors
/// When a program cannot be run, or an invariant is violated.
pub async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if !can_trace() {
        bail!("strace cannot trace here: it is not installed, or this container forbids it");
    }
    let calls: Vec<&str> = match &arguments.call {
        Some(call) => vec![call],
        None if arguments.postgres => CALLS_POSTGRES.to_vec(),
        None => CALLS.to_vec(),
    };
    if arguments.every {
        return every::run(&arguments.programs, arguments.postgres, &calls).await;
    }
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut rng = Rng::seeded(arguments.seed);
    let (mut died, mut batch, mut runs) = (0, 0, 0);
    while died < arguments.kills {
        batch += 1;
        let kills = BATCH.min(arguments.kills - died);
        let (deaths, stored) = one_batch(arguments, &calls, kills, rng.next(), &mut tallies).await?;
        (died, runs) = (died + deaths, runs + stored);
        say(&format!("batch {batch}: {died} deaths, {runs} runs so far, no violation"));
    }
    let mut struck = 0;
    say("call        deaths  by hand  furthest N");
    for (call, tally) in &tallies {
        struck += tally.struck;
        say(&format!("{call:10} {:7} {:8} {:11}", tally.struck, tally.missed + tally.late, tally.furthest));
    }
    say(&format!(
        "{died} deaths, {struck} of them at a system call, {runs} runs, no violation; again with CHAOS_SEED={}",
        arguments.seed
    ));
    Ok(())
}

/// A fresh database, `kills` deaths, and the comparison after each of them and at rest.
async fn one_batch<'a>(
    arguments: &Arguments,
    calls: &[&'a str],
    kills: usize,
    seed: u64,
    tallies: &mut BTreeMap<&'a str, Tally>,
) -> anyhow::Result<(usize, usize)> {
    let folder = tempfile::Builder::new().prefix("codika-chaos-").tempdir()?;
    let ground = if arguments.postgres { Ground::Postgres(1) } else { Ground::Sqlite(folder.path().join("data")) };
    let migrating = if arguments.postgres { MIGRATING_POSTGRES } else { MIGRATING };
    let mut stack = Stack::prepare(&arguments.programs, folder.path(), ground).await?;
    let mut rng = Rng::seeded(seed);
    let mut died = 0;
    // The first start makes the database: dying there must not keep the next one from finishing the work.
    for _ in 0..FIRST_STARTS {
        let (call, nth) = (*rng.pick(&migrating), rng.within(1, 90));
        if let Some(call) = calls.iter().find(|known| **known == call) {
            let struck = die_at(&mut stack, call, nth).await?;
            let tally = tallies.entry(call).or_default();
            tally.struck += usize::from(struck);
            tally.late += usize::from(!struck);
            died += 1;
        }
    }
    stack.populate(false).await.context("21: the database could not be finished")?;
    stack.kill_all().await?;
    let clients = Clients::of(&stack, seed);
    let end = Instant::now() + Duration::from_secs(24 * 3600);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..3 {
        tasks.spawn(clients.clone().submit(number, end, Duration::from_millis(60)));
    }
    tasks.spawn(clients.clone().listen(end));
    while died < kills {
        let hopeful: Vec<&str> =
            calls.iter().copied().filter(|call| tallies.get(call).is_none_or(|tally| !tally.hopeless())).collect();
        if hopeful.is_empty() {
            bail!("the dashboard makes none of these calls: {calls:?}");
        }
        let call = *rng.pick(&hopeful);
        let tally = tallies.entry(call).or_default();
        let least = if arguments.postgres && tally.missed == 0 { REACH_POSTGRES } else { REACH };
        let nth = rng.within(1, tally.reach.max(least));
        let struck = die_at(&mut stack, call, nth).await?;
        tally.note(nth, struck);
        died += 1;
        trail::verify(&mut stack).await?;
        let book = clients.copy_of_book();
        let found = violations(&evidence(&stack, book).await?, false);
        if let Some(first) = found.first() {
            let kept = folder.keep();
            bail!("{} violations after dying at {call} number {nth}: {first}; see {}", found.len(), kept.display());
        }
    }
    tasks.abort_all();
    while tasks.join_next().await.is_some() {}
    let found = at_rest(&mut stack, &clients).await?;
    match found {
        Ok(runs) => Ok((died, runs)),
        Err(violation) => {
            let kept = folder.keep();
            bail!("at rest: {violation}; see {}", kept.display())
        }
    }
}

/// Starts the dashboard so that it dies at its N-th call in one of its threads; `false` if it had to be killed.
async fn die_at(stack: &mut Stack, call: &str, nth: u64) -> anyhow::Result<bool> {
    let wrapper: Vec<String> = ["strace", "-f", "-q", "-o", "/dev/null", "-e"]
        .into_iter()
        .map(str::to_owned)
        .chain([format!("trace={call}"), "-e".to_owned(), format!("inject={call}:signal=KILL:when={nth}")])
        .collect();
    let server = stack.server_mut();
    server.spawn(&wrapper)?;
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if server.ended()? {
            server.kill().await?;
            return Ok(true);
        }
        sleep(Duration::from_millis(5)).await;
    }
    server.kill_traced().await?;
    Ok(false)
}

/// One undisturbed start; the number of runs, or the first violation.
async fn at_rest(stack: &mut Stack, clients: &Clients) -> anyhow::Result<Result<usize, String>> {
    stack.serve_all().await?;
    let deadline = Instant::now() + Duration::from_secs(40);
    while Instant::now() < deadline && clients.moving().await != Some(0) {
        sleep(Duration::from_millis(200)).await;
    }
    stack.terminate_all().await?;
    trail::verify(stack).await?;
    let evidence = evidence(stack, clients.copy_of_book()).await?;
    Ok(violations(&evidence, true).into_iter().next().map_or(Ok(evidence.runs.len()), Err))
}
