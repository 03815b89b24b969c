//! Whether Codika takes an environment's key, as far as the last calls told.

use std::sync::atomic::{AtomicBool, Ordering};

use codika::CallErrorKind;
use model::{EnvSource, ErrorKind, Notice, RunError};

#[derive(Debug, Default)]
pub struct KeyState(AtomicBool);

impl KeyState {
    /// A call was answered as it should be.
    pub fn accepted(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// A trigger had this outcome.
    pub fn triggered(&self, error: Option<&RunError>) {
        match error.map(|error| error.kind) {
            None => self.accepted(),
            Some(ErrorKind::KeyRejected | ErrorKind::NoAccess) => self.reject(),
            Some(_) => {}
        }
    }

    /// A question about an execution failed in this way.
    pub fn refused(&self, kind: CallErrorKind) {
        if matches!(kind, CallErrorKind::KeyRejected | CallErrorKind::Forbidden) {
            self.reject();
        }
    }

    fn reject(&self) {
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::error!("Codika rejects the key of an environment");
        }
    }

    /// For administrators, who can do something about it.
    pub fn notice(&self, source: EnvSource) -> Option<Notice> {
        let hint = match source {
            EnvSource::Env => "Set a valid key with the right scopes and restart the dashboard.",
            EnvSource::Ui => "Replace the key by a valid one with the right scopes in the settings.",
        };
        self.is_refused().then(|| Notice {
            title: "Codika rejects the key of this environment".to_owned(),
            why: "The last run that was sent with it was refused, or the last question about one.".to_owned(),
            hint: format!("{hint} Runs that are under way wait for it."),
            warning: true,
        })
    }

    pub fn is_refused(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_about_the_key_change_it() {
        let key = KeyState::default();
        assert_eq!(key.notice(EnvSource::Env), None);
        key.refused(CallErrorKind::Timeout);
        assert_eq!(key.notice(EnvSource::Env), None);
        key.refused(CallErrorKind::KeyRejected);
        assert!(key.notice(EnvSource::Env).is_some());
        key.refused(CallErrorKind::Timeout);
        assert!(key.notice(EnvSource::Env).is_some(), "trouble with the network says nothing about it");
        key.accepted();
        assert_eq!(key.notice(EnvSource::Env), None);
    }
}
