//! The emulator and the dashboard as processes, in a folder of their own.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::sleep;

const EMAIL: &str = "load@example.com";
const PASSWORD: &str = "not-a-secret-of-anybody";
/// How long a program may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends its program when it is dropped.
pub struct Process(std::process::Child);

impl Process {
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let program = command.get_program().to_owned();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        child.map(Self).with_context(|| format!("{} does not start; is it built?", program.display()))
    }

    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Megabytes that it has in memory.
    pub fn resident_mb(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        let kb: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kb / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

pub struct Stack {
    pub client: Client,
    /// Of the dashboard.
    pub url: String,
    /// Of the emulator.
    pub upstream: String,
    /// A REST token.
    pub token: String,
    pub instance: String,
    pub key: String,
    pub dashboard: Process,
    _emulator: Process,
    settings: Vec<(&'static str, String)>,
    program: PathBuf,
    folder: TempDir,
}

pub fn free_address() -> anyhow::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

pub fn text<'a>(value: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    value[name].as_str().with_context(|| format!("“{name}” is missing in {value}"))
}

impl Stack {
    pub async fn start(programs: &Path) -> anyhow::Result<Self> {
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(60)).build()?;
        let folder = tempfile::tempdir()?;
        let address = free_address()?;
        let upstream = format!("http://{address}");
        let emulator = Process::start(
            Command::new(programs.join("codika-emulator")).args(["--listen", &address]).stderr(Stdio::null()),
        )?;
        await_ok(&client, &format!("{upstream}/_emulator/config")).await?;
        let config: Value = client.get(format!("{upstream}/_emulator/config")).send().await?.json().await?;
        let dev = &config["environments"][0];
        let (instance, key) = (text(dev, "process_instance_id")?.to_owned(), text(dev, "instance_key")?.to_owned());
        let listen = free_address()?;
        let settings = vec![
            ("DASHBOARD_LISTEN", listen.clone()),
            ("DASHBOARD_DATABASE_URL", format!("sqlite://{}", folder.path().join("load.db").display())),
            ("DASHBOARD_ADMIN_EMAIL", EMAIL.to_owned()),
            ("DASHBOARD_ADMIN_PASSWORD", PASSWORD.to_owned()),
            ("DASHBOARD_LIMIT_STREAMS", "100000".to_owned()),
            ("DASHBOARD_LIMIT_STREAMS_PER_ADDRESS", "100000".to_owned()),
            ("DASHBOARD_LIMIT_WATCH_SECONDS", "86400".to_owned()),
            ("CODIKA_BASE_URL", upstream.clone()),
            ("DEV_PROCESS_INSTANCE_ID", instance.clone()),
            ("DEV_CODIKA_API_KEY", key.clone()),
            ("RUST_LOG", "error".to_owned()),
        ];
        let program = programs.join("codika-dashboard");
        let dashboard = Process::start(command(&program, &settings, folder.path()).arg("serve"))?;
        let url = format!("http://{listen}");
        await_ok(&client, &format!("{url}/readyz")).await?;
        let made = command(&program, &settings, folder.path())
            .args(["token", "create", "--user", EMAIL, "--name", "load"])
            .output()?;
        if !made.status.success() {
            bail!("no token: {}", String::from_utf8_lossy(&made.stderr));
        }
        let token = String::from_utf8(made.stdout)?.trim().to_owned();
        Ok(Self {
            client,
            url,
            upstream,
            token,
            instance,
            key,
            dashboard,
            _emulator: emulator,
            settings,
            program,
            folder,
        })
    }

    /// Kills the dashboard outright and starts it again; how long it took until it was ready.
    pub async fn crash_and_restart(&mut self) -> anyhow::Result<Duration> {
        self.dashboard.kill();
        let from = Instant::now();
        self.dashboard = Process::start(command(&self.program, &self.settings, self.folder.path()).arg("serve"))?;
        await_ok(&self.client, &format!("{}/readyz", self.url)).await?;
        Ok(from.elapsed())
    }

    /// How many triggers and polls the emulator has seen.
    pub async fn counts(&self) -> anyhow::Result<(u64, u64)> {
        let ledger: Value = self.client.get(format!("{}/_emulator/ledger", self.upstream)).send().await?.json().await?;
        let count = |name: &str| ledger["counts"][name].as_u64().with_context(|| format!("no count of {name}"));
        Ok((count("triggers")?, count("polls")?))
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        Ok(self.folder.close()?)
    }
}

fn command(program: &Path, settings: &[(&'static str, String)], folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    command.env_clear().envs(settings.iter().map(|(name, value)| (*name, value)));
    command
}

pub async fn await_ok(client: &Client, url: &str) -> anyhow::Result<()> {
    let from = Instant::now();
    while from.elapsed() < PATIENCE {
        if client.get(url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        sleep(Duration::from_millis(5)).await;
    }
    bail!("{url} did not answer within {} s", PATIENCE.as_secs())
}
