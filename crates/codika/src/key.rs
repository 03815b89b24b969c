use std::fmt;

use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

const LONGEST: usize = 4096;
const SHOWN: usize = 8;
const SUFFIX: usize = 4;
const PROCESS_MANAGER: HeaderName = HeaderName::from_static("x-process-manager-key");
const API: HeaderName = HeaderName::from_static("x-api-key");

/// An API key. Its text is in no `Debug`, error or log line.
#[derive(Clone)]
pub struct Key {
    secret: SecretString,
    value: HeaderValue,
}

/// What a key's prefix says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// `ck_`: one process instance, trigger and status.
    Instance,
    /// `cko_`: every instance of an organization, within its scopes.
    Organization,
    /// `cka_`
    Admin,
    /// `ckp_`
    Personal,
    Unknown,
}

/// Why a text is not a key. Never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the key is empty")]
    Empty,
    #[error("the key holds a space, a line break or a character outside ASCII")]
    Characters,
    #[error("the key is longer than {LONGEST} characters")]
    TooLong,
}

impl Key {
    /// Surrounding white space, as left by copying, is dropped.
    ///
    /// # Errors
    /// [`KeyError`] when the text cannot be sent as a header.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        if text.len() > LONGEST {
            return Err(KeyError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(KeyError::Characters);
        }
        let mut value = HeaderValue::from_str(text).map_err(|_| KeyError::Characters)?;
        value.set_sensitive(true);
        Ok(Self { secret: SecretString::from(text), value })
    }

    pub fn kind(&self) -> KeyKind {
        KeyKind::of(self.expose()).0
    }

    /// The kind's prefix and up to eight characters more: enough to tell keys apart on a settings
    /// page. A short key shows less, never more than a quarter of itself.
    pub fn prefix_for_display(&self) -> String {
        let text = self.expose();
        let prefix = KeyKind::of(text).1.len();
        let shown = SHOWN.min((text.len() - prefix) / 4);
        text[..prefix + shown].to_owned()
    }

    /// Its last characters, by which people tell keys apart: four, of a short key never more than a quarter.
    pub fn suffix_for_display(&self) -> String {
        let text = self.expose();
        text[text.len() - SUFFIX.min(text.len() / 4)..].to_owned()
    }

    /// The one header this key travels in, marked sensitive.
    pub(crate) fn header(&self) -> (HeaderName, HeaderValue) {
        let name = match self.kind() {
            KeyKind::Instance => API,
            _ => PROCESS_MANAGER,
        };
        (name, self.value.clone())
    }

    pub(crate) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }
}

impl KeyKind {
    fn of(text: &str) -> (Self, &'static str) {
        // The longer prefixes first: `cko_` is not a `ck_` key.
        [(Self::Organization, "cko_"), (Self::Admin, "cka_"), (Self::Personal, "ckp_"), (Self::Instance, "ck_")]
            .into_iter()
            .find(|(_, prefix)| text.starts_with(prefix))
            .unwrap_or((Self::Unknown, ""))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, ***)", self.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_prefix_has_its_header() {
        for (text, kind, header) in [
            ("ck_abc", KeyKind::Instance, "x-api-key"),
            ("cko_abc", KeyKind::Organization, "x-process-manager-key"),
            ("cka_abc", KeyKind::Admin, "x-process-manager-key"),
            ("ckp_abc", KeyKind::Personal, "x-process-manager-key"),
            ("whatever", KeyKind::Unknown, "x-process-manager-key"),
            ("CK_abc", KeyKind::Unknown, "x-process-manager-key"),
        ] {
            let key = Key::parse(text).unwrap();
            assert_eq!(key.kind(), kind, "{text}");
            let (name, value) = key.header();
            assert_eq!(name, header, "{text}");
            assert_eq!(value, text);
            assert!(value.is_sensitive());
        }
    }

    #[test]
    fn a_key_that_cannot_be_a_header_is_refused_without_repeating_it() {
        assert_eq!(Key::parse("  \n").unwrap_err(), KeyError::Empty);
        assert_eq!(Key::parse("ck_a\r\nX-Evil: 1").unwrap_err(), KeyError::Characters);
        assert_eq!(Key::parse("ck_ä").unwrap_err(), KeyError::Characters);
        assert_eq!(Key::parse(&"k".repeat(5000)).unwrap_err(), KeyError::TooLong);
        assert_eq!(Key::parse(" ck_abc\n").unwrap().expose(), "ck_abc");
    }

    #[test]
    fn debug_hides_and_display_shows_a_part() {
        let key = Key::parse(&format!("cko_{}", "Canary12".repeat(8))).unwrap();
        assert_eq!(key.prefix_for_display(), "cko_Canary12");
        assert_eq!(format!("{key:?}"), "Key(Organization, ***)");
        assert_eq!(Key::parse("ck_short").unwrap().prefix_for_display(), "ck_s");
    }
}
