//! `chaos run`: clients submit while things go wrong, then everything is compared.

mod lies;

use std::{
    collections::BTreeMap,
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, bail};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    clients::Clients,
    facts::{evidence, ledger},
    people::Decided,
    reconcile::{Evidence, violations},
    say,
    server::fake_clock_library,
    stack::{Ground, PEOPLE, Programs, Stack},
    trail,
    trouble::{Means, Trouble, schedule},
};

/// Longer than the dashboard watches a run, and the calls that are still under way.
const REST: Duration = Duration::from_secs(60);
/// The same without a restart: longer by the time after which a dashboard looks for runs that nobody looks after.
const UNDISTURBED: Duration = Duration::from_secs(130);
const SMALL_DISK: &str = "size=48m";

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    programs: Programs,
    /// Decides the schedule of faults and what the clients submit; a random one if absent.
    #[arg(long, env = "CHAOS_SEED")]
    seed: Option<u64>,
    /// How long things go wrong, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Several dashboards on one PostgreSQL instead of one on SQLite.
    #[arg(long)]
    postgres: bool,
    /// How many dashboards are on PostgreSQL.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=9), requires = "postgres")]
    replicas: u8,
    /// PostgreSQL is away for so many seconds once, beside what the seed says.
    #[arg(long, requires = "postgres")]
    away: Option<u64>,
    /// Programs that submit at the same time.
    #[arg(long, default_value_t = 6)]
    clients: u64,
}

/// # Errors
/// When a program cannot be run, or an invariant is violated.
pub async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let seed = arguments.seed.unwrap_or_else(|| u64::from(std::process::id()) ^ clock_seed());
    let length = Duration::from_secs(arguments.seconds);
    let folder = tempfile::Builder::new().prefix("codika-chaos-").tempdir()?;
    let disk = if arguments.postgres { None } else { SmallDisk::mount(folder.path()) };
    let replicas = if arguments.postgres { usize::from(arguments.replicas) } else { 0 };
    let faked_clock = fake_clock_library().is_some();
    let away = arguments.away.map(Duration::from_secs);
    let means = Means { small_disk: disk.is_some(), strace: can_trace(), faked_clock, replicas, away };
    say(&format!("seed {seed}, {} s, {means:?}", arguments.seconds));
    let ground = match &disk {
        _ if arguments.postgres => Ground::Postgres(replicas),
        Some(disk) => Ground::Sqlite(disk.0.clone()),
        None => Ground::Sqlite(folder.path().join("data")),
    };
    let mut stack = Stack::prepare(&arguments.programs, folder.path(), ground).await?;
    stack.populate(means.faked_clock).await?;
    let clients = Clients::of(&stack, seed);
    let told = weather(&mut stack, &clients, seed, length, means, arguments.clients).await;
    let (evidence, found) = match told {
        Ok(told) => told,
        Err(error) => {
            let kept = keep(stack, folder, disk.as_ref());
            return Err(error.context(format!("CHAOS_SEED={seed}; logs and database are in {}", kept.display())));
        }
    };
    if found.is_empty() {
        seen_replicas(&stack, &evidence)?;
        let lies = lies::found(&evidence)? + trail::lies_found(&stack).await?;
        say(&format!(
            "no violation, and {lies} of {lies} lies put in afterwards are found; again with CHAOS_SEED={seed}"
        ));
        return Ok(());
    }
    for violation in &found {
        say(&format!("VIOLATION {violation}"));
    }
    let kept = keep(stack, folder, disk.as_ref());
    bail!("{} violations with CHAOS_SEED={seed}; logs and database are in {}", found.len(), kept.display());
}

