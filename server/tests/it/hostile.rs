//! Hostile behaviours of Codika, or of what stands between, and what a person must then read. The
//! numbers are those of the table in `docs/reliability.md`.

mod answers;
mod polls;
mod raw;
mod results;
mod tls;

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{PATIENCE, Setup, TestApp, Told, id, text};

/// A server whose Codika is about to misbehave, and the person who finds out.
struct Scene {
    app: TestApp,
    token: String,
    me: String,
}

impl Scene {
    async fn new() -> Self {
        Self::with(Vec::new()).await
    }

    async fn with(settings: Vec<(&'static str, String)>) -> Self {
        let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
        let (token, me) = (app.token().await, app.log_in().await);
        // What the environment offers was read while Codika still behaved.
        app.get("/api/v1/workflows?environment=dev").bearer_auth(&token).told().await;
        Self { app, token, me }
    }

    /// Codika calls may take a second, no longer.
    async fn hurried() -> Self {
        Self::with(vec![("CODIKA_TIMEOUT_SECONDS", "1".to_owned())]).await
    }

    async fn run(&self) -> Value {
        self.app.start_run(&self.token, "text-summary", text("One sentence.")).await
    }

    /// One run whose trigger meets this.
    async fn trigger_meets(&self, mut fault: Value) -> Value {
        fault["endpoint"] = json!("trigger");
        self.app.fault(fault).await;
        self.run().await
    }

    async fn becomes(&self, run: &Value, status: &str) -> Value {
        self.app.until(&self.token, id(run), status).await
    }

    /// Waits for a run that succeeds with something no JSON library reads.
    async fn succeeds(&self, run: &Value) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let runs = self.app.get("/api/v1/runs?status=success").bearer_auth(&self.token).told().await.json();
            if runs["items"].as_array().is_some_and(|runs| runs.iter().any(|one| one["id"] == run["id"])) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "{} never succeeded", run["id"]);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What stands on the run's page.
    async fn page(&self, run: &Value) -> String {
        self.tab(run, "result").await
    }

    async fn tab(&self, run: &Value, tab: &str) -> String {
        let answer = self.app.get(&format!("/runs/{}?tab={tab}", id(run))).cookie(&self.me).told().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// The run ends so, its page says so, and nothing was sent again.
    async fn ends(&self, run: &Value, status: &str, words: &[&str]) -> Value {
        let run = self.becomes(run, status).await;
        let page = self.page(&run).await;
        for word in words {
            assert!(page.contains(word), "“{word}” is not in {page}");
        }
        run
    }

    async fn triggers(&self) -> u64 {
        self.app.triggers().await
    }
}

/// What every run says that may have started.
const MAY_HAVE_STARTED: [&str; 3] =
    ["May have started", "This run may have started", "Look at the executions of this workflow at Codika"];

/// What every run says of which no byte was sent.
const NOT_SENT: [&str; 3] = ["Not sent, safe to send again", "it is safe to send it", "value=\"send_again\""];
