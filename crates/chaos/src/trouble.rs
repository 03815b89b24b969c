//! What goes wrong, and when: a schedule that follows from the seed alone.

use std::{
    fmt::{self, Display, Formatter},
    fs::{self, File},
    io::Write,
    path::Path,
    process::Stdio,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{process::Command, time::sleep};

use crate::{database::Database, rng::Rng, server::signal, stack::Stack, trail};

/// Which kinds of trouble can be made here.
#[derive(Debug, Clone, Copy, Default)]
pub struct Means {
    /// The data folder has a size limit that can be reached.
    pub small_disk: bool,
    pub strace: bool,
    pub faked_clock: bool,
    /// So many dashboards on one PostgreSQL; 0: one on SQLite.
    pub replicas: usize,
    /// How long PostgreSQL is away once.
    pub away: Option<Duration>,
}

/// One thing that goes wrong. Dashboards by their number.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// `kill -9`, and a restart.
    Kill(usize),
    /// `kill -9` for every dashboard, and a restart.
    KillAll,
    /// SIGTERM, and a restart.
    Terminate(usize),
    /// SIGSTOP, and SIGCONT after so long.
    Pause(usize, Duration),
    /// A fault of the emulator, for so long.
    Upstream(&'static str, Value, Duration),
    /// No space is left, for so long.
    DiskFull(Duration),
    /// Every third call of this name fails with this error, for so long.
    BadCall(usize, &'static str, &'static str, Duration),
    /// The clock jumps to so many seconds from the true time.
    Clock(usize, i64),
    /// PostgreSQL is stopped in this mode and comes back after so long; a dashboard dies meanwhile.
    DatabaseAway(&'static str, Duration, Option<usize>),
    /// The first dashboard cannot reach PostgreSQL for so long; then what waited on both sides arrives.
    CutOff(Duration),
    /// SIGTERM for the first dashboard while it cannot reach PostgreSQL.
    TerminateCutOff,
    /// PostgreSQL stands still for so long.
    DatabaseHangs(Duration),
    /// `kill -9` for one of PostgreSQL's processes.
    DatabaseKill(u64),
}

impl Display for Trouble {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(number) => write!(f, "kill -9 of {number}"),
            Self::KillAll => f.write_str("kill -9 of all"),
            Self::Terminate(number) => write!(f, "SIGTERM for {number}"),
            Self::Pause(number, time) => write!(f, "SIGSTOP of {number} for {time:?}"),
            Self::Upstream(endpoint, effect, time) => write!(f, "Codika, {endpoint}: {effect} for {time:?}"),
            Self::DiskFull(time) => write!(f, "disk full for {time:?}"),
            Self::BadCall(number, call, error, time) => {
                write!(f, "{call} of {number} fails with {error} for {time:?}")
            }
            Self::Clock(number, seconds) => write!(f, "clock of {number} {seconds:+} s"),
            Self::DatabaseAway(mode, time, None) => write!(f, "PostgreSQL stopped ({mode}) for {time:?}"),
            Self::DatabaseAway(mode, time, Some(number)) => {
                write!(f, "PostgreSQL stopped ({mode}) for {time:?}, and kill -9 of {number}")
            }
            Self::CutOff(time) => write!(f, "0 is cut off from PostgreSQL for {time:?}"),
            Self::TerminateCutOff => f.write_str("SIGTERM for 0, cut off from PostgreSQL"),
            Self::DatabaseHangs(time) => write!(f, "PostgreSQL hangs for {time:?}"),
            Self::DatabaseKill(_) => f.write_str("kill -9 of a PostgreSQL process"),
        }
    }
}

