//! The emulator and the dashboard as processes of their own.

use std::{
    fs::{self, File},
    io::Write,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

const READY: Duration = Duration::from_secs(30);
/// What SIGTERM may take.
const TERMINATED: Duration = Duration::from_secs(10);
const ASK_AGAIN: Duration = Duration::from_millis(15);
const BACKUP: &str = "backup.db";
const PASSWORD: &str = "correct horse battery";

/// Where the programs are.
#[derive(Debug, Clone, clap::Args)]
pub struct Programs {
    /// The dashboard's program.
    #[arg(long, default_value = "target/release/codika-dashboard")]
    pub dashboard: PathBuf,
    /// The emulator's program.
    #[arg(long, default_value = "target/release/codika-emulator")]
    pub emulator: PathBuf,
}

/// Both programs, and how to reach them.
pub struct Stack {
    pub http: Client,
    /// One token for each of two people.
    pub tokens: [String; 2],
    pub upstream: String,
    pub dashboard: String,
    /// Holds the database and nothing else.
    pub data: PathBuf,
    /// Everything else: logs, copies, the clock.
    pub work: PathBuf,
    program: PathBuf,
    environment: Vec<(String, String)>,
    server: Option<Child>,
    // Killed when the stack goes.
    _emulator: Child,
}

impl Stack {
    /// Starts the emulator. There is no database yet.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn prepare(programs: &Programs, work: &Path, data: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(data)?;
        let log = work.join("emulator.log");
        let emulator = Command::new(&programs.emulator)
            .args(["--listen", "127.0.0.1:0", "--speed", "0.15"])
            .env_clear()
            .env("RUST_LOG", "info")
            .stdout(File::create(&log)?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started", programs.emulator.display()))?;
        let upstream = address_in(&log).await?;
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(4)).build()?;
        let config: Value = http.get(format!("{upstream}/_emulator/config")).send().await?.json().await?;
        let listen = free_port()?;
        Ok(Self {
            http,
            tokens: Default::default(),
            environment: environment(&config["environments"][0], &upstream, listen, data),
            upstream,
            dashboard: format!("http://{listen}"),
            data: data.to_path_buf(),
            work: work.to_path_buf(),
            program: programs.dashboard.clone(),
            server: None,
            _emulator: emulator,
        })
    }

    /// Starts the dashboard once, and makes two people and their tokens.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn populate(&mut self, faked_clock: bool) -> anyhow::Result<()> {
        self.serve(&[]).await?;
        self.command(&["admin", "create", "--email", "bob@chaos.example", "--name", "Bob"]).await?;
        for (token, person) in ["ann", "bob"].iter().enumerate() {
            let email = format!("{person}@chaos.example");
            self.tokens[token] = self.command(&["token", "create", "--user", &email, "--name", "chaos"]).await?;
        }
        if faked_clock {
            self.fake_clock()?;
            self.kill().await?;
            self.serve(&[]).await?;
        }
        Ok(())
    }

    /// Starts the dashboard, through `wrapper` if that is not empty, and waits until it is ready.
    ///
    /// # Errors
    /// When it ends or is not ready in time.
    pub async fn serve(&mut self, wrapper: &[String]) -> anyhow::Result<()> {
        self.spawn(wrapper)?;
        if !self.ready().await? {
            bail!("the dashboard ended while it started: see {}", self.work.join("dashboard.log").display());
        }
        Ok(())
    }

    /// Starts the dashboard without waiting for anything.
    ///
    /// # Errors
    /// When the program cannot be run.
    pub fn spawn(&mut self, wrapper: &[String]) -> anyhow::Result<()> {
        let log = File::options().create(true).append(true).open(self.work.join("dashboard.log"))?;
        let mut command = match wrapper.split_first() {
            None => Command::new(&self.program),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(&self.program);
                command
            }
        };
        command.arg("serve").env_clear().envs(self.environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        self.server = Some(command.spawn().with_context(|| format!("{} cannot be started", self.program.display()))?);
        Ok(())
    }

    /// Waits until the dashboard answers; `false` if it ended before.
    ///
    /// # Errors
    /// When neither happens in time.
    pub async fn ready(&mut self) -> anyhow::Result<bool> {
        let deadline = Instant::now() + READY;
        while Instant::now() < deadline {
            let answer = self.http.get(format!("{}/readyz", self.dashboard)).send().await;
            if answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return Ok(true);
            }
            if self.ended()? {
                return Ok(false);
            }
            sleep(ASK_AGAIN).await;
        }
        bail!("the dashboard was not ready within {} s", READY.as_secs())
    }

    /// Whether the dashboard's process is gone.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn ended(&mut self) -> anyhow::Result<bool> {
        Ok(match &mut self.server {
            None => true,
            Some(child) => child.try_wait()?.is_some(),
        })
    }

    /// The process id of the dashboard, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref()?.id()
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.server.take() {
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
        if let Some(tracer) = self.pid() {
            let children = fs::read_to_string(format!("/proc/{tracer}/task/{tracer}/children")).unwrap_or_default();
            for pid in children.split_whitespace().filter_map(|pid| pid.parse().ok()) {
                signal("KILL", pid).await.ok();
            }
        }
        self.kill().await
    }

    /// SIGTERM.
    ///
    /// # Errors
    /// When the dashboard does not end in time.
    pub async fn terminate(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.server.take() {
            if let Some(pid) = child.id() {
                signal("TERM", pid).await?;
            }
            timeout(TERMINATED, child.wait()).await.context("19: SIGTERM did not end the dashboard within 10 s")??;
        }
        Ok(())
    }

    /// Sets the dashboard's clock so many seconds ahead or back. Only with a faked clock.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn turn_clock(&self, seconds: i64) -> anyhow::Result<()> {
        let fresh = self.work.join("clock.new");
        File::create(&fresh)?.write_all(format!("{seconds:+}\n").as_bytes())?;
        Ok(fs::rename(fresh, self.work.join("clock"))?)
    }

    /// Changes a setting of the dashboard's next start.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Backs the database up beside the running dashboard.
    ///
    /// # Errors
    /// When the command fails.
    pub async fn back_up(&self) -> anyhow::Result<()> {
        self.command(&["backup", &self.work.join(BACKUP).display().to_string()]).await.map(drop)
    }

    /// Starts the dashboard on the backup instead.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn serve_backup(&mut self) -> anyhow::Result<()> {
        let url = format!("sqlite://{}", self.work.join(BACKUP).display());
        self.set("DASHBOARD_DATABASE_URL", &url);
        self.serve(&[]).await
    }

    fn fake_clock(&mut self) -> anyhow::Result<()> {
        self.turn_clock(0)?;
        let clock = self.work.join("clock").display().to_string();
        for (name, value) in [
            ("LD_PRELOAD", fake_clock_library().context("libfaketime is not installed")?.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", &clock),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
        ] {
            self.environment.push((name.to_owned(), value.to_owned()));
        }
        Ok(())
    }

    /// Runs another command of the dashboard and returns its first line.
    async fn command(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().envs(self.environment.iter().cloned());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            tokio::io::AsyncWriteExt::write_all(&mut input, format!("{PASSWORD}\n").as_bytes()).await?;
        }
        let output = child.wait_with_output().await?;
        if !output.status.success() {
            bail!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
    }
}

