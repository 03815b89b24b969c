mod clean;
mod decode;
mod number;
mod prefill;

pub use clean::{clean, defaults};
pub use decode::{Decoded, decode, read_submission};
pub(crate) use number::parse as parse_number;
pub use prefill::{prefill, representable};

/// The name of the raw JSON editor's control.
pub const JSON_FIELD: &str = "in_json";

/// The name of the HTML control of a field; the prefix keeps it apart from the page's own controls.
pub fn field_name(path: &str) -> String {
    format!("in.{path}")
}

#[cfg(test)]
mod tests;
