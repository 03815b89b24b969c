//! How long an event takes from the commit to its readers.

use std::time::Duration;

use anyhow::bail;
use futures::{StreamExt, future::try_join_all};
use jiff::Timestamp;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::{sync::mpsc, task::JoinSet, time::timeout};

use crate::{stack::Stack, submit::start_run, table::Times};

const RUNS: usize = 20;
/// Between two of them.
const PACE: Duration = Duration::from_millis(250);
/// How long to wait for an event before the measurement counts as failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// From the run's `finished_at`, which is taken just before the commit, to each reader. Every reader must see
/// the end of every run.
pub async fn lag(stack: &Stack, streams: usize) -> anyhow::Result<Times> {
    let (told, mut heard) = mpsc::unbounded_channel();
    let mut readers = JoinSet::new();
    for _ in 0..streams {
        let url = format!("{}/api/v1/events", stack.url);
        // No time limit: a stream has no end.
        let client = Client::builder().no_proxy().build()?;
        let answer = client.get(url).bearer_auth(&stack.token).send().await?.error_for_status()?;
        let told = told.clone();
        readers.spawn(async move {
            let mut body = answer.bytes_stream();
            let mut text = String::new();
            while let Some(Ok(bytes)) = body.next().await {
                text.push_str(&String::from_utf8_lossy(&bytes));
                while let Some(end) = text.find("\n\n") {
                    if let Some(lag) = lag_of(&text[..end]) {
                        let _ = told.send(lag);
                    }
                    text.drain(..end + 2);
                }
            }
        });
    }
    drop(told);
    let submits = (0..RUNS).map(async |n| {
        tokio::time::sleep(PACE * u32::try_from(n)?).await;
        let answer = start_run(&stack.client, stack, "text-summary", json!({ "text": "One. Two." })).send().await?;
        anyhow::Ok(answer.error_for_status()?)
    });
    try_join_all(submits).await?;
    let mut times = Times::default();
    while times.count() < streams * RUNS {
        match timeout(PATIENCE, heard.recv()).await {
            Ok(Some(lag)) => times.add(lag),
            _ => bail!("{} of {} events arrived", times.count(), streams * RUNS),
        }
    }
    Ok(times)
}

/// Of an event that tells the end of a run.
fn lag_of(message: &str) -> Option<Duration> {
    let data = message.lines().find_map(|line| line.strip_prefix("data:"))?;
    let event: Value = serde_json::from_str(data).ok()?;
    let finished: Timestamp = event["run"]["finished_at"].as_str()?.parse().ok()?;
    Duration::try_from(Timestamp::now().duration_since(finished)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ends_are_timed() {
        let finished = Timestamp::now();
        let end = format!("event: run\ndata: {}", json!({ "run": { "finished_at": finished.to_string() } }));
        assert!(lag_of(&end).is_some_and(|lag| lag < Duration::from_secs(5)));
        assert_eq!(lag_of("event: run\ndata: {\"run\":{}}"), None);
        assert_eq!(lag_of("event: ping\ndata: 17"), None);
    }
}