fn environment(target: &Value, upstream: &str, listen: SocketAddr, data: &Path) -> Vec<(String, String)> {
    let text = |name: &str| target[name].as_str().unwrap_or_default().to_owned();
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        own("DASHBOARD_LISTEN", &listen.to_string()),
        own("DASHBOARD_DATABASE_URL", &format!("sqlite://{}", data.join("dashboard.db").display())),
        // Named, so that the backup is opened with it too.
        own("DASHBOARD_MASTER_KEY_FILE", &data.join("master.key").display().to_string()),
        own("DASHBOARD_ADMIN_EMAIL", "ann@chaos.example"),
        own("DASHBOARD_ADMIN_PASSWORD", PASSWORD),
        // Short, so that what never answers comes to rest within the run.
        own("DASHBOARD_LIMIT_WATCH_SECONDS", "15"),
        own("CODIKA_TIMEOUT_SECONDS", "2"),
        own("CODIKA_PATH_STYLE", "short"),
        own("CODIKA_BASE_URL", upstream),
        own("DEV_PROCESS_INSTANCE_ID", &text("process_instance_id")),
        own("DEV_CODIKA_API_KEY", &text("instance_key")),
        own("DEV_CODIKA_ORG_KEY", &text("org_key")),
        own("RUST_LOG", "warn"),
    ]
}

/// Sends a signal by name.
///
/// # Errors
/// When `kill` refuses.
pub async fn signal(name: &str, pid: u32) -> anyhow::Result<()> {
    let done = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status().await?;
    if done.success() { Ok(()) } else { bail!("kill -{name} {pid} failed") }
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

/// The address that the emulator's log tells once it listens.
async fn address_in(log: &Path) -> anyhow::Result<String> {
    let deadline = Instant::now() + READY;
    while Instant::now() < deadline {
        let text = fs::read_to_string(log)?;
        if let Some((_, rest)) = text.split_once("base_url=") {
            let address: String =
                rest.trim_start_matches('"').chars().take_while(|c| !c.is_whitespace() && *c != '"').collect();
            if text.contains('\n') {
                return Ok(address);
            }
        }
        sleep(ASK_AGAIN).await;
    }
    bail!("the emulator did not come up: see {}", log.display())
}
