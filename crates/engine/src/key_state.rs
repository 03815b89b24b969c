//! Whether Codika takes an environment's key, as far as the last calls told.

use std::sync::atomic::{AtomicBool, Ordering};

use codika::CallErrorKind;
use model::{EnvSource, ErrorKind, Millis, Notice, RunError};

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

/// How long before a key's end it is announced.
const ANNOUNCED_MS: Millis = 30 * 24 * 60 * 60 * 1000;
const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// For administrators, while there is time to do something about it.
pub fn expiry(at: Millis, now: Millis, source: EnvSource) -> Option<Notice> {
    let left = at - now;
    let when = match left {
        ..=0 => "has expired".to_owned(),
        left if left < DAY_MS => "expires today".to_owned(),
        left if left < 2 * DAY_MS => "expires tomorrow".to_owned(),
        left => format!("expires in {} days", left / DAY_MS),
    };
    (left <= ANNOUNCED_MS).then(|| Notice {
        title: format!("The organization key of this environment {when}"),
        why: "Codika does not accept it after that.".to_owned(),
        hint: match source {
            EnvSource::Env => "Make a new one at Codika, set it, and restart the dashboard.",
            EnvSource::Ui => "Make a new one at Codika and replace it in the settings.",
        }
        .to_owned(),
        warning: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_announced_from_thirty_days() {
        let words = |left: Millis| expiry(left, 0, EnvSource::Ui).map(|notice| notice.title);
        assert_eq!(words(ANNOUNCED_MS + 1), None);
        assert!(words(ANNOUNCED_MS).is_some_and(|title| title.ends_with("in 30 days")));
        assert!(words(DAY_MS).is_some_and(|title| title.ends_with("tomorrow")));
        assert!(words(1).is_some_and(|title| title.ends_with("today")));
        assert!(words(-1).is_some_and(|title| title.ends_with("has expired")));
    }

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
