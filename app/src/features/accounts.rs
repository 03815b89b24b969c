//! Who is logged in.

mod api;
mod model;

pub use api::current_session;
pub use model::{LogInFeedback, Session, SetUpFeedback};
