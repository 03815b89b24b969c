//! Runs: starting, watching, settling and listing them.

mod act;
mod again;
mod api;
mod model;
mod outcome;
mod panel;
mod table;
mod waiting;

pub use act::RunActions;
pub use again::AgainLink;
pub use api::{act_on_run, count_moving, get_run, list_runs, start_run};
pub use model::{RunList, RunView};
pub use panel::{DetailPanel, EventList, InputPanel, ResultTab};
pub use table::RunTable;
