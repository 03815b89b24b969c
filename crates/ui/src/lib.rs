//! The views that the dashboard and the widget share: forms, fields, run status and results.
//!
//! No router, no server functions, no inline styles. Markup is the same on server and in browser;
//! class names are those of `style/README.md`.
//!
//! Controls are uncontrolled: the server writes their values as attributes, the browser keeps what is
//! typed, and [`read_form`] collects it on submit. So what somebody typed before the script arrived
//! is never lost. New `values` reach a form only when it is mounted anew.
#![recursion_limit = "256"]

mod chip;
mod code;
mod copy;
mod form;
mod icon;
mod read;
mod result;
mod time;
mod words;

pub use chip::StatusChip;
pub use code::{CodeBlock, JsonBlock};
pub use copy::CopyButton;
#[cfg(feature = "hydrate")]
pub use copy::listen_for_copies;
pub use form::{ErrorSummary, JsonEditor, SchemaForm, area_text, control_id};
pub use icon::{Icon, IconName};
pub use read::{focus_first_error, read_form};
pub use result::ResultPanel;
#[cfg(feature = "ssr")]
pub use result::result_html;
pub use time::Timestamp;
