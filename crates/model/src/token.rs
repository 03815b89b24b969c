use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    EnvSlug, WorkflowId,
    vocabulary::{read_strictly, vocabulary},
};

vocabulary! {
    /// What a program may do with a token.
    TokenAct {
        /// See workflows, runs, results and events.
        Read = "read",
        /// Start runs.
        Run = "run",
        /// Stop watching, look again, send again: what a person decides about a run.
        Decide = "decide",
    }
}
read_strictly!(TokenAct);

/// What a token is good for; never more than its owner may at that moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenScopes {
    pub acts: Vec<TokenAct>,
    /// Empty: every one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<EnvSlug>,
    /// Empty: every one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workflows: Vec<WorkflowId>,
}

impl TokenScopes {
    /// Everything that its owner may.
    pub fn all() -> Self {
        Self { acts: TokenAct::ALL.to_vec(), environments: Vec::new(), workflows: Vec::new() }
    }

    /// Reads words such as `read`, `run`, `env:prod`, `workflow:text-summary`. Without an act, it is good for all;
    /// with any, it reads.
    ///
    /// # Errors
    /// A sentence about the first word that is none of these.
    pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut scopes = Self { acts: Vec::new(), ..Self::all() };
        for word in words.into_iter().map(str::trim).filter(|word| !word.is_empty()) {
            match word.split_once(':') {
                None => put(&mut scopes.acts, word.parse().map_err(|_| unknown(word))?),
                Some(("env", slug)) => put(&mut scopes.environments, EnvSlug::parse(slug).map_err(|e| e.to_string())?),
                Some(("workflow", id)) => put(&mut scopes.workflows, WorkflowId::parse(id).map_err(|e| e.to_string())?),
                Some(_) => return Err(unknown(word)),
            }
        }
        match scopes.acts.first() {
            None => scopes.acts = TokenAct::ALL.to_vec(),
            Some(_) if !scopes.acts.contains(&TokenAct::Read) => scopes.acts.insert(0, TokenAct::Read),
            Some(_) => {}
        }
        Ok(scopes)
    }

    /// Whether it is good for this act in this environment and on this workflow; what is not named does not matter.
    pub fn allow(&self, act: TokenAct, environment: Option<&EnvSlug>, workflow: Option<&WorkflowId>) -> bool {
        self.acts.contains(&act)
            && environment.is_none_or(|slug| self.environments.is_empty() || self.environments.contains(slug))
            && workflow.is_none_or(|id| self.workflows.is_empty() || self.workflows.contains(id))
    }
}

fn put<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn unknown(word: &str) -> String {
    format!("“{word}” is no scope: use read, run, decide, env:NAME and workflow:ID.")
}

/// As [`TokenScopes::from_words`] reads it.
impl fmt::Display for TokenScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let acts = self.acts.iter().map(|act| act.as_str().to_owned());
        let environments = self.environments.iter().map(|slug| format!("env:{slug}"));
        let workflows = self.workflows.iter().map(|id| format!("workflow:{id}"));
        f.write_str(&acts.chain(environments).chain(workflows).collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written() {
        let scopes = TokenScopes::from_words(["read", "run", "env:prod", "workflow:text-summary", "read"]);
        let scopes = scopes.expect("all words are known");
        assert_eq!(scopes.to_string(), "read run env:prod workflow:text-summary");
        assert_eq!(TokenScopes::from_words(scopes.to_string().split(' ')), Ok(scopes));
        assert_eq!(TokenScopes::from_words([]), Ok(TokenScopes::all()));
        assert_eq!(TokenScopes::from_words(["run"]).expect("known").to_string(), "read run");
        for bad in ["write", "env:runs", "workflow:a b", "project:x", "READ"] {
            assert!(TokenScopes::from_words([bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_scope_allows_what_it_names_and_nothing_else() {
        let scopes = TokenScopes::from_words(["read", "env:prod"]).expect("known words");
        let (prod, dev) = (EnvSlug::parse("prod").expect("a slug"), EnvSlug::parse("dev").expect("a slug"));
        let workflow = WorkflowId::parse("x").expect("an id");
        assert!(scopes.allow(TokenAct::Read, Some(&prod), Some(&workflow)));
        assert!(scopes.allow(TokenAct::Read, None, None));
        assert!(!scopes.allow(TokenAct::Read, Some(&dev), None));
        assert!(!scopes.allow(TokenAct::Run, Some(&prod), None));
    }

    #[test]
    fn a_stored_scope_with_something_unknown_opens_nothing() {
        assert!(serde_json::from_str::<TokenScopes>(r#"{"acts":["read"],"projects":["x"]}"#).is_err());
        assert!(serde_json::from_str::<TokenScopes>("{}").is_err());
        let text = r#"{"acts":["read","run","decide"]}"#;
        assert_eq!(serde_json::from_str::<TokenScopes>(text).ok(), Some(TokenScopes::all()));
    }
}
