//! What hostile requests cost the program, in memory: while they are there and afterwards.

use std::{fs, time::Duration};

use futures::future::join_all;
use reqwest::{RequestBuilder, Response};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep},
};

use crate::support::{PATIENCE, Process, TestApp, Told, id};

const AT_ONCE: usize = 40;
/// Over what the program has when nothing happens, in megabytes.
const ALLOWED: u64 = 150;
const LEFT: u64 = 60;
/// Just below what is received at all.
const LARGE: usize = 3_900_000;

struct Target {
    app: TestApp,
    process: Process,
    member: String,
    /// A cookie that was a session once.
    former: String,
    token: String,
    /// A run with a result of 9 MB.
    run: String,
    idle: u64,
}

impl Target {
    async fn start() -> Self {
        let mut app = TestApp::start().await;
        let (token, former, member) = (app.token().await, app.log_in().await, app.log_in().await);
        app.form("/logout", &[]).cookie(&former).told().await;
        let run = app.start_run(&token, "sized-result", json!({ "kilobytes": 9_000, "shape": "table" })).await;
        let run = app.until(&token, id(&run), "success").await;
        app.stop_server().await;
        let process = Process::serve(app.settings());
        app.base = process.base.clone();
        let mut target = Self { app, process, member, former, token, run: id(&run).to_owned(), idle: 0 };
        target.warm_up().await;
        target
    }

    async fn warm_up(&mut self) {
        for path in ["/", "/runs", "/dev", "/dev/workflows/text-summary?draft=d"] {
            self.app.get(path).cookie(&self.member).told().await;
        }
        self.app.log_in().await;
        sleep(Duration::from_secs(1)).await;
        self.idle = self.megabytes("VmRSS");
    }

    fn megabytes(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("it runs");
        let line = status.lines().find(|line| line.starts_with(field)).expect("a line");
        let kilobytes: u64 = line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number");
        kilobytes / 1024
    }

    /// What this costs at its peak, and once it is over.
    async fn cost<T>(&self, name: &str, work: impl Future<Output = T>) -> (String, u64, u64) {
        // The high-water mark starts again.
        fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5").expect("a process of ours");
        work.await;
        let peak = self.megabytes("VmHWM").saturating_sub(self.idle);
        let over = || self.megabytes("VmRSS").saturating_sub(self.idle);
        let deadline = Instant::now() + PATIENCE;
        while over() > LEFT && Instant::now() < deadline {
            sleep(Duration::from_millis(200)).await;
        }
        (name.to_owned(), peak, over())
    }

    async fn many(&self, name: &str, wanted: &[u16], request: impl Fn(usize) -> RequestBuilder) -> (String, u64, u64) {
        let all = async {
            let sent = (0..AT_ONCE).map(|i| request(i).timeout(Duration::from_secs(300)).send());
            for answer in join_all(sent).await {
                let answer: Response = answer.expect("an answer");
                assert!(wanted.contains(&answer.status().as_u16()), "{name}: {}", answer.status());
                answer.bytes().await.expect("all of it");
            }
        };
        self.cost(name, all).await
    }

    fn urlencoded(&self, path: &str, body: &'static [u8]) -> RequestBuilder {
        self.app.form(path, &[]).body(body)
    }

    fn call(&self, path: &str, body: &'static [u8]) -> RequestBuilder {
        self.app.client.post(format!("{}{path}", self.app.base)).header("content-type", "application/json").body(body)
    }

    /// Everything but the last byte, which never comes.
    async fn unfinished(&self, path: &str, cookie: &str, body: &'static [u8]) {
        let address = self.app.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\naccept: text/html\r\norigin: http://{address}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
            body.len() + 1
        );
        // Whoever is refused meanwhile cannot send on.
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(body).await;
        let mut answer = [0; 100];
        let _ = tokio::time::timeout(Duration::from_secs(3), stream.read(&mut answer)).await;
    }
}

