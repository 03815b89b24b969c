//! The JSON of the Codika public API, one type per shape on the wire.
//!
//! Used from both ends: this crate's [`Client`](crate::Client) reads them, the local emulator
//! writes them. Written, a type has exactly the members the vendor's documentation lists. Read,
//! it forgives: unknown members are ignored, an optional member of the wrong type counts as
//! absent, and an unreadable list item is left out. Words that may grow (statuses, trigger types)
//! stay strings. Times are ISO 8601 texts in UTC, durations integer milliseconds.

mod account;
mod envelope;
mod execution;
mod instance;
mod lenient;
mod project;
mod skills;
mod trigger;

pub use account::{KeyInfo, VerifyReply};
pub use envelope::{Envelope, ErrorBody, FamilyAError, FamilyBError};
pub use execution::{
    DetailsReply, ErrorDetails, Execution, ExecutionList, ExecutionListReply, ListedExecution, StatusEnvelope,
    StatusWord, Trace,
};
pub use instance::{
    Activation, ActivationReply, Deployment, Instance, InstanceList, InstanceListReply, InstanceReply, InstanceRequest,
    InstanceSummary, Trigger, Workflow,
};
pub use project::{
    CurrentDeployment, Project, ProjectList, ProjectListReply, ProjectReply, ProjectRequest, ProjectSummary,
};
pub use skills::{Skill, Skills, SkillsReply};
pub use trigger::{TriggerReply, TriggerRequest};
