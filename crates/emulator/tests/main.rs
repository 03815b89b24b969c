//! All tests over HTTP, in one binary because linking costs more than running.

mod client;
mod conformance;
mod dashboard_client;
mod durability;
mod example;
mod faults;
mod n8n;
mod page;
mod program;
mod receiver;
mod record;
mod workflows;
