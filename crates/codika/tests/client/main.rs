//! The client against servers that behave, and servers that do not.

mod errors;
mod path_style;
mod reads;
mod status;
mod support;
mod trigger_answers;
mod trigger_network;
mod trigger_request;
mod wire;
