use serde::{Deserialize, Serialize};

/// Why a form description could not be read. The caller falls back to the next source or to the
/// JSON editor; these are never a reason to refuse a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum SchemaError {
    #[error("the form must be a list of fields, but it is {found}")]
    NotAList { found: String },
    #[error("entry {path} of the form must be an object, but it is {found}")]
    ItemNotAnObject { path: String, found: String },
    #[error("entry {path} of the form has no key")]
    MissingKey { path: String },
    #[error("the form is nested more than {limit} levels deep")]
    TooDeep { limit: usize },
    #[error("the form has more than {limit} fields")]
    TooManyFields { limit: usize },
}

/// What kind of mistake a [`FieldError`] is; stable, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    Required,
    WrongType,
    TooShort,
    TooLong,
    Pattern,
    NotANumber,
    NotWhole,
    TooSmall,
    TooLarge,
    NotADate,
    TooEarly,
    TooLate,
    NotAnOption,
    TooFew,
    TooMany,
    UnknownField,
    InvalidJson,
}

impl ErrorCode {
    /// Limits can be advisory (see [`crate::Field::advisory`]); a wrong type never is.
    pub(crate) fn is_limit(self) -> bool {
        matches!(
            self,
            Self::TooShort
                | Self::TooLong
                | Self::Pattern
                | Self::TooSmall
                | Self::TooLarge
                | Self::TooEarly
                | Self::TooLate
                | Self::TooFew
                | Self::TooMany
        )
    }
}

/// One mistake in an input, addressed to the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// `""` is the whole input; otherwise for example `email` or `lines[0].sku`.
    pub path: String,
    pub code: ErrorCode,
    /// A sentence for people, without jargon.
    pub message: String,
}

impl FieldError {
    pub(crate) fn new(path: impl Into<String>, code: ErrorCode, message: impl Into<String>) -> Self {
        Self { path: path.into(), code, message: message.into() }
    }

    /// Whether the mistake is in the field of this key, or inside its value.
    pub fn concerns(&self, key: &str) -> bool {
        self.path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }
}
