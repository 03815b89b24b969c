//! Typed client of the Codika public API: trigger a workflow, poll its execution, read what the
//! platform tells of an instance.
//!
//! A [`Client`] stands for one environment: a [`BaseUrl`], a process instance and its [`Key`]s.
//! [`Client::trigger`] never fails; its [`TriggerOutcome`] says what is known, and only
//! [`TriggerOutcome::NotSent`] makes it safe to send again. Every other call returns a
//! [`CallError`] whose kind follows from the HTTP status or the network, never from upstream's
//! codes. Nothing is ever repeated, no redirect followed, no proxy used, no answer read past its
//! cap.
//!
//! [`wire`] holds the JSON shapes; the local emulator writes with them what this client reads.
//!
//! **Invariant** no key appears in `Debug`, an error or a log line. **Invariant** a trigger is at
//! most one `POST`. **Invariant** a result is handed over byte for byte as received.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use codika::{BaseUrl, Client, ClientConfig, Key, TriggerOutcome};
//!
//! let mut config = ClientConfig::new(BaseUrl::parse("https://api.codika.io")?, "0198f2a0-0000-7000-8000-00000000a001");
//! config.instance_key = Some(Key::parse("ck_example")?);
//! let client = Client::new(config)?;
//! client.verify_path_style().await;
//! if let TriggerOutcome::Accepted { execution_id, .. } = client.trigger("main-workflow", &Default::default()).await {
//!     let reply = client.status(&execution_id).await?;
//!     println!("{:?}", reply.state);
//! }
//! # Ok(())
//! # }
//! ```

mod answer;
mod base_url;
mod client;
mod config;
mod error;
mod id;
mod json;
mod key;
mod outcome;
mod path;
mod reach;
mod retry_after;
mod state;
mod status;
mod text;
mod transport;
pub mod wire;

pub use base_url::{BaseUrl, BaseUrlError};
pub use client::{Activated, Client};
pub use config::{Caps, ClientConfig, ConfigError, Timeouts};
pub use error::{CallError, CallErrorKind};
pub use id::{ExecutionId, IdError};
pub use key::{Key, KeyError, KeyKind};
pub use outcome::{NotSentReason, TriggerOutcome, UnconfirmedReason};
pub use path::{PathStyle, PathStyleError};
pub use reach::{Reach, ReachError};
pub use state::ExecutionState;
pub use status::StatusReply;
