//! A server, its emulator, and a client that follows no redirects.

mod answer;
mod html;
mod logs;
pub mod postgres;
mod sse;

use std::{sync::Once, time::Duration};

use emulator::Emulator;
use engine::By;
use model::{Grant, GrantTarget, GrantVerbs, Grantee, Role, UserId};
use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use serde_json::{Value, json};
use server::{
    Served,
    config::{Config, Source},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

pub use answer::{Answer, Told};
pub use html::Html;
pub use logs::logged;
pub use postgres::{PostgresServer, Process};
pub use sse::Stream;

pub const EMAIL: &str = "ann@example.com";
pub const PASSWORD: &str = "correct horse battery";
/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What differs from the usual server.
pub struct Setup {
    pub emulator: emulator::Config,
    pub settings: Vec<(&'static str, String)>,
    pub admin: bool,
}

impl Default for Setup {
    fn default() -> Self {
        let emulator = emulator::Config { speed: 0.02, ..emulator::Config::default() };
        Self { emulator, settings: Vec::new(), admin: true }
    }
}

pub struct TestApp {
    pub emulator: Emulator,
    pub client: Client,
    pub base: String,
    pub folder: TempDir,
    served: Option<Served>,
    settings: Vec<(&'static str, String)>,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            logs::capture();
            // Fails only when it is installed already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let folder = tempfile::tempdir().expect("a temporary folder");
        let emulator = Emulator::start(setup.emulator).await.expect("the emulator starts");
        let mut settings = upstream_settings(&emulator);
        settings.push(("DASHBOARD_LISTEN", "127.0.0.1:0".to_owned()));
        settings.push(("DASHBOARD_DATABASE_URL", format!("sqlite://{}", folder.path().join("test.db").display())));
        settings.push(("DASHBOARD_MASTER_KEY_FILE", folder.path().join("master.key").display().to_string()));
        settings.push(("DASHBOARD_ALLOW_PRIVATE_UPSTREAMS", "true".to_owned()));
        settings.push(("DASHBOARD_UPSTREAM_LABEL", "Emulator".to_owned()));
        if setup.admin {
            settings.push(("DASHBOARD_ADMIN_EMAIL", EMAIL.to_owned()));
            settings.push(("DASHBOARD_ADMIN_PASSWORD", PASSWORD.to_owned()));
        }
        settings.extend(setup.settings);
        let client = Client::builder().redirect(Policy::none()).no_proxy().timeout(PATIENCE).build().expect("a client");
        let mut app = Self { emulator, client, base: String::new(), folder, served: None, settings };
        app.serve().await;
        app
    }

    /// Starts the server again on the same database.
    pub async fn serve(&mut self) {
        let source = Source::from_pairs(self.settings.iter().map(|(name, value)| (*name, value.as_str())));
        let served = server::start(Config::read(&source).expect("usable settings")).await.expect("the server starts");
        self.base = format!("http://{}", served.address);
        self.served = Some(served);
    }

    /// Starts a server on another database, beside the one that runs.
    pub async fn serve_on(&mut self, database_url: String) {
        self.settings.push(("DASHBOARD_DATABASE_URL", database_url));
        self.serve().await;
    }

    pub async fn stop_server(&mut self) {
        self.served.take().expect("a running server").stop().await;
    }

    pub fn served(&self) -> &Served {
        self.served.as_ref().expect("a running server")
    }

    /// All settings, for a program that is to use the same database.
    pub fn settings(&self) -> &[(&'static str, String)] {
        &self.settings
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// As a browser asks for a page, or a program for data.
    pub fn get(&self, path: &str) -> RequestBuilder {
        let data = ["/api/", "/rpc/", "/events"].iter().any(|data| path.starts_with(data));
        self.request(Method::GET, path).header("accept", if data { "*/*" } else { "text/html" })
    }

    /// A plain form as a browser of this site sends it.
    pub fn form(&self, path: &str, pairs: &[(&str, &str)]) -> RequestBuilder {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.request(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html")
            .header("origin", &self.base)
            .header("sec-fetch-site", "same-origin")
            .body(body)
    }

    pub fn json(&self, path: &str, body: &Value) -> RequestBuilder {
        self.request(Method::POST, path).json(body)
    }

    /// The session cookie of the administrator.
    pub async fn log_in(&self) -> String {
        self.log_in_as(EMAIL).await
    }

    pub async fn log_in_as(&self, email: &str) -> String {
        let answer = self.form("/login", &[("email", email), ("password", PASSWORD), ("next", "")]).told().await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.cookie()
    }

    pub async fn token(&self) -> String {
        self.token_of(EMAIL).await
    }

    pub async fn token_of(&self, email: &str) -> String {
        let engine = &self.served().engine;
        let owner = self.account(email).await;
        let token = engine.create_token(By::Operator, &owner, engine::NewToken::named("test")).await;
        token.expect("a token").value
    }

    /// The account with this email.
    pub async fn account(&self, email: &str) -> UserId {
        let found = self.served().engine.account_by_email(By::Operator, email).await.expect("readable");
        found.expect("an account").principal.id
    }

    /// A second person, who may run everything and no more.
    pub async fn add_member(&self, email: &str) {
        let member = self.add_person(email, Role::Runner).await;
        self.grant(Grantee::Principal(member), GrantTarget::Everything, GrantVerbs { run: true, see: false }).await;
    }

    /// Somebody to whom nothing was granted.
    pub async fn add_person(&self, email: &str, role: Role) -> UserId {
        let form = engine::SetUp { email, name: "Max Member", password: PASSWORD };
        self.served().engine.create_admin(form).await.expect("an account");
        let person = self.account(email).await;
        self.set_role(&person, role).await;
        person
    }

    pub async fn set_role(&self, person: &UserId, role: Role) {
        self.sql(&format!("UPDATE users SET role = '{}' WHERE id = '{person}'", role.as_str())).await;
    }

    pub async fn grant(&self, to: Grantee, target: GrantTarget, verbs: GrantVerbs) {
        let granted = self.served().engine.grant(By::Operator, Grant { to, target, verbs }).await;
        granted.expect("it is granted");
    }

    /// Changes the database behind the server's back.
    pub async fn sql(&self, statement: &str) {
        let options = SqliteConnectOptions::new().filename(self.folder.path().join("test.db"));
        let mut connection = SqliteConnection::connect_with(&options).await.expect("a connection");
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        sqlx::raw_sql(statement).execute(&mut connection).await.expect("a statement");
    }

    /// A text in the database, whether a server runs or not.
    pub async fn value(&self, query: &str) -> String {
        let options = SqliteConnectOptions::new().filename(self.folder.path().join("test.db"));
        let mut connection = SqliteConnection::connect_with(&options).await.expect("a connection");
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned()));
        query.fetch_one(&mut connection).await.expect("a value")
    }

    /// Starts a run over REST and returns it as it was answered.
    pub async fn start_run(&self, token: &str, workflow: &str, input: Value) -> Value {
        let body = json!({ "environment": "dev", "workflow": workflow, "input": input });
        let answer = self.json("/api/v1/runs", &body).bearer_auth(token).told().await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.json()
    }

    /// Polls a run until its status is `wanted`.
    pub async fn until(&self, token: &str, id: &str, wanted: &str) -> Value {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let run = self.get(&format!("/api/v1/runs/{id}")).bearer_auth(token).told().await.json();
            if run["status"] == wanted {
                return run;
            }
            assert!(tokio::time::Instant::now() < deadline, "never became {wanted}: {run}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What Codika was asked for.
    pub async fn ledger(&self) -> Value {
        let address = format!("{}/_emulator/ledger", self.emulator.base_url());
        self.client.get(address).told().await.json()
    }

    pub async fn triggers(&self) -> u64 {
        self.ledger().await["counts"]["triggers"].as_u64().expect("a count")
    }

    /// Turns behaviours of the emulator.
    pub async fn switch(&self, switches: Value) {
        let address = format!("{}/_emulator/switches", self.emulator.base_url());
        let answer = self.client.post(address).json(&switches).told().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Scripts a fault of the emulator.
    pub async fn fault(&self, fault: Value) {
        let address = format!("{}/_emulator/faults", self.emulator.base_url());
        let answer = self.client.post(address).json(&fault).told().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

fn upstream_settings(emulator: &Emulator) -> Vec<(&'static str, String)> {
    let described = emulator.config();
    let mut settings = vec![("CODIKA_BASE_URL", described.base_url), ("CODIKA_PATH_STYLE", "short".to_owned())];
    for env in described.environments {
        let (instance, key) = match env.name.as_str() {
            "dev" => ("DEV_PROCESS_INSTANCE_ID", "DEV_CODIKA_API_KEY"),
            _ => ("PROD_PROCESS_INSTANCE_ID", "PROD_CODIKA_API_KEY"),
        };
        settings.push((instance, env.process_instance_id));
        settings.push((key, env.instance_key));
    }
    settings
}

/// The id of a run.
pub fn id(run: &Value) -> &str {
    run["id"].as_str().expect("a run's id")
}

/// The input that every workflow's example starts with.
pub fn text(words: &str) -> Value {
    json!({ "text": words })
}

/// What stands between two parts of a text.
pub fn between<'a>(body: &'a str, before: &str, after: &str) -> &'a str {
    let found = body.split_once(before).and_then(|(_, rest)| rest.split_once(after));
    found.unwrap_or_else(|| panic!("no {before}…{after} in {body}")).0
}
