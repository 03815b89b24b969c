//! State that outlives pages, behind small facades.

pub mod live;
pub mod session;
