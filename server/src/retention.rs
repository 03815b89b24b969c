//! Removes what the settings no longer keep, once an hour.

use std::time::Duration;

use engine::{Engine, Retention};
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(60 * 60);

/// Until the engine stops.
pub async fn run(engine: Engine, keep: Retention) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = engine.remove_old(keep).await {
            tracing::warn!(%error, "what is old could not be removed; trying again in an hour");
        }
    }
}
