use std::{fmt, str::FromStr};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const LONGEST: usize = 200;
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Codika's id of one execution: opaque and case-sensitive, but fit to be one path segment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExecutionId(String);

/// Why a text cannot be one segment of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("the id is empty")]
    Empty,
    #[error("the id is longer than {LONGEST} characters")]
    TooLong,
    #[error("the id is not one path segment")]
    NotASegment,
}

impl ExecutionId {
    /// # Errors
    /// [`IdError`] when it is empty, longer than 200 characters, `.` or `..`, or holds a control
    /// character, `/`, `\`, `?` or `#`.
    pub fn parse(text: impl Into<String>) -> Result<Self, IdError> {
        let text = text.into();
        check(&text)?;
        Ok(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Refuses ids that a server or proxy could read as more, or less, than one path segment.
pub(crate) fn check(id: &str) -> Result<(), IdError> {
    if id.is_empty() {
        return Err(IdError::Empty);
    }
    if id.chars().nth(LONGEST).is_some() {
        return Err(IdError::TooLong);
    }
    let odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | '?' | '#');
    if id == "." || id == ".." || id.contains(odd) {
        return Err(IdError::NotASegment);
    }
    Ok(())
}

/// The id as a path segment.
pub(crate) fn encoded(id: &str) -> Result<String, IdError> {
    check(id)?;
    Ok(utf8_percent_encode(id, ENCODED).to_string())
}

impl fmt::Display for ExecutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ExecutionId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExecutionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}

impl From<ExecutionId> for String {
    fn from(id: ExecutionId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opaque_ids_pass_and_are_encoded() {
        for (id, path) in [
            ("0198f2a0-1b2c-7d3e-8f40-00000000e001", "0198f2a0-1b2c-7d3e-8f40-00000000e001"),
            ("exec_A.1~x", "exec_A.1~x"),
            ("a b%2e;é", "a%20b%252e%3B%C3%A9"),
            ("v1..2", "v1..2"),
        ] {
            assert!(ExecutionId::parse(id).is_ok(), "{id}");
            assert_eq!(encoded(id).unwrap(), path);
        }
    }

    #[test]
    fn ids_that_leave_their_segment_are_refused() {
        for id in ["../../x?y", ".", "..", "a/b", "a\\b", "a?b", "a#b", "a\nb", "a\u{0}b", "a\u{85}b"] {
            assert_eq!(ExecutionId::parse(id), Err(IdError::NotASegment), "{id:?}");
        }
        assert_eq!(ExecutionId::parse(""), Err(IdError::Empty));
        assert_eq!(ExecutionId::parse("x".repeat(201)), Err(IdError::TooLong));
        assert!(ExecutionId::parse("é".repeat(200)).is_ok());
    }
}