/// The storm, and everything that is compared after it: the evidence and the violations.
async fn weather(
    stack: &mut Stack,
    clients: &Clients,
    seed: u64,
    length: Duration,
    means: Means,
    number: u64,
) -> anyhow::Result<(Evidence, Vec<String>)> {
    let (counts, deaths) = storm(stack, clients, seed, length, means, number).await?;
    stack.http.delete(format!("{}/_emulator/faults", stack.upstream)).send().await?;
    stack.serve_all().await?;
    // A restart reads all open runs: it would hide that one was lost.
    let undisturbed = rest(clients, UNDISTURBED).await;
    let restless = clients.moving().await != Some(0);
    stack.kill_all().await?;
    stack.serve_all().await?;
    let restarted = rest(clients, REST).await;
    let evidence = collect(stack, clients).await?;
    summary(stack, &evidence, &counts, (undisturbed, restarted));
    let mut found = violations(&evidence, true);
    found.extend(restless.then(|| "13: not all runs came to rest before the last restart".to_owned()));
    found.extend(deaths);
    if evidence.book.events == 0 {
        found.push("15: the stream told of no event".to_owned());
    }
    found.extend(restored(stack, clients, &evidence).await?);
    Ok((evidence, found))
}

/// Without a take-over and without a question to Codika there was nothing to compare about replicas.
fn seen_replicas(stack: &Stack, evidence: &Evidence) -> anyhow::Result<()> {
    let taken = evidence.writes.iter().any(|write| write.held != write.holds);
    if stack.database.postgres().is_some() && (!taken || evidence.polls.is_empty()) {
        bail!("no run was taken over, or none was asked about: there is nothing to compare");
    }
    Ok(())
}

/// Ends everything and leaves logs and database behind.
fn keep(stack: Stack, folder: TempDir, disk: Option<&SmallDisk>) -> PathBuf {
    drop(stack);
    let kept = folder.keep();
    if let Some(disk) = disk {
        disk.save(&kept.join("data"));
    }
    kept
}

type Counts = BTreeMap<&'static str, usize>;

/// Returns how often each kind of trouble was made, and unexpected deaths of the dashboard as violations.
async fn storm(
    stack: &mut Stack,
    clients: &Clients,
    seed: u64,
    length: Duration,
    means: Means,
    number: u64,
) -> anyhow::Result<(Counts, Vec<String>)> {
    let mut log = File::create(stack.work.join("schedule.log"))?;
    let started = Instant::now();
    let until = started + length;
    let mut tasks = tokio::task::JoinSet::new();
    for one in 0..number {
        tasks.spawn(clients.clone().submit(one, until, Duration::from_millis(120)));
    }
    tasks.spawn(clients.clone().observe(until));
    let decided = Decided::default();
    for _ in PEOPLE {
        tasks.spawn(clients.clone().decide(decided.clone(), until));
    }
    for _ in &stack.servers {
        tasks.spawn(clients.clone().listen(until));
    }
    let mut counts = Counts::new();
    let mut deaths = Vec::new();
    let (mut bad_disk, mut backed_up) = (false, false);
    for (pause, trouble) in schedule(seed, length, means) {
        sleep(pause).await;
        if Instant::now() > until {
            break;
        }
        for server in &mut stack.servers {
            // Refusing to go on without a disk is allowed; dying for any other reason is not.
            if server.ended()? && !bad_disk {
                deaths.push(format!("1: {} died by itself before “{trouble}”", server.process()));
            }
        }
        stack.serve_all().await?;
        if !backed_up && started.elapsed() > length / 2 {
            stack.back_up().await.context("20: no backup under load")?;
            backed_up = true;
        }
        writeln!(log, "{:8.3} s  {trouble}", started.elapsed().as_secs_f64())?;
        *counts.entry(trouble.kind()).or_default() += 1;
        trouble.make(stack).await.with_context(|| format!("during “{trouble}”"))?;
        bad_disk = matches!(trouble, Trouble::DiskFull(_) | Trouble::BadCall(..));
    }
    if !backed_up {
        stack.back_up().await.context("20: no backup under load")?;
    }
    let last = until + Duration::from_secs(10);
    while !tasks.is_empty() && Instant::now() < last {
        let _ = timeout(Duration::from_secs(1), tasks.join_next()).await;
    }
    tasks.abort_all();
    Ok((counts, deaths))
}

