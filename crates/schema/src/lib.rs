//! Forms and results of workflows: one description, one validator, one encoding.
//!
//! Everything here is pure: no I/O, no clock, no framework. The server and the browser compile the
//! same code, so a message a person sees while typing is the one the server would give.
//!
//! - [`Form`] is the canonical form; [`Form::parse`] accepts every spelling found in the wild.
//! - [`validate`] says what is wrong with an input, [`decode`] and [`prefill`] translate between
//!   HTML form pairs and JSON.
//! - [`SkillDoc`] reads an author's description and derives a form from it when there is no schema.
//! - [`ResultView`] decides how a result looks; it holds no markup except sanitised Markdown.

mod encode;
mod error;
mod form;
mod json_text;
mod pattern;
mod result;
mod skill;
mod source;
mod validate;

pub use encode::{Decoded, JSON_FIELD, clean, decode, defaults, field_name, prefill, read_submission, representable};
pub use error::{ErrorCode, FieldError, SchemaError};
pub use form::{Choice, Field, FileRules, Form, Item, Kind, NumberRules, Section, TextRules};
pub use json_text::{MAX_VALUES, Values, decode_json};
pub use result::{Clip, Entry, ResultView};
pub use skill::{OutputField, SkillDoc};
pub use source::{FormCandidates, FormSource, SourcedForm, choose_form};
pub use validate::{validate, warnings};
