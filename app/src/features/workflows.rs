//! What can be run, and the form that runs it.

mod api;
mod doubt;
mod form;
mod list;
mod model;
mod remove;

pub use api::{add_workflow, get_home, remove_workflow, workflow_page};
pub use form::{AlreadyRun, WorkflowForm};
pub use list::{Attention, Notices, WorkflowList};
#[cfg(feature = "ssr")]
pub use model::Resubmission;
pub use model::{ALTHOUGH, AddWorkflowForm, Home, WorkflowRequest, WorkflowView};
pub use remove::RemoveWorkflow;
