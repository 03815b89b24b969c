//! Three servers on one PostgreSQL. One is this process.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{
    Process, Setup, TestApp, Told, id,
    postgres::{database, database_with_a_clock, number, set_clock},
    text,
};

/// Longer than two take-overs one after the other, with room for a busy machine.
const AT_REST: Duration = Duration::from_secs(60);
const MOVING: &str = "SELECT count(*) FROM runs WHERE status IN ('submitting', 'pending')";

struct Three {
    here: TestApp,
    there: [Process; 2],
    token: String,
    url: String,
}

impl Three {
    async fn start(url: String) -> Self {
        let emulator = emulator::Config { speed: 1.0, ..emulator::Config::default() };
        let settings = vec![("DASHBOARD_DATABASE_URL", url.clone())];
        let here = TestApp::with(Setup { emulator, settings, ..Setup::default() }).await;
        let token = here.token().await;
        let there = [Process::serve(here.settings()), Process::serve(here.settings())];
        Self { here, there, token, url }
    }

    /// Starts a run at each of them.
    async fn start_at_each(&self, workflow: &str, input: &Value) {
        let bases = [&self.here.base, &self.there[0].base, &self.there[1].base];
        for base in bases {
            let body = json!({ "environment": "dev", "workflow": workflow, "input": input });
            let post = self.here.client.post(format!("{base}/api/v1/runs")).bearer_auth(&self.token);
            let answer = post.json(&body).told().await;
            assert_eq!(answer.status, 202, "{}", answer.body);
            assert!(!id(&answer.json()).is_empty());
        }
    }

    async fn number(&self, sql: &str) -> i64 {
        number(&self.url, sql).await
    }

    async fn come_to_rest(&self) {
        let began = Instant::now();
        while self.number(MOVING).await > 0 {
            let logs = self.there.each_ref().map(Process::log);
            assert!(began.elapsed() < AT_REST, "runs still move; {logs:?}");
            sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_come_and_go_send_each_run_once_and_finish_what_began() {
    let mut three = Three::start(database().await).await;
    let report = json!({ "title": "x", "seconds": 4 });
    three.start_at_each("slow-report", &report).await;
    // Longer than a lease; its runs are finished by others.
    three.there[0].signal("STOP");
    sleep(Duration::from_secs(9)).await;
    three.there[0].signal("CONT");
    sleep(Duration::from_secs(1)).await;
    three.start_at_each("slow-report", &report).await;
    three.start_at_each("text-summary", &text("x")).await;
    // One dies and is replaced, then another is stopped and replaced.
    three.there[0].signal("KILL");
    three.there[0] = Process::serve(three.here.settings());
    three.start_at_each("slow-report", &report).await;
    three.there[1].signal("TERM");
    sleep(Duration::from_secs(1)).await;
    three.there[1] = Process::serve(three.here.settings());
    three.start_at_each("slow-report", &report).await;
    three.come_to_rest().await;
    let runs = three.number("SELECT count(*) FROM runs").await;
    assert_eq!(runs, 15);
    assert_eq!(three.number("SELECT count(*) FROM attempts").await, runs, "one attempt each");
    let sent = i64::try_from(three.here.triggers().await).expect("few");
    let counted = three.number("SELECT count(*) FROM attempts WHERE outcome <> 'interrupted'").await;
    assert!((counted..=runs).contains(&sent), "{sent} were sent, {counted} of {runs} for certain");
    // A run may only be in doubt when its server died while it was being sent.
    let ended = three.number("SELECT count(*) FROM runs WHERE status = 'success'").await;
    let doubtful = three.number("SELECT count(*) FROM attempts WHERE outcome = 'interrupted'").await;
    assert_eq!(ended + doubtful, runs);
    assert!(doubtful <= 2, "{doubtful} in doubt");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_whose_clock_is_set_moves_no_run_from_one_server_to_another() {
    let three = Three::start(database_with_a_clock().await).await;
    three.start_at_each("slow-report", &json!({ "title": "x", "seconds": 25 })).await;
    // Longer than the pause in which nobody takes anything over after a start.
    sleep(Duration::from_secs(7)).await;
    three.here.fault(json!({ "endpoint": "trigger", "next": 3, "delay_ms": 12_000 })).await;
    three.start_at_each("text-summary", &text("x")).await;
    for ahead in ["-1 hour", "1 hour"] {
        set_clock(&three.url, ahead).await;
        sleep(Duration::from_secs(8)).await;
    }
    three.come_to_rest().await;
    let logs = three.there.each_ref().map(Process::log);
    assert_eq!(
        three.number("SELECT max(lease_epoch) FROM runs").await,
        1,
        "each stayed where it was started: {logs:?}"
    );
    assert_eq!(three.number("SELECT count(*) FROM runs WHERE status = 'success'").await, 6, "{logs:?}");
    assert_eq!(three.here.triggers().await, 6);
}
