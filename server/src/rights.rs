//! Looks whether another process has changed what somebody may do: the command line, or another replica.

use std::time::Duration;

use engine::Engine;
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(1);

/// Until the engine stops.
pub async fn run(engine: Engine) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            _ = ticks.tick() => {}
        }
        let looked = engine.look_at_rights().await;
        if let (Err(error), false) = (&looked, failing) {
            tracing::error!(%error, "changes of rights cannot be read at the moment; trying again");
        }
        failing = looked.is_err();
    }
}
