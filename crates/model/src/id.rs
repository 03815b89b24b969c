use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a text is not an id of the wanted kind; the message is fit for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct IdError(&'static str);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// # Errors
            /// [`IdError`] when the text does not have the form described on the type.
            pub fn parse(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                $check(&text)?;
                Ok(Self(text))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

text_id!(
    /// A run of ours: 26 lower-case characters of Crockford's base 32, time-sortable.
    RunId,
    opaque
);
text_id!(
    /// A person's account: 26 lower-case characters of Crockford's base 32.
    UserId,
    opaque
);
text_id!(
    /// A group of people's: 26 lower-case characters of Crockford's base 32.
    GroupId,
    opaque
);
text_id!(
    /// A token's, which is no secret: 26 lower-case characters of Crockford's base 32.
    TokenId,
    opaque
);
text_id!(
    /// An invitation's or another one-time link's, which is no secret: 26 lower-case characters of Crockford's base 32.
    LinkId,
    opaque
);
text_id!(
    /// An environment's name in URLs: a lower-case letter, then up to 31 lower-case letters,
    /// digits or hyphens; never the name of a page.
    EnvSlug,
    slug
);
text_id!(
    /// The author's id of a workflow: 1 to 128 letters, digits, `-`, `_`, `.` or `~`.
    WorkflowId,
    workflow
);

impl RunId {
    /// The last four characters, upper case: what people read out to each other.
    pub fn short(&self) -> String {
        self.0[self.0.len() - 4..].to_ascii_uppercase()
    }
}

/// First path segments that belong to pages and doors.
const RESERVED: [&str; 32] = [
    "login",
    "logout",
    "setup",
    "runs",
    "batches",
    "audit",
    "settings",
    "rpc",
    "api",
    "events",
    "embed",
    "healthz",
    "readyz",
    "metrics",
    "pkg",
    "public",
    "preferences",
    "static",
    "assets",
    "new",
    "about",
    "account",
    "admin",
    "auth",
    "help",
    "insight",
    "invite",
    "mcp",
    "people",
    "schedules",
    "search",
    "widgets",
];

fn opaque(text: &str) -> Result<(), IdError> {
    let crockford = |b: u8| b.is_ascii_digit() || (b.is_ascii_lowercase() && !b"ilou".contains(&b));
    if text.len() == 26 && text.bytes().all(crockford) { Ok(()) } else { Err(IdError("This is not an id of ours.")) }
}

fn slug(text: &str) -> Result<(), IdError> {
    let rest = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    if !first || text.len() > 32 || !text.bytes().all(rest) {
        return Err(IdError(
            "An environment's name is a lower-case letter, then up to 31 lower-case letters, digits or hyphens.",
        ));
    }
    if RESERVED.contains(&text) {
        return Err(IdError("This name belongs to a page of the dashboard; choose another one."));
    }
    Ok(())
}

fn workflow(text: &str) -> Result<(), IdError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    if text.is_empty() || text.len() > 128 || !text.bytes().all(allowed) || text == "." || text == ".." {
        return Err(IdError("A workflow id is 1 to 128 letters, digits, hyphens, underscores, dots or tildes."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_never_hides_a_page() {
        assert!(EnvSlug::parse("dev").is_ok());
        for bad in ["runs", "login", "", "Dev", "1x", "a_b", "../x"] {
            assert!(EnvSlug::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_workflow_id_is_one_path_segment() {
        assert!(WorkflowId::parse("text-summary_2.v~1").is_ok());
        for bad in ["", "..", ".", "a/b", "a?b", "a b", "ä", &"x".repeat(129)] {
            assert!(WorkflowId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ids_are_checked_when_read_from_json() {
        assert!(serde_json::from_str::<EnvSlug>("\"prod\"").is_ok());
        assert!(serde_json::from_str::<EnvSlug>("\"runs\"").is_err());
        let id = "01hzy3v4k5m6n7p8q9r0s1t2v7";
        assert_eq!(RunId::parse(id).map(|id| id.short()), Ok("T2V7".to_owned()));
    }
}
