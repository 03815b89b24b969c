//! People and their sessions.

mod model;
#[cfg(feature = "ssr")]
mod session;

pub use model::Session;
#[cfg(feature = "ssr")]
pub use session::session_of;
