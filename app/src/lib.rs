//! The dashboard's user interface: the same views on the server (feature `ssr`) and in the browser
//! (feature `hydrate`). Never build it with both.

#![recursion_limit = "256"]

mod app;
pub mod components;
pub mod error;
pub mod features;
#[cfg(feature = "ssr")]
pub mod pages;
pub mod paths;
pub mod providers;
mod routes;
#[cfg(feature = "ssr")]
pub mod services;
#[cfg(feature = "ssr")]
mod shell;
mod wire;

pub use app::App;
#[cfg(feature = "ssr")]
pub use shell::{Assets, Theme, shell};