/// A copy from the middle of the storm is started: it must come to rest and send nothing.
async fn restored(stack: &mut Stack, clients: &Clients, evidence: &Evidence) -> anyhow::Result<Option<String>> {
    stack.serve_backup().await.context("20: the backup cannot be started")?;
    let started = Instant::now();
    while clients.moving().await != Some(0) {
        if started.elapsed() > REST {
            return Ok(Some("20: runs of the backup do not come to rest".to_owned()));
        }
        sleep(Duration::from_millis(250)).await;
    }
    stack.terminate_all().await?;
    let sent = ledger(stack).await?.len().saturating_sub(evidence.triggers.len());
    say(&format!("backup     taken halfway, at rest {:.1} s after its start", started.elapsed().as_secs_f64()));
    Ok((sent > 0).then(|| format!("20: the backup sent {sent} runs")))
}

/// Waits until no run moves, at most `patience`; the time that took.
async fn rest(clients: &Clients, patience: Duration) -> Duration {
    let started = Instant::now();
    while started.elapsed() < patience && clients.moving().await != Some(0) {
        sleep(Duration::from_millis(250)).await;
    }
    started.elapsed()
}

async fn collect(stack: &mut Stack, clients: &Clients) -> anyhow::Result<Evidence> {
    stack.terminate_all().await?;
    trail::verify(stack).await?;
    evidence(stack, clients.copy_of_book()).await
}

fn summary(stack: &Stack, evidence: &Evidence, counts: &Counts, rested: (Duration, Duration)) {
    let mut statuses: BTreeMap<&str, usize> = BTreeMap::new();
    for run in &evidence.runs {
        *statuses.entry(&run.status).or_default() += 1;
    }
    let joined = |counts: &BTreeMap<&str, usize>| {
        counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
    };
    say(&format!("faults     {}", joined(counts)));
    say(&format!(
        "offered    {}, acknowledged {}, stored {}",
        evidence.book.offered.len(),
        evidence.book.acknowledged.len(),
        evidence.runs.len()
    ));
    say(&format!("runs       {}", joined(&statuses)));
    let mut acts: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in evidence.acts() {
        *acts.entry(kind).or_default() += 1;
    }
    say(&format!("acts       {}", joined(&acts)));
    let executions = evidence.triggers.iter().filter(|trigger| trigger.execution_id.is_some()).count();
    say(&format!("ledger     {} triggers, {executions} executions", evidence.triggers.len()));
    say(&format!("stream     {} events of {} runs", evidence.book.events, evidence.book.streamed.len()));
    if stack.database.postgres().is_some() {
        let taken = evidence.writes.iter().filter(|write| write.held != write.holds).count();
        let writes = evidence.writes.len();
        say(&format!("replicas   {writes} writes about runs, {taken} times one was taken over"));
        say(&format!("polls      {}", evidence.polls.len()));
    }
    say(&format!("audit      verified {} times", stack.trail.verified));
    let (undisturbed, restarted) = (rested.0.as_secs_f64(), rested.1.as_secs_f64());
    say(&format!("at rest    {undisturbed:.1} s after the last trouble, {restarted:.1} s after one more restart"));
}

/// A file system of its own that can be filled up; needs root.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(work: &Path) -> Option<Self> {
        let path = work.join("small-disk");
        std::fs::create_dir(&path).ok()?;
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", SMALL_DISK, "tmpfs"]).arg(&path).output();
        mounted.is_ok_and(|done| done.status.success()).then_some(Self(path))
    }

    /// Copies what it holds, for whoever looks into a violation.
    fn save(&self, to: &Path) {
        let _ = Command::new("cp").arg("-r").arg(&self.0).arg(to).status();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Containers often forbid it.
pub fn can_trace() -> bool {
    let tried = Command::new("strace").args(["-f", "-q", "-o", "/dev/null", "true"]).output();
    tried.is_ok_and(|done| done.status.success())
}

fn clock_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(0)
}
