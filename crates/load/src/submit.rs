//! How many submits a second, from a fixed number of connections that each wait for their answer.

use std::{
    fmt,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use futures::future::try_join_all;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::json;

use crate::{
    stack::{Process, Stack, await_ok, free_address},
    table::Times,
};

const WORKFLOW: &str = "text-summary";
/// Not counted: connections open, caches fill.
const WARM_UP: Duration = Duration::from_secs(1);

pub struct Rate {
    times: Times,
    lasted: Duration,
}

impl Rate {
    pub fn rate(&self) -> f64 {
        self.times.count() as f64 / self.lasted.as_secs_f64()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}/s, {}", self.rate(), self.times)
    }
}

pub async fn through_passthrough(stack: &Stack, connections: usize, lasting: Duration) -> anyhow::Result<Rate> {
    let listen = free_address()?;
    let me: PathBuf = std::env::current_exe()?;
    let trigger = format!("{}/webhook/{}/{WORKFLOW}", stack.upstream, stack.instance);
    let _process = Process::start(Command::new(me).args(["passthrough", &listen, &trigger, &stack.key]))?;
    await_ok(&stack.client, &format!("http://{listen}/ready")).await?;
    let url = format!("http://{listen}/run");
    let body = json!({ "payload": { "text": "One. Two. Three." } }).to_string();
    let request = |client: &Client| client.post(&url).body(body.clone());
    load(connections, lasting, StatusCode::OK, request).await
}

pub async fn through_dashboard(stack: &Stack, connections: usize, lasting: Duration) -> anyhow::Result<Rate> {
    let request = |client: &Client| start_run(client, stack, WORKFLOW, json!({ "text": "One. Two. Three." }));
    load(connections, lasting, StatusCode::ACCEPTED, request).await
}

pub fn start_run(client: &Client, stack: &Stack, workflow: &str, input: serde_json::Value) -> RequestBuilder {
    let run = json!({ "environment": "dev", "workflow": workflow, "input": input });
    client
        .post(format!("{}/api/v1/runs", stack.url))
        .bearer_auth(&stack.token)
        .header("idempotency-key", uuid::Uuid::new_v4().to_string())
        .json(&run)
}

/// # Errors
/// At the first answer with another status: refusals are quick, so they would flatter the rate.
async fn load(
    connections: usize,
    lasting: Duration,
    expected: StatusCode,
    request: impl Fn(&Client) -> RequestBuilder,
) -> anyhow::Result<Rate> {
    let counted_from = Instant::now() + WARM_UP;
    let until = counted_from + lasting;
    let one = async || {
        let client = Client::builder().no_proxy().pool_max_idle_per_host(1).build()?;
        let mut times = Times::default();
        while Instant::now() < until {
            let from = Instant::now();
            let answer = request(&client).send().await.context("a submit got no answer")?;
            let status = answer.status();
            let body = answer.bytes().await?;
            if status != expected {
                bail!("a submit was answered {status}: {}", String::from_utf8_lossy(&body));
            }
            if from >= counted_from {
                times.add(from.elapsed());
            }
        }
        anyhow::Ok(times)
    };
    let mut times = Times::default();
    for of_one in try_join_all((0..connections).map(|_| one())).await? {
        times.append(of_one);
    }
    Ok(Rate { times, lasted: counted_from.elapsed() })
}
