//! State that outlives pages, behind small facades.

pub mod clock;
pub mod live;
pub mod session;