impl Trouble {
    /// Its kind, for the counts.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Kill(_) => "kill -9",
            Self::KillAll => "kill -9 of all",
            Self::Terminate(_) => "SIGTERM",
            Self::Pause(..) => "SIGSTOP",
            Self::Upstream(..) => "Codika",
            Self::DiskFull(_) => "disk full",
            Self::BadCall(..) => "I/O error",
            Self::Clock(..) => "clock jump",
            Self::DatabaseAway(..) => "database away",
            Self::CutOff(_) | Self::TerminateCutOff => "cut off",
            Self::DatabaseHangs(_) => "database hung",
            Self::DatabaseKill(_) => "database crash",
        }
    }

    /// How long it lasts at least.
    const fn time(&self) -> Duration {
        match self {
            Self::Pause(_, time)
            | Self::Upstream(_, _, time)
            | Self::DiskFull(time)
            | Self::BadCall(_, _, _, time)
            | Self::DatabaseAway(_, time, _)
            | Self::CutOff(time)
            | Self::DatabaseHangs(time) => *time,
            _ => Duration::from_millis(700),
        }
    }
}

/// Trouble for `length`, each with the pause before it.
#[must_use]
pub fn schedule(seed: u64, length: Duration, means: Means) -> Vec<(Duration, Trouble)> {
    let mut rng = Rng::seeded(seed);
    let mut schedule = if means.replicas > 0 { opening(&mut rng, means) } else { Vec::new() };
    let mut spent: Duration = schedule.iter().map(|(pause, trouble)| *pause + trouble.time()).sum();
    while spent < length {
        let pause = Duration::from_millis(rng.within(50, 700));
        let trouble =
            if means.replicas > 0 { on_postgres(&mut rng, length, means) } else { on_sqlite(&mut rng, means) };
        spent += pause + trouble.time();
        schedule.push((pause, trouble));
    }
    schedule
}

fn on_sqlite(rng: &mut Rng, means: Means) -> Trouble {
    let time = Duration::from_millis(rng.within(200, 1800));
    match rng.within(0, 20) {
        0..6 => Trouble::Kill(0),
        6 => Trouble::Terminate(0),
        7 | 8 => Trouble::Pause(0, time),
        9 if means.small_disk => Trouble::DiskFull(time),
        10 if means.strace => {
            let call = *rng.pick(&["fsync", "pwrite64", "pread64", "openat", "fsync"]);
            let error = *rng.pick(&["EIO", "ENOSPC"]);
            Trouble::BadCall(0, call, error, time)
        }
        11 if means.faked_clock => Trouble::Clock(0, clock(rng)),
        _ => upstream(rng, time),
    }
}

/// What even the shortest storm on PostgreSQL has: a replica that is replaced although it lives, and a crash of
/// the database.
fn opening(rng: &mut Rng, means: Means) -> Vec<(Duration, Trouble)> {
    let first = replaced(rng, means);
    let second = Trouble::DatabaseAway("immediate", Duration::from_millis(rng.within(0, 1500)), None);
    let mut opening = vec![(Duration::from_secs(1), first), (Duration::from_millis(500), second)];
    let third = means.away.map(|away| (Duration::from_secs(2), Trouble::DatabaseAway("fast", away, None)));
    opening.extend(third);
    opening
}

fn on_postgres(rng: &mut Rng, length: Duration, means: Means) -> Trouble {
    let time = Duration::from_millis(rng.within(200, 1800));
    // The database is away for a minute at most, and for a small part of the whole.
    let longest = u64::try_from((length / 6).as_millis()).unwrap_or(u64::MAX).clamp(1_000, 60_000);
    let away = Duration::from_millis(rng.within(0, longest));
    let mode = *rng.pick(&["immediate", "fast"]);
    let number = replica(rng, means);
    match rng.within(0, 26) {
        0..7 => Trouble::Kill(number),
        7 => Trouble::KillAll,
        8 | 9 => Trouble::Terminate(number),
        10 => Trouble::Pause(number, time),
        11 if length > Duration::from_secs(60) => replaced(rng, means),
        20 => Trouble::CutOff(time),
        21 => Trouble::TerminateCutOff,
        12 | 13 => Trouble::DatabaseAway(mode, Duration::ZERO, None),
        14 => Trouble::DatabaseAway(mode, away, None),
        15 => Trouble::DatabaseAway(mode, away, Some(number)),
        16 => Trouble::DatabaseHangs(away.min(Duration::from_secs(9))),
        17 => Trouble::DatabaseKill(rng.next()),
        18 if means.faked_clock => Trouble::Clock(number, clock(rng)),
        19 if means.strace => {
            let call = *rng.pick(&["recvfrom", "sendto", "write", "writev", "connect"]);
            let error = *rng.pick(&["ECONNRESET", "ETIMEDOUT"]);
            Trouble::BadCall(number, call, error, time)
        }
        _ => upstream(rng, time),
    }
}

