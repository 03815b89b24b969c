//! Strings that very many executions share.

use std::{
    borrow::Borrow,
    collections::HashSet,
    fmt::{self, Display, Formatter},
    ops::Deref,
    sync::{Arc, Mutex},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::lock;

/// An immutable string whose copies share one piece of memory.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text(Arc<str>);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl Display for Text {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(self)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

/// The texts that are worth sharing: ids of instances, workflows and triggers.
#[derive(Debug, Default)]
pub struct Texts(Mutex<HashSet<Text>>);

impl Texts {
    /// Shares `text` from now on. Only for what is known to exist: nothing is ever forgotten.
    pub fn share(&self, text: &str) -> Text {
        let mut known = lock(&self.0);
        known.get(text).cloned().unwrap_or_else(|| {
            let fresh = Text::from(text);
            known.insert(fresh.clone());
            fresh
        })
    }

    /// The shared copy if there is one, else one of its own.
    pub fn find(&self, text: &str) -> Text {
        lock(&self.0).get(text).cloned().unwrap_or_else(|| text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{Text, Texts};

    #[test]
    fn only_shared_texts_are_remembered() {
        let texts = Texts::default();
        let same = |a: &Text, b: &Text| std::ptr::eq::<str>(&**a, &**b);
        assert!(!same(&texts.find("a"), &texts.find("a")));
        let shared = texts.share("a");
        assert!(same(&shared, &texts.share("a")) && same(&shared, &texts.find("a")));
        assert_eq!(serde_json::from_str::<Text>(r#""a""#).ok(), Some(shared));
    }
}
