//! Every statement and what it means, written once and compiled for each database.
//!
//! The module above (`sqlite` or `postgres`) brings what differs: `Database`, `Connection`, the macros
//! `statement!` and `rows!`, and the few statements in its `dialect`. See `README.md` for how to add one.

mod accounts;
mod audit;
mod catalog;
mod environments;
mod grants;
mod keys;
mod leases;
mod links;
mod log_ins;
mod retention;
mod rights;
pub mod row;
pub mod runs;
mod sessions;
mod settings;
mod store;
mod tokens;

use super::{Backend, Connection, Database, dialect, error::while_doing};

pub use store::touch;
