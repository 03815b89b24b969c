//! The server: settings, start-up, routes, middleware, command line.

#![recursion_limit = "256"]

mod assets;
pub mod cli;
pub mod config;
mod doors;
mod events;
mod health;
mod middleware;
mod page_forms;
mod rest;
mod router;
mod sealer;
mod serve;

pub use router::{App, doors, router};
pub use serve::{Served, start};
