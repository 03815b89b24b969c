//! What can be run, and the form that runs it.

mod api;
#[cfg(feature = "ssr")]
mod curl;
mod doubt;
mod form;
mod list;
mod model;
mod remove;

pub use api::{get_home, remove_workflow, workflow_page};
pub use form::{AlreadyRun, WorkflowForm};
pub use list::{Attention, Notices, WorkflowList};
#[cfg(feature = "ssr")]
pub use model::Resubmission;
pub use model::{ALTHOUGH, Home, WorkflowRequest, WorkflowView};
pub use remove::RemoveWorkflow;
