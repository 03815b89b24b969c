//! What happens around every request.

pub mod headers;
pub mod observe;
pub mod session;
