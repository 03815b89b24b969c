//! The domain: workflows, runs, watching, accounts, permissions, audit.
//!
//! Knows no web framework and no database: those stand behind [`Store`], [`Upstream`] and [`Clock`].
//! One door for every caller: each verb of [`Engine`] authorises through [`policy`].

mod access;
mod accounts;
mod audit;
mod clock;
mod dispatch;
mod engine;
mod environments;
mod error;
mod explain;
mod feed;
mod ids;
mod in_flight;
mod key_state;
mod limits;
mod markdown;
mod orphans;
pub mod policy;
mod replica;
mod results;
mod retention;
mod run_locks;
mod runs;
pub mod schedule;
pub mod scope;
mod stats;
pub mod store;
mod stored_results;
mod upstream;
mod watch;
mod workflows;

pub use access::{Access, TokenUse};
pub use accounts::{
    AcceptInvitation, By, CreatedToken, Invitation, LogIn, NewToken, OpenLink, SecretLink, SessionToken, SetUp,
    device_name, fold_email,
};
pub use clock::{Clock, SystemClock};
pub use engine::{Engine, EngineConfig, EnvironmentConfig, Limits};
pub use environments::{
    ChangeEnvironment, ConnectError, EnvironmentKeys, EnvironmentSettings, InstanceChoice, Instances, KeyReport,
    KeySlot, KeyVerdict, ManagedEnvironment, ManagedKey, NewEnvironment, NewKeys, UpstreamFactory,
};
pub use error::{EngineError, Problem};
pub use ids::draft_key;
pub use markdown::{manual_to_html, to_html};
pub use results::{Fields, Projection};
pub use retention::Retention;
pub use runs::{RunQuery, StartRun, Started};
pub use scope::Scope;
pub use store::{Store, StoreError};
pub use stored_results::StoredResult;
pub use upstream::Upstream;
pub use watch::note_in_words;
pub use workflows::{AddWorkflow, WorkflowForm};
