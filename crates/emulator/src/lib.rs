//! A local Codika: the platform's public protocol over HTTP, with a state of its own.
//!
//! A client cannot tell it from the platform, except by the paths below `/_emulator`, which tell what was
//! asked for and script faults. Its demo workflows really compute on their input.
//!
//! ```no_run
//! # async fn example() -> Result<(), emulator::StartError> {
//! let emulator = emulator::Emulator::start(emulator::Config::default()).await?;
//! let base_url = emulator.base_url();
//! let dev = &emulator.config().environments[0];
//! # drop((base_url, dev.clone()));
//! emulator.stop().await;
//! # Ok(())
//! # }
//! ```

mod answers;
mod auth;
mod call;
pub mod clock;
mod config;
mod connection;
mod control;
mod damage;
mod delay;
mod dice;
mod emulator;
mod endpoints;
mod execution;
mod faults;
mod files;
pub mod fixtures;
mod http;
mod input;
mod journal;
mod ledger;
mod n8n;
mod page;
mod record;
mod redact;
mod reply;
mod run;
mod runner;
mod scenario;
mod signature;
mod skew;
mod skill;
mod state;
mod switches;
mod text;
mod trace;
mod workflows;
mod world;

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

pub use config::{Config, Described, DescribedEnvironment};
pub use emulator::{Emulator, SCENARIO_REMEDY, StartError};
pub use http::router;
pub use n8n::N8nError;
pub use record::{RecordError, Recorded, Recording, record};
pub use scenario::Scenario;
pub use state::State;
pub use switches::MAX_SPEED;

/// A panic elsewhere leaves data that is still consistent: every change here is a single assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 32 random bytes' worth of a per-execution secret.
fn token() -> String {
    let (a, b) = (Uuid::new_v4(), Uuid::new_v4());
    URL_SAFE_NO_PAD.encode([a.into_bytes(), b.into_bytes()].concat())
}
