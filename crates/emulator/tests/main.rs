//! All tests over HTTP, in one binary because linking costs more than running.

mod client;
mod conformance;
mod durability;
mod faults;
mod workflows;
