//! The server: settings, start-up, routes, middleware, command line.

#![recursion_limit = "256"]

mod assets;
pub mod cli;
pub mod config;
mod connections;
mod events;
mod extractors;
mod health;
mod middleware;
mod page_forms;
mod pages;
mod rest;
mod retention;
mod rights;
mod router;
mod routes;
mod sealer;
mod security;
mod serve;
mod upstreams;

pub use router::{App, router, routes};
pub use serve::{Served, start};
