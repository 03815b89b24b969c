//! The engine's promises, told through its public verbs: a real database in a temporary folder, an upstream that
//! answers by script, and a clock that moves only when everybody waits.

mod accounts;
mod again;
mod any_order;
mod clocks;
mod database_trouble;
mod discovery;
mod durability;
mod environment_choice;
mod environment_keys;
mod environments;
mod event_kinds;
mod first_admin;
mod idempotency;
mod inputs;
mod leases;
mod lifecycle;
mod limits;
mod orphans;
mod outcomes;
mod restart;
mod retention;
mod rights;
mod scope;
mod stopping;
mod support;
mod tokens;
mod watching;
mod watching_trouble;
