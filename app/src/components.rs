//! Parts of the page that know no feature.

pub mod environment;
pub mod error;
pub mod frame;
pub mod loading;
pub mod spark;
pub mod time;
