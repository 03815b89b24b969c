//! The words of the product as serialisable types, shared by engine, server and browser.
//!
//! No I/O, no framework, compiles to wasm. Times are milliseconds since the Unix epoch (UTC),
//! durations are milliseconds.

mod account;
mod action;
mod audit;
mod environment;
mod event;
mod grant;
mod id;
mod live;
mod page;
mod run;
mod status;
mod token;
mod vocabulary;
mod workflow;

pub use account::{Principal, PrincipalKind, Role};
pub use action::{ActionError, RunAction};
pub use audit::{AuditAction, AuditKind};
pub use environment::{Activity, EnvColour, EnvKind, EnvSource, Environment, InstanceState};
pub use event::EventKind;
pub use grant::{Grant, GrantTarget, GrantVerbs, Grantee, Group};
pub use id::{EnvSlug, GroupId, IdError, LinkId, RunId, TokenId, UserId, WorkflowId};
pub use live::LiveEvent;
pub use page::{Cursor, Page};
pub use run::{
    Again, Candidate, Candidates, Door, Doubt, ErrorKind, ListedRun, Outage, Rerun, Run, RunError, RunEvent,
    RunSummary, WatchNote,
};
pub use status::RunStatus;
pub use token::{TokenAct, TokenScopes};
pub use vocabulary::UnknownWord;
pub use workflow::{Bar, Catalog, Notice, RecentRun, Usual, WorkflowCard, WorkflowDetail, WorkflowSource};

/// Milliseconds since the Unix epoch, UTC.
pub type Millis = i64;
