//! One dashboard as a process of its own.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Write,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};
use reqwest::{Client, StatusCode};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

use crate::relay::Relay;

pub const READY: Duration = Duration::from_secs(30);
/// What SIGTERM may take. The dashboard means to need half a second less.
const TERMINATED: Duration = Duration::from_secs(10);
pub const ASK_AGAIN: Duration = Duration::from_millis(15);
pub const PASSWORD: &str = "correct horse battery";
const DATABASE_URL: &str = "DASHBOARD_DATABASE_URL";

pub struct Server {
    pub url: String,
    /// Between it and the emulator, where several servers are told apart.
    pub relay: Option<Relay>,
    /// Between it and PostgreSQL, where it can be cut off.
    pub way: Option<Relay>,
    /// The processes that were told to stop.
    pub left: BTreeSet<String>,
    /// The processes that went on after a pause, and when.
    pub resumed: Vec<(String, Instant)>,
    http: Client,
    program: PathBuf,
    environment: Vec<(String, String)>,
    number: usize,
    starts: usize,
    work: PathBuf,
    child: Option<Child>,
}

impl Server {
    /// Nothing runs yet.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn new(
        number: usize,
        http: Client,
        program: &Path,
        work: &Path,
        settings: Vec<(String, String)>,
    ) -> anyhow::Result<Self> {
        let listen = free_port()?;
        let mut server = Self {
            url: format!("http://{listen}"),
            relay: None,
            way: None,
            left: BTreeSet::new(),
            resumed: Vec::new(),
            http,
            program: program.to_path_buf(),
            environment: settings,
            number,
            starts: 0,
            work: work.to_path_buf(),
            child: None,
        };
        server.set("DASHBOARD_LISTEN", &listen.to_string());
        Ok(server)
    }

    /// The process that runs or ran last; PostgreSQL knows its connections by this name.
    #[must_use]
    pub fn process(&self) -> String {
        format!("chaos-{}-{}", self.number, self.starts)
    }

    fn log(&self) -> PathBuf {
        self.work.join(format!("dashboard-{}.log", self.number))
    }

    fn clock(&self) -> PathBuf {
        self.work.join(format!("clock-{}", self.number))
    }

    /// Starts it, through `wrapper` if that is not empty, and waits until it is ready.
    ///
    /// # Errors
    /// When it ends or is not ready in time.
    pub async fn serve(&mut self, wrapper: &[String]) -> anyhow::Result<()> {
        self.spawn(wrapper)?;
        if !self.ready().await? {
            bail!("the dashboard ended while it started: see {}", self.log().display());
        }
        Ok(())
    }

    /// Starts it without waiting for anything.
    ///
    /// # Errors
    /// When the program cannot be run.
    pub fn spawn(&mut self, wrapper: &[String]) -> anyhow::Result<()> {
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut command = match wrapper.split_first() {
            None => Command::new(&self.program),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(&self.program);
                command
            }
        };
        self.starts += 1;
        if let Some(relay) = &self.relay {
            relay.serves(self.process());
        }
        command.arg("serve").env_clear().envs(self.environment.iter().cloned());
        if let Some(url) = self.database_url().filter(|url| url.starts_with("postgres:")) {
            command.env(DATABASE_URL, format!("{url}?application_name={}", self.process()));
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        self.child = Some(command.spawn().with_context(|| format!("{} cannot be started", self.program.display()))?);
        Ok(())
    }

    fn database_url(&self) -> Option<&str> {
        let setting = self.environment.iter().find(|(name, _)| name == DATABASE_URL);
        setting.map(|(_, url)| url.as_str())
    }

    /// Waits until it answers; `false` if it ended before.
    ///
    /// # Errors
    /// When neither happens in time.
    pub async fn ready(&mut self) -> anyhow::Result<bool> {
        let deadline = Instant::now() + READY;
        while Instant::now() < deadline {
            let answer = self.http.get(format!("{}/readyz", self.url)).send().await;
            if answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return Ok(true);
            }
            if self.ended()? {
                return Ok(false);
            }
            sleep(ASK_AGAIN).await;
        }
        bail!("22: the dashboard was not ready within {} s", READY.as_secs())
    }

    /// Whether its process is gone.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn ended(&mut self) -> anyhow::Result<bool> {
        Ok(match &mut self.child {
            None => true,
            Some(child) => child.try_wait()?.is_some(),
        })
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref()?.id()
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.start_kill().ok();
            child.wait().await?;
        }
        Ok(())
    }

    /// `kill -9` for a dashboard that runs under strace: it first, for it would outlive its tracer.
    ///
    /// # Errors
    /// When the processes cannot be waited for.
    pub async fn kill_traced(&mut self) -> anyhow::Result<()> {
        for pid in self.pid().map(children).unwrap_or_default() {
            signal("KILL", pid).await.ok();
        }
        self.kill().await
    }

    /// SIGTERM.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn terminate(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            if let Some(pid) = child.id() {
                self.left.insert(self.process());
                signal("TERM", pid).await?;
            }
            timeout(TERMINATED, child.wait()).await.context("19: SIGTERM did not end the dashboard within 10 s")??;
        }
        Ok(())
    }

    /// SIGTERM while it cannot reach PostgreSQL.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn terminate_cut_off(&mut self) -> anyhow::Result<()> {
        let Some(way) = self.way.take() else { return self.terminate().await };
        way.close();
        let ended = self.terminate().await;
        way.open();
        self.way = Some(way);
        ended
    }

    /// SIGSTOP, and SIGCONT after so long.
    ///
    /// # Errors
    /// When a signal cannot be sent.
    pub async fn pause(&mut self, time: Duration) -> anyhow::Result<()> {
        let Some(pid) = self.pid() else { return Ok(()) };
        signal("STOP", pid).await?;
        sleep(time).await;
        signal("CONT", pid).await?;
        self.resumed.push((self.process(), Instant::now()));
        Ok(())
    }

    /// Changes a setting of the next start.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Uses another database from the next start on.
    pub fn use_database(&mut self, url: &str) {
        self.set(DATABASE_URL, url);
    }

    /// Sets its clock so many seconds ahead or back. Only with a faked clock.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn turn_clock(&self, seconds: i64) -> anyhow::Result<()> {
        let fresh = self.work.join("clock.new");
        File::create(&fresh)?.write_all(format!("{seconds:+}\n").as_bytes())?;
        Ok(fs::rename(fresh, self.clock())?)
    }

    /// Gives it a clock that can be turned, from the next start on.
    ///
    /// # Errors
    /// When there is no library for it.
    pub fn fake_clock(&mut self) -> anyhow::Result<()> {
        self.turn_clock(0)?;
        let clock = self.clock().display().to_string();
        for (name, value) in [
            ("LD_PRELOAD", fake_clock_library().context("libfaketime is not installed")?.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", &clock),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
        ] {
            self.set(name, value);
        }
        Ok(())
    }

    /// Runs another command of the dashboard, on its database or on another one.
    ///
    /// # Errors
    /// When the program cannot be run.
    pub async fn command(&self, arguments: &[&str], database: Option<&str>) -> anyhow::Result<Output> {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().envs(self.environment.iter().cloned());
        if let Some(url) = database {
            command.env(DATABASE_URL, url);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // Whoever reads no password may be gone already.
            tokio::io::AsyncWriteExt::write_all(&mut input, format!("{PASSWORD}\n").as_bytes()).await.ok();
        }
        Ok(child.wait_with_output().await?)
    }

    /// The first line that another command of the dashboard says.
    ///
    /// # Errors
    /// When the command fails.
    pub async fn first_line(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command(arguments, None).await?;
        if !output.status.success() {
            bail!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
    }
}

/// Sends a signal by name.
///
/// # Errors
/// When `kill` refuses.
pub async fn signal(name: &str, pid: u32) -> anyhow::Result<()> {
    let done = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status().await?;
    if done.success() { Ok(()) } else { bail!("kill -{name} {pid} failed") }
}

/// The processes that `pid` started.
#[must_use]
pub fn children(pid: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    children.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Where Debian puts it.
#[must_use]
pub fn fake_clock_library() -> Option<String> {
    let paths = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
    paths.map(|path| format!("{path}/faketime/libfaketimeMT.so.1")).into_iter().find(|path| Path::new(path).exists())
}

fn free_port() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