fn leaked(text: String) -> &'static [u8] {
    text.leak().as_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forty_of_each_hostile_request_cost_little_and_what_they_took_is_given_back() {
    let target = Target::start().await;
    let text = leaked(format!("email={}", "x".repeat(LARGE)));
    let pairs = leaked("a&".repeat(LARGE / 2));
    let objects = vec![json!({ "": 1 }); 550_000];
    let bomb = json!({ "environment": "dev", "workflow": "text-summary", "draft": "d", "input": { "text": objects } });
    let bomb = leaked(bomb.to_string());
    let many = json!({ "environment": "dev", "workflow": "text-summary", "draft": "d",
        "input": { "text": vec![json!({ "": 1 }); 60_000] } });
    let many = leaked(many.to_string());
    let (app, member) = (&target.app, &target.member);
    let form = "/dev/workflows/text-summary?draft=hostile";

    let mut seen = vec![
        target.many("log-ins with a long address", &[413], |_| target.urlencoded("/login", text)).await,
        target.many("preferences of many pairs", &[413], |_| target.urlencoded("/preferences", pairs)).await,
        target.many("set-ups of many pairs", &[413], |_| target.urlencoded("/setup", pairs)).await,
        target.many("guests' calls", &[401], |_| target.call("/rpc/start_run", bomb)).await,
        target.many("guests' forms", &[303], |_| target.urlencoded("/dev/add-workflow", pairs)).await,
        target.many("requests without a token", &[401], |_| target.call("/api/v1/runs", bomb)).await,
        target.many("calls of many values", &[413], |_| target.call("/rpc/start_run", bomb).cookie(member)).await,
        target
            .many("requests of many values", &[413], |_| target.call("/api/v1/runs", bomb).bearer_auth(&target.token))
            .await,
        target
            .many("as many values as may be", &[422, 503], |_| target.call("/rpc/start_run", many).cookie(member))
            .await,
        target.many("members' forms of many pairs", &[413], |_| target.urlencoded(form, pairs).cookie(member)).await,
        target.many("members' long forms", &[413, 422, 503], |_| target.urlencoded(form, text).cookie(member)).await,
    ];
    let at_once = |path: &'static str, cookie: &'static str, body| {
        join_all(
            (0..AT_ONCE)
                .map(move |_| (path, cookie, body))
                .map(|(path, cookie, body)| target.unfinished(path, cookie, body)),
        )
    };
    seen.push(target.cost("half a log-in", at_once("/login", "", text)).await);
    let member: &'static str = member.clone().leak();
    seen.push(target.cost("half a form of a member", at_once(form, member, text)).await);
    seen.push(
        target
            .many("forms that wait for a log-in", &[303, 413], |i| {
                let path = format!("/dev/workflows/text-summary?draft=k{i}");
                target.urlencoded(&path, pairs).cookie(&target.former)
            })
            .await,
    );
    let short = leaked("a&".repeat(8_000));
    seen.push(
        target
            .cost("many forms that wait for a log-in", async {
                for i in 0..600 {
                    let path = format!("/dev/workflows/text-summary?draft=l{i}");
                    let answer = target.urlencoded(&path, short).cookie(&target.former).told().await;
                    assert_eq!(answer.status, 303);
                }
            })
            .await,
    );
    let run = format!("/runs/{}", target.run);
    seen.push(target.many("readers of a large result", &[200], |_| app.get(&run).cookie(member)).await);
    let file = format!("{run}/result.json");
    seen.push(target.many("downloads of a large result", &[200], |_| app.get(&file).cookie(member)).await);
    let told = |(name, peak, left): &(String, u64, u64)| format!("{name}: {peak} MB, then {left} MB\n");
    let report: String = seen.iter().map(told).collect();
    assert!(seen.iter().all(|(_, peak, left)| *peak <= ALLOWED && *left <= LEFT), "over {} MB:\n{report}", target.idle);
}

/// Its bytes, what they are as values, and the page: five times its size in all.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_page_of_a_large_result_costs_a_few_times_its_size() {
    let target = Target::start().await;
    let run = format!("/runs/{}", target.run);
    let (_, peak, _) = target
        .cost("one reader", async { target.app.get(&run).cookie(&target.member).told().await.shows(200, &["Row 200"]) })
        .await;
    assert!(peak <= 5 * 9, "{peak} MB");
}
