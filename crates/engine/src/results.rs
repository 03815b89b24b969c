//! What somebody is shown of a run that they may see: every result, input, error and event passes here.

use std::{borrow::Cow, collections::BTreeSet};

use model::{LiveEvent, RunEvent, RunSummary};
use serde_json::Value;

/// Which members of an input's or a result's object are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fields {
    #[default]
    All,
    Only(BTreeSet<String>),
    Except(BTreeSet<String>),
}

impl Fields {
    pub fn show(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(name),
            Self::Except(names) => !names.contains(name),
        }
    }

    /// None: what has no members to choose from is not shown either.
    fn of(&self, value: Value) -> Option<Value> {
        match (self, value) {
            (Self::All, value) => Some(value),
            (_, Value::Object(members)) => {
                Some(Value::Object(members.into_iter().filter(|(name, _)| self.show(name)).collect()))
            }
            _ => None,
        }
    }
}

/// The rules of one audience. By default it is shown everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projection {
    pub input: Fields,
    pub result: Fields,
    /// Leave out what only makes sense with access to Codika: its ids and words, the failed step.
    pub no_upstream_details: bool,
    /// Leave out the sentences of a run's history; what happened when stays.
    pub no_event_texts: bool,
}

impl Projection {
    pub fn summary(&self, mut run: RunSummary) -> RunSummary {
        if self.no_upstream_details {
            run.execution_id = None;
            if let Some(error) = &mut run.error {
                error.request_id = None;
                error.failed_node = None;
                error.detail = None;
            }
        }
        run
    }

    pub fn live<'a>(&self, event: &'a LiveEvent) -> Cow<'a, LiveEvent> {
        if !self.no_upstream_details {
            return Cow::Borrowed(event);
        }
        Cow::Owned(LiveEvent { run: self.summary(event.run.clone()), ..event.clone() })
    }

    pub fn events(&self, mut events: Vec<RunEvent>) -> Vec<RunEvent> {
        if self.no_event_texts {
            events.iter_mut().for_each(|event| event.text.clear());
        }
        events
    }

    /// The input from its stored text.
    pub fn input(&self, text: &str) -> Value {
        serde_json::from_str(text).ok().and_then(|input| self.input.of(input)).unwrap_or(Value::Null)
    }

    /// Byte for byte what is stored, while nothing of it is hidden.
    pub fn result(&self, bytes: Vec<u8>) -> Option<Vec<u8>> {
        if self.result == Fields::All {
            return Some(bytes);
        }
        let shown = self.result.of(serde_json::from_slice(&bytes).ok()?)?;
        serde_json::to_vec(&shown).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(name: &str) -> Fields {
        Fields::Only([name.to_owned()].into())
    }

    #[test]
    fn a_result_is_untouched_unless_something_of_it_is_hidden() {
        let bytes = b"{ \"a\": 1,\"b\" :2 }".to_vec();
        assert_eq!(Projection::default().result(bytes.clone()), Some(bytes.clone()));
        let shown = |result| Projection { result, ..Projection::default() }.result(bytes.clone());
        assert_eq!(shown(only("b")), Some(b"{\"b\":2}".to_vec()));
        assert_eq!(shown(Fields::Except(["b".to_owned()].into())), Some(b"{\"a\":1}".to_vec()));
    }

    #[test]
    fn what_has_no_members_is_hidden_as_a_whole() {
        let projection = Projection { result: only("a"), input: only("a"), ..Projection::default() };
        for bytes in [&b"[1]"[..], b"\"a\"", b"not JSON"] {
            assert_eq!(projection.result(bytes.to_vec()), None);
        }
        assert_eq!(projection.input("[1]"), Value::Null);
    }
}
