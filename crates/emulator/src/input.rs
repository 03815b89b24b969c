//! Reading a payload the way a real workflow's first code node does: complain about the first thing that is wrong.

use serde_json::{Map, Value};

use crate::execution::ErrorDetails;

/// A `validation_error` with `message`.
#[must_use]
pub fn invalid(message: impl Into<String>) -> ErrorDetails {
    ErrorDetails { r#type: "validation_error".to_owned(), message: message.into(), ..ErrorDetails::default() }
}

/// Typed access to a payload.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a>(pub &'a Map<String, Value>);

impl<'a> Input<'a> {
    fn present(self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// A non-empty string of at most `max` UTF-16 units.
    ///
    /// # Errors
    /// When it is missing, empty, too long or no string.
    pub fn text(self, key: &str, max: usize) -> Result<&'a str, ErrorDetails> {
        self.optional_text(key, max)?
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| invalid(format!("Field '{key}' is required")))
    }

    /// A string of at most `max` UTF-16 units, if it was sent.
    ///
    /// # Errors
    /// When it is too long or no string.
    pub fn optional_text(self, key: &str, max: usize) -> Result<Option<&'a str>, ErrorDetails> {
        let Some(value) = self.present(key) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| invalid(format!("Field '{key}' must be a string")))?;
        let length = text.encode_utf16().count();
        if length > max {
            return Err(invalid(format!("Field '{key}' has {length} characters, at most {max} are allowed")));
        }
        Ok(Some(text))
    }

    /// A number within `min..=max`, if it was sent.
    ///
    /// # Errors
    /// When it is out of range or no number.
    pub fn number(self, key: &str, min: f64, max: f64) -> Result<Option<f64>, ErrorDetails> {
        let Some(value) = self.present(key) else {
            return Ok(None);
        };
        let number = value.as_f64().ok_or_else(|| invalid(format!("Field '{key}' must be a number")))?;
        if !(min..=max).contains(&number) {
            return Err(invalid(format!("Field '{key}' must be between {min} and {max}")));
        }
        Ok(Some(number))
    }

    /// A boolean, `default` if it was not sent.
    ///
    /// # Errors
    /// When it is no boolean.
    pub fn flag(self, key: &str, default: bool) -> Result<bool, ErrorDetails> {
        self.present(key).map_or(Ok(default), |value| {
            value.as_bool().ok_or_else(|| invalid(format!("Field '{key}' must be true or false")))
        })
    }

    /// One of `options`, if it was sent.
    ///
    /// # Errors
    /// When it is something else.
    pub fn choice(self, key: &str, options: &[&str]) -> Result<Option<&'a str>, ErrorDetails> {
        match self.optional_text(key, 200)? {
            Some(chosen) if !options.contains(&chosen) => {
                Err(invalid(format!("Field '{key}' must be one of {}", options.join(", "))))
            }
            chosen => Ok(chosen),
        }
    }

    /// Any number of `options`; empty if it was not sent.
    ///
    /// # Errors
    /// When it is no array of them.
    pub fn choices(self, key: &str, options: &[&str]) -> Result<Vec<&'a str>, ErrorDetails> {
        self.list(key)?
            .iter()
            .map(|value| {
                value
                    .as_str()
                    .filter(|chosen| options.contains(chosen))
                    .ok_or_else(|| invalid(format!("Every entry of '{key}' must be one of {}", options.join(", "))))
            })
            .collect()
    }

    /// An array; empty if it was not sent.
    ///
    /// # Errors
    /// When it is no array.
    pub fn list(self, key: &str) -> Result<&'a [Value], ErrorDetails> {
        self.present(key).map_or(Ok(&[]), |value| {
            value.as_array().map(Vec::as_slice).ok_or_else(|| invalid(format!("Field '{key}' must be a list")))
        })
    }

    /// An object, if it was sent.
    ///
    /// # Errors
    /// When it is no object.
    pub fn object(self, key: &str) -> Result<Option<Input<'a>>, ErrorDetails> {
        self.present(key)
            .map(|value| {
                value.as_object().map(Input).ok_or_else(|| invalid(format!("Field '{key}' must be an object")))
            })
            .transpose()
    }

    /// A calendar date `YYYY-MM-DD`, if it was sent.
    ///
    /// # Errors
    /// When it is something else.
    pub fn date(self, key: &str) -> Result<Option<jiff::civil::Date>, ErrorDetails> {
        self.optional_text(key, 10)?
            .map(|text| text.parse().map_err(|_| invalid(format!("Field '{key}' must be a date (YYYY-MM-DD)"))))
            .transpose()
    }
}
