use std::sync::atomic::{AtomicI64, Ordering};

use engine::Clock;
use model::Millis;
use tokio::time::Instant;

/// Moves with the runtime's clock, and can be set like the one of a machine.
pub struct TestClock {
    began: Instant,
    set: AtomicI64,
}

impl Default for TestClock {
    fn default() -> Self {
        Self { began: Instant::now(), set: AtomicI64::new(1_700_000_000_000) }
    }
}

impl TestClock {
    /// Somebody sets the machine's clock by so many milliseconds.
    pub fn jump(&self, by: Millis) {
        self.set.fetch_add(by, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Millis {
        let passed = Millis::try_from(self.began.elapsed().as_millis()).expect("tests are short");
        self.set.load(Ordering::Relaxed) + passed
    }
}
