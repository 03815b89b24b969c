//! Very many runs that wait for Codika: memory, how fast they are asked about, how fast they are taken up again.

use std::time::{Duration, Instant};

use anyhow::bail;
use futures::{StreamExt, stream};
use serde_json::json;
use tokio::time::sleep;

use crate::{stack::Stack, submit::start_run};

/// Submits under way at once.
const AT_ONCE: usize = 64;
/// How long polls are counted.
const WINDOW: Duration = Duration::from_secs(20);
/// How long the last dispatches may take.
const PATIENCE: Duration = Duration::from_secs(120);

pub async fn measure(stack: &mut Stack, runs: usize) -> anyhow::Result<Vec<(String, String)>> {
    let from = Instant::now();
    let mut submits = stream::iter(0..runs)
        .map(async |_| {
            let run = start_run(&stack.client, stack, "never-answers", json!({})).send().await?;
            let status = run.status();
            if !status.is_success() {
                bail!("a submit was answered {status}: {}", run.text().await?);
            }
            run.bytes().await?;
            anyhow::Ok(())
        })
        .buffer_unordered(AT_ONCE);
    while let Some(submit) = submits.next().await {
        submit?;
    }
    drop(submits);
    while stack.counts().await?.0 < runs as u64 {
        if from.elapsed() > PATIENCE + Duration::from_millis(runs as u64 * 5) {
            bail!("only {} of {runs} runs reached the emulator", stack.counts().await?.0);
        }
        sleep(Duration::from_millis(200)).await;
    }
    let filled = from.elapsed();
    let polls = async |stack: &Stack| {
        let (from, before) = (Instant::now(), stack.counts().await?.1);
        sleep(WINDOW).await;
        anyhow::Ok((stack.counts().await?.1 - before) as f64 / from.elapsed().as_secs_f64())
    };
    let rate = polls(stack).await?;
    let memory = stack.dashboard.resident_mb()?;
    let ready = stack.crash_and_restart().await?;
    let resumed_rate = polls(stack).await?;
    if resumed_rate == 0.0 {
        bail!("nothing was asked about after the restart");
    }
    let pending = format!("{runs} pending runs");
    Ok(vec![
        (format!("{pending}: submitted and dispatched in"), format!("{:.1} s", filled.as_secs_f64())),
        (format!("{pending}: resident memory"), format!("{memory:.0} MB")),
        (format!("{pending}: polls"), format!("{rate:.0}/s")),
        (
            format!("{pending}: from exec after kill -9 until all are taken up again"),
            format!("{:.2} s", ready.as_secs_f64()),
        ),
        (format!("{pending}: polls after that"), format!("{resumed_rate:.0}/s")),
        (format!("{pending}: resident memory after that"), format!("{:.0} MB", stack.dashboard.resident_mb()?)),
    ])
}
