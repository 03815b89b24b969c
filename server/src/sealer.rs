//! Puts new entries of the audit trail under a seal, within a second.

use std::time::Duration;

use engine::{Engine, StoreError};
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_millis(500);

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
        let sealed = seal_all(&engine).await;
        if let (Err(error), false) = (&sealed, failing) {
            tracing::error!(%error, "the audit trail cannot be sealed at the moment; trying again");
        }
        failing = sealed.is_err();
    }
}

pub async fn seal_all(engine: &Engine) -> Result<(), StoreError> {
    while engine.seal_audit().await? > 0 {}
    Ok(())
}