fn replica(rng: &mut Rng, means: Means) -> usize {
    usize::try_from(rng.next() % means.replicas.max(1) as u64).unwrap_or(0)
}

/// Another replica takes over at most 7.5 s after the last renewal.
fn replaced(rng: &mut Rng, means: Means) -> Trouble {
    let time = Duration::from_millis(rng.within(7_800, 9_500));
    if rng.one_in(2) { Trouble::CutOff(time) } else { Trouble::Pause(replica(rng, means), time) }
}

fn clock(rng: &mut Rng) -> i64 {
    *rng.pick(&[0, 3600, -3600, 86_400, -7])
}

/// Any fault but `duplicate_id`: two runs that are told one id at the same moment cannot be told apart.
fn upstream(rng: &mut Rng, time: Duration) -> Trouble {
    let endpoint = *rng.pick(&["trigger", "trigger", "status"]);
    let mut effect = match rng.within(0, 18) {
        0 => json!({ "drop_reply": true }),
        1 => json!({ "reset": "before_body" }),
        2 => json!({ "reset": "before_headers" }),
        3 => json!({ "reset": "after_headers" }),
        4 => json!({ "reset": "mid_body" }),
        5 => json!({ "hang": true }),
        6 => json!({ "drip": 20 }),
        7 => json!({ "truncate": rng.within(0, 60) }),
        8 => json!({ "status": rng.pick(&[500, 502, 503, 504]) }),
        9 => json!({ "status": rng.pick(&[408, 425]), "body": { "success": false, "error": "later" } }),
        10 => {
            json!({ "status": rng.pick(&[400, 401, 403, 404, 412, 429]), "body": { "success": false, "error": "no" } })
        }
        11 => json!({ "status": 429, "headers": { "Retry-After": "1" } }),
        12 => json!({ "body": "<h1>200 OK</h1>", "content_type": "text/html" }),
        13 => json!({ "body": { "success": true } }),
        14 => json!({ "redirect": "http://127.0.0.1:9/elsewhere" }),
        15 => json!({ "delay_ms": { "lognormal": { "median": 150, "sigma": 1.2 } } }),
        16 => json!({ "drop_reply": true, "delay_ms": { "uniform": [0, 400] } }),
        _ => json!({ "body_bytes": 5_000_000, "gzip": true }),
    };
    effect["endpoint"] = endpoint.into();
    effect["probability"] = (f64::from(u32::try_from(rng.within(2, 10)).unwrap_or(5)) / 10.0).into();
    effect["seed"] = (rng.next() >> 12).into();
    Trouble::Upstream(endpoint, effect, time)
}

