//! The emulator, the database and one or several dashboards as processes of their own.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use reqwest::Client;
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    time::{Duration, Instant, sleep},
};

use crate::{
    database::{Database, file_url},
    postgres::Postgres,
    relay::Relay,
    server::{ASK_AGAIN, PASSWORD, READY, Server},
    trail::Trail,
};

/// Their email addresses.
pub const PEOPLE: [&str; 2] = ["ann@chaos.example", "bob@chaos.example"];

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

/// What the dashboards are started on.
#[derive(Debug, Clone)]
pub enum Ground {
    /// One dashboard on a file in this folder, which holds nothing else.
    Sqlite(PathBuf),
    /// So many dashboards on one PostgreSQL.
    Postgres(usize),
}

/// All programs, and how to reach them.
pub struct Stack {
    pub http: Client,
    /// One token for each of two people.
    pub tokens: [String; 2],
    pub upstream: String,
    /// At least one.
    pub servers: Vec<Server>,
    pub database: Database,
    pub trail: Trail,
    /// Logs, copies, clocks.
    pub work: PathBuf,
    // Killed when the stack goes.
    _emulator: Child,
}

impl Stack {
    /// Starts the emulator, and PostgreSQL if wanted. There are no tables yet.
    ///
    /// # Errors
    /// When one of them does not come up.
    pub async fn prepare(programs: &Programs, work: &Path, ground: Ground) -> anyhow::Result<Self> {
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
        let (database, key_folder, number) = match ground {
            Ground::Sqlite(folder) => {
                fs::create_dir_all(&folder)?;
                (Database::Sqlite(folder.clone()), folder, 1)
            }
            Ground::Postgres(number) => (Database::Postgres(Postgres::start(work).await?), work.to_path_buf(), number),
        };
        let mut servers = Vec::new();
        for number in 0..number {
            let mut settings = settings(&config["environments"][0], &database, &key_folder);
            let relay = match database {
                Database::Sqlite(_) => None,
                Database::Postgres(_) => Some(Relay::start(address(&upstream)?).await?),
            };
            let base = relay.as_ref().map_or_else(|| upstream.clone(), |relay| format!("http://{}", relay.address));
            settings.push(("CODIKA_BASE_URL".to_owned(), base));
            let mut server = Server::new(number, http.clone(), &programs.dashboard, work, settings)?;
            server.relay = relay;
            // The others go to PostgreSQL directly, and are refused while it is away.
            if let (Database::Postgres(postgres), 0) = (&database, number) {
                let way = Relay::start(postgres.address()?).await?;
                server.use_database(&postgres.by_way_of(way.address)?);
                server.way = Some(way);
            }
            servers.push(server);
        }
        Ok(Self {
            http,
            tokens: Default::default(),
            upstream,
            servers,
            database,
            trail: Trail::default(),
            work: work.to_path_buf(),
            _emulator: emulator,
        })
    }

    /// The first dashboard; on SQLite there is no other.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.servers[0]
    }

    #[must_use]
    pub fn server_mut(&mut self) -> &mut Server {
        &mut self.servers[0]
    }

    /// # Errors
    /// When the database is a file.
    pub fn postgres(&self) -> anyhow::Result<&Postgres> {
        self.database.postgres().context("there is no PostgreSQL here")
    }

    /// Starts one dashboard, makes two people and their tokens, and starts the other dashboards.
    ///
    /// # Errors
    /// When one does not come up.
    pub async fn populate(&mut self, faked_clock: bool) -> anyhow::Result<()> {
        self.server_mut().serve(&[]).await?;
        self.server().first_line(&["admin", "create", "--email", PEOPLE[1], "--name", "Bob"]).await?;
        for (token, email) in PEOPLE.iter().enumerate() {
            self.tokens[token] =
                self.server().first_line(&["token", "create", "--user", email, "--name", "chaos"]).await?;
        }
        self.server_mut().kill().await?;
        if let Some(postgres) = self.database.postgres() {
            postgres.trace().await?;
        }
        for server in &mut self.servers {
            if faked_clock {
                server.fake_clock()?;
            }
        }
        self.serve_all().await
    }

    /// Starts every dashboard that does not run.
    ///
    /// # Errors
    /// When one does not come up.
    pub async fn serve_all(&mut self) -> anyhow::Result<()> {
        for server in &mut self.servers {
            if server.ended()? {
                server.serve(&[]).await?;
            }
        }
        Ok(())
    }

    /// `kill -9` for every dashboard.
    ///
    /// # Errors
    /// When one cannot be waited for.
    pub async fn kill_all(&mut self) -> anyhow::Result<()> {
        for server in &mut self.servers {
            server.kill().await?;
        }
        Ok(())
    }

    /// SIGTERM for one dashboard after the other.
    ///
    /// # Errors
    /// When one does not end in time.
    pub async fn terminate_all(&mut self) -> anyhow::Result<()> {
        for server in &mut self.servers {
            server.terminate().await?;
        }
        Ok(())
    }

    /// Backs the database up while the dashboards run.
    ///
    /// # Errors
    /// When the command fails.
    pub async fn back_up(&self) -> anyhow::Result<()> {
        let file = self.backup();
        match &self.database {
            Database::Sqlite(_) => self.server().first_line(&["backup", &file.display().to_string()]).await.map(drop),
            Database::Postgres(postgres) => postgres.dump(&file).await,
        }
    }

    fn backup(&self) -> PathBuf {
        self.work.join("backup.db")
    }

    /// Starts the first dashboard on the backup instead.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn serve_backup(&mut self) -> anyhow::Result<()> {
        let file = self.backup();
        let url = match &self.database {
            Database::Sqlite(_) => file_url(&file),
            Database::Postgres(postgres) => postgres.restore(&file).await?,
        };
        self.server_mut().use_database(&url);
        self.server_mut().serve(&[]).await
    }
}

fn settings(target: &Value, database: &Database, key_folder: &Path) -> Vec<(String, String)> {
    let text = |name: &str| target[name].as_str().unwrap_or_default().to_owned();
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        own("DASHBOARD_DATABASE_URL", &database.url()),
        // Named, so that copies are opened with it too.
        own("DASHBOARD_MASTER_KEY_FILE", &key_folder.join("master.key").display().to_string()),
        own("DASHBOARD_ADMIN_EMAIL", PEOPLE[0]),
        own("DASHBOARD_ADMIN_PASSWORD", PASSWORD),
        // Short, so that what never answers comes to rest within the run.
        own("DASHBOARD_LIMIT_WATCH_SECONDS", "15"),
        own("CODIKA_TIMEOUT_SECONDS", "2"),
        own("CODIKA_PATH_STYLE", "short"),
        own("DEV_PROCESS_INSTANCE_ID", &text("process_instance_id")),
        own("DEV_CODIKA_API_KEY", &text("instance_key")),
        own("DEV_CODIKA_ORG_KEY", &text("org_key")),
        own("RUST_LOG", "warn"),
    ]
}

fn address(upstream: &str) -> anyhow::Result<SocketAddr> {
    let address = upstream.trim_start_matches("http://").trim_end_matches('/');
    address.parse().with_context(|| format!("{upstream} is no address of an emulator"))
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
