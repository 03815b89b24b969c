//! Parts of the page that know no feature.

pub mod composing;
pub mod environment;
pub mod error;
pub mod frame;
pub mod heading;
#[cfg(feature = "hydrate")]
mod keyboard;
pub mod loading;
pub mod page;
mod palette;
pub mod spark;
pub mod time;