impl Trouble {
    /// Makes it, and puts right what does not mend by itself.
    ///
    /// # Errors
    /// When it cannot be made, or the dashboard does not come back.
    pub async fn make(&self, stack: &mut Stack) -> anyhow::Result<()> {
        match self {
            Self::Kill(number) => {
                stack.servers[*number].kill().await?;
                trail::verify(stack).await?;
                stack.serve_all().await
            }
            Self::KillAll => {
                stack.kill_all().await?;
                trail::verify(stack).await?;
                stack.serve_all().await
            }
            Self::Terminate(number) => {
                stack.servers[*number].terminate().await?;
                stack.serve_all().await
            }
            Self::TerminateCutOff => {
                stack.server_mut().terminate_cut_off().await?;
                stack.serve_all().await
            }
            Self::Pause(number, time) => stack.servers[*number].pause(*time).await,
            Self::DatabaseAway(mode, time, dead) => {
                stack.postgres()?.go_away(mode).await?;
                if let Some(number) = dead {
                    stack.servers[*number].kill().await?;
                }
                sleep(*time).await;
                stack.postgres()?.come_back().await?;
                trail::verify(stack).await?;
                healed(stack).await
            }
            Self::CutOff(time) => {
                if let Some(way) = &stack.server().way {
                    way.close();
                    sleep(*time).await;
                    way.open();
                }
                healed(stack).await
            }
            Self::DatabaseHangs(time) => {
                stack.postgres()?.hang(*time).await?;
                healed(stack).await
            }
            Self::DatabaseKill(chance) => {
                stack.postgres()?.kill_one(*chance).await?;
                trail::verify(stack).await?;
                healed(stack).await
            }
            Self::Upstream(_, effect, time) => {
                let url = format!("{}/_emulator/faults", stack.upstream);
                stack.http.post(&url).json(effect).send().await?.error_for_status()?;
                sleep(*time).await;
                stack.http.delete(&url).send().await?.error_for_status()?;
                Ok(())
            }
            Self::DiskFull(time) => {
                let Database::Sqlite(folder) = &stack.database else { return Ok(()) };
                let ballast = folder.join("ballast");
                fill(&ballast);
                sleep(*time).await;
                Ok(fs::remove_file(ballast)?)
            }
            Self::BadCall(number, call, error, time) => {
                let Some(pid) = stack.servers[*number].pid() else { return Ok(()) };
                let mut strace = Command::new("strace")
                    .args(["-f", "-q", "-o", "/dev/null", "-p", &pid.to_string(), "-e", &format!("trace={call}")])
                    .args(["-e", &format!("inject={call}:error={error}:when=2+3")])
                    .stderr(Stdio::null())
                    .kill_on_drop(true)
                    .spawn()?;
                sleep(*time).await;
                // So that it lets go of the dashboard instead of leaving it stopped.
                if let Some(tracer) = strace.id() {
                    signal("TERM", tracer).await?;
                }
                strace.wait().await?;
                Ok(())
            }
            Self::Clock(number, seconds) => stack.servers[*number].turn_clock(*seconds),
        }
    }
}

/// Every dashboard that did not die is ready again by itself.
async fn healed(stack: &mut Stack) -> anyhow::Result<()> {
    for server in &mut stack.servers {
        if !server.ended()? {
            server.ready().await?;
        }
    }
    stack.serve_all().await
}

/// Writes until nothing fits any more.
fn fill(path: &Path) {
    let block = vec![0; 64 * 1024];
    if let Ok(mut file) = File::create(path) {
        while file.write_all(&block).is_ok() {}
        while file.write_all(&[0; 512]).is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use super::{Means, Trouble, schedule};

    const LENGTH: Duration = Duration::from_secs(900);

    fn kinds(means: Means) -> BTreeSet<&'static str> {
        schedule(7, LENGTH, means).iter().map(|(_, trouble)| trouble.kind()).collect()
    }

    #[test]
    fn a_seed_is_one_schedule() {
        let sqlite = Means { small_disk: true, strace: true, faked_clock: true, replicas: 0, away: None };
        for means in [sqlite, Means { replicas: 2, small_disk: false, ..sqlite }] {
            let text = |seed| format!("{:?}", schedule(seed, LENGTH, means));
            assert_eq!(text(7), text(7));
            assert_ne!(text(7), text(8));
        }
        assert_eq!(kinds(sqlite).len(), 7);
        assert_eq!(kinds(Means { replicas: 2, small_disk: false, ..sqlite }).len(), 11);
    }

    #[test]
    fn nothing_is_planned_that_cannot_be_done() {
        for replicas in [0, 2] {
            let kinds = kinds(Means { replicas, ..Means::default() });
            assert!(["disk full", "I/O error", "clock jump"].iter().all(|kind| !kinds.contains(kind)), "{kinds:?}");
        }
        assert!(!kinds(Means::default()).iter().any(|kind| kind.contains("database") || kind.contains("all")));
    }

    #[test]
    fn the_shortest_storm_on_postgresql_has_a_take_over_and_a_crash() {
        let means = Means { replicas: 2, ..Means::default() };
        for seed in 0..20 {
            let schedule = schedule(seed, Duration::from_secs(5), means);
            let (Trouble::Pause(_, time) | Trouble::CutOff(time)) = schedule[0].1 else { panic!("{schedule:?}") };
            assert!(time > Duration::from_millis(7_500));
            assert!(matches!(schedule[1].1, Trouble::DatabaseAway("immediate", _, None)));
        }
    }
}
