//! What a key can and cannot do, in words.

use std::{sync::Arc, time::Duration};

use codika::{CallError, CallErrorKind, wire::KeyInfo};
use model::{EnvSlug, Millis};
use tokio::time::timeout;

use super::KeySlot;
use crate::{
    Access, Engine, EngineError, Upstream,
    policy::{self, Act},
};

/// How long Codika has for an answer that somebody waits for.
const PATIENCE: Duration = Duration::from_secs(8);

/// Scopes that the dashboard has a use for, and what for.
const SCOPES: [(&str, &str); 5] = [
    ("workflows:trigger", "Start runs and ask for their results"),
    ("instances:read", "Read the list of workflows with their forms, and whether the instance is active"),
    ("skills:read", "Read the descriptions of workflows"),
    ("executions:read", "List executions, by which a run in doubt is recognised"),
    ("instances:manage", "Activate and pause instances"),
];

/// What Codika says about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyReport {
    pub slot: KeySlot,
    pub verdict: KeyVerdict,
    pub organization: Option<String>,
    /// The name it was given at Codika.
    pub name: Option<String>,
    pub expires_at: Option<Millis>,
    pub can: Vec<String>,
    pub cannot: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyVerdict {
    Accepted,
    /// Holds why, as a sentence.
    Refused(String),
    /// Codika could not be asked; holds why, as a sentence.
    Unknown(String),
}

impl Engine {
    /// Asks Codika about the keys of an environment.
    ///
    /// # Errors
    /// [`Problem::NoSuchEnvironment`](crate::Problem::NoSuchEnvironment).
    pub async fn verify_keys(&self, who: &Access, slug: &EnvSlug) -> Result<Vec<KeyReport>, EngineError> {
        policy::check(who, Act::ManageEnvironments)?;
        Ok(verify(&self.env(slug)?.upstream).await)
    }
}

/// A report for each key that the client has.
pub(super) async fn verify(upstream: &Arc<dyn Upstream>) -> Vec<KeyReport> {
    let (run, organization) =
        tokio::join!(timeout(PATIENCE, upstream.check_instance_key()), timeout(PATIENCE, upstream.key_info()));
    let run = run.unwrap_or_else(|_| Err(no_answer()));
    let organization = organization.unwrap_or_else(|_| Err(no_answer()));
    let is_there = |kind: CallErrorKind| kind != CallErrorKind::KeyMissing;
    let mut reports = Vec::new();
    if run.as_ref().err().is_none_or(|error| is_there(error.kind)) {
        reports.push(instance_report(run));
    }
    if organization.as_ref().err().is_none_or(|error| is_there(error.kind)) {
        reports.push(organization_report(organization));
    }
    reports
}

fn instance_report(asked: Result<(), CallError>) -> KeyReport {
    let accepted = asked.is_ok();
    let can = accepted.then(|| "Start runs of this instance and ask for their results".to_owned());
    let cannot = accepted.then(|| "List executions, activate and pause: that takes an organization key".to_owned());
    KeyReport {
        slot: KeySlot::Instance,
        verdict: verdict(asked.err()),
        organization: None,
        name: None,
        expires_at: None,
        can: can.into_iter().collect(),
        cannot: cannot.into_iter().collect(),
    }
}

fn organization_report(asked: Result<KeyInfo, CallError>) -> KeyReport {
    let (info, error) = match asked {
        Ok(info) => (info, None),
        Err(error) => (KeyInfo::default(), Some(error)),
    };
    let scopes = info.scopes.as_deref().unwrap_or_default();
    let in_words = |has: bool| {
        let fit = SCOPES.iter().filter(|(scope, _)| scopes.iter().any(|one| one == scope) == has);
        fit.map(|(scope, words)| format!("{words} ({scope})")).collect::<Vec<_>>()
    };
    // Without a list of scopes nothing can be said about them.
    let told = info.scopes.is_some();
    let expires_at = info.expires_at.as_deref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    KeyReport {
        slot: KeySlot::Organization,
        verdict: verdict(error),
        can: if told { in_words(true) } else { Vec::new() },
        cannot: if told { in_words(false) } else { Vec::new() },
        expires_at: expires_at.map(jiff::Timestamp::as_millisecond),
        organization: info.organization_name.or(info.organization_id),
        name: info.key_name,
    }
}

fn verdict(error: Option<CallError>) -> KeyVerdict {
    let Some(error) = error else { return KeyVerdict::Accepted };
    match error.kind {
        CallErrorKind::KeyRejected if error.from_api => KeyVerdict::Refused(
            "Codika does not accept this key: it was replaced, has expired, or is mistyped.".to_owned(),
        ),
        CallErrorKind::Forbidden if error.from_api => {
            KeyVerdict::Refused("Codika says that this key may not do this: it belongs to something else.".to_owned())
        }
        CallErrorKind::Timeout => KeyVerdict::Unknown("Codika did not answer in time.".to_owned()),
        CallErrorKind::Unreachable | CallErrorKind::Tls => {
            KeyVerdict::Unknown("Codika could not be reached at this address.".to_owned())
        }
        _ => KeyVerdict::Unknown(format!("Codika answered with an error: {}", error.message)),
    }
}

fn no_answer() -> CallError {
    CallError {
        kind: CallErrorKind::Timeout,
        message: "no answer in time".to_owned(),
        code: "NO_ANSWER".to_owned(),
        request_id: None,
        status: None,
        from_api: false,
    }
}
