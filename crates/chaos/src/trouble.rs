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

use crate::{
    rng::Rng,
    stack::{Stack, signal},
};

/// Which kinds of trouble this machine can make.
#[derive(Debug, Clone, Copy, Default)]
pub struct Means {
    /// The data folder has a size limit that can be reached.
    pub small_disk: bool,
    pub strace: bool,
    pub faked_clock: bool,
}

/// One thing that goes wrong.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// `kill -9`, and a restart.
    Kill,
    /// SIGTERM, and a restart.
    Terminate,
    /// SIGSTOP, and SIGCONT after so long.
    Pause(Duration),
    /// A fault of the emulator, for so long.
    Upstream(&'static str, Value, Duration),
    /// No space is left, for so long.
    DiskFull(Duration),
    /// Every third call of this name fails with this error, for so long.
    BadDisk(&'static str, &'static str, Duration),
    /// The clock jumps to so many seconds from the true time.
    Clock(i64),
}

impl Display for Trouble {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill => f.write_str("kill -9"),
            Self::Terminate => f.write_str("SIGTERM"),
            Self::Pause(time) => write!(f, "SIGSTOP for {time:?}"),
            Self::Upstream(endpoint, effect, time) => write!(f, "Codika, {endpoint}: {effect} for {time:?}"),
            Self::DiskFull(time) => write!(f, "disk full for {time:?}"),
            Self::BadDisk(call, error, time) => write!(f, "{call} fails with {error} for {time:?}"),
            Self::Clock(seconds) => write!(f, "clock {seconds:+} s"),
        }
    }
}

impl Trouble {
    /// Its kind, for the counts.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Kill => "kill -9",
            Self::Terminate => "SIGTERM",
            Self::Pause(_) => "SIGSTOP",
            Self::Upstream(..) => "Codika",
            Self::DiskFull(_) => "disk full",
            Self::BadDisk(..) => "I/O error",
            Self::Clock(_) => "clock jump",
        }
    }
}

/// Trouble for `length`, each with the pause before it.
#[must_use]
pub fn schedule(seed: u64, length: Duration, means: Means) -> Vec<(Duration, Trouble)> {
    let mut rng = Rng::seeded(seed);
    let mut schedule = Vec::new();
    let mut spent = Duration::ZERO;
    while spent < length {
        let pause = Duration::from_millis(rng.within(50, 700));
        let time = Duration::from_millis(rng.within(200, 1800));
        let trouble = match rng.within(0, 20) {
            0..6 => Trouble::Kill,
            6 => Trouble::Terminate,
            7 | 8 => Trouble::Pause(time),
            9 if means.small_disk => Trouble::DiskFull(time),
            10 if means.strace => {
                let call = *rng.pick(&["fsync", "pwrite64", "pread64", "openat", "fsync"]);
                let error = *rng.pick(&["EIO", "ENOSPC"]);
                Trouble::BadDisk(call, error, time)
            }
            11 if means.faked_clock => Trouble::Clock(*rng.pick(&[0, 3600, -3600, 86_400, -7])),
            _ => {
                let (endpoint, effect) = upstream(&mut rng);
                Trouble::Upstream(endpoint, effect, time)
            }
        };
        spent += pause + time;
        schedule.push((pause, trouble));
    }
    schedule
}

/// Any fault but `duplicate_id`: two runs that are told one id at the same moment cannot be told apart.
fn upstream(rng: &mut Rng) -> (&'static str, Value) {
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
    (endpoint, effect)
}

impl Trouble {
    /// Makes it, and puts right what does not mend by itself.
    ///
    /// # Errors
    /// When it cannot be made, or the dashboard does not come back.
    pub async fn make(&self, stack: &mut Stack) -> anyhow::Result<()> {
        match self {
            Self::Kill => {
                stack.kill().await?;
                stack.serve(&[]).await
            }
            Self::Terminate => {
                stack.terminate().await?;
                stack.serve(&[]).await
            }
            Self::Pause(time) => {
                let Some(pid) = stack.pid() else { return Ok(()) };
                signal("STOP", pid).await?;
                sleep(*time).await;
                signal("CONT", pid).await
            }
            Self::Upstream(_, effect, time) => {
                let url = format!("{}/_emulator/faults", stack.upstream);
                stack.http.post(&url).json(effect).send().await?.error_for_status()?;
                sleep(*time).await;
                stack.http.delete(&url).send().await?.error_for_status()?;
                Ok(())
            }
            Self::DiskFull(time) => {
                let ballast = stack.data.join("ballast");
                fill(&ballast);
                sleep(*time).await;
                Ok(fs::remove_file(ballast)?)
            }
            Self::BadDisk(call, error, time) => {
                let Some(pid) = stack.pid() else { return Ok(()) };
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
            Self::Clock(seconds) => stack.turn_clock(*seconds),
        }
    }
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
    use std::time::Duration;

    use super::{Means, schedule};

    #[test]
    fn a_seed_is_one_schedule() {
        let all = Means { small_disk: true, strace: true, faked_clock: true };
        let length = Duration::from_secs(600);
        let text = |seed| format!("{:?}", schedule(seed, length, all));
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
        let kinds: std::collections::BTreeSet<_> = schedule(7, length, all).iter().map(|(_, one)| one.kind()).collect();
        assert_eq!(kinds.len(), 7, "{kinds:?}");
    }

    #[test]
    fn nothing_is_planned_that_this_machine_cannot_do() {
        for (_, trouble) in schedule(7, Duration::from_secs(600), Means::default()) {
            assert!(!["disk full", "I/O error", "clock jump"].contains(&trouble.kind()), "{trouble}");
        }
    }
}
