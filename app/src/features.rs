//! One folder per noun: its server functions, its model, its views.

pub mod accounts;
pub mod runs;
pub mod workflows;
