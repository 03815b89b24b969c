//! Log-ins that are open.

use model::{AuditAction, Millis, Principal, UserId};

use super::{By, subject};
use crate::{
    Access, Engine, EngineError, ids,
    store::{LastUse, SessionRow},
};

/// How long a log-in lasts.
pub(super) const SESSION_MS: Millis = 14 * 24 * 60 * 60 * 1000;

impl Engine {
    /// The person behind a session cookie while it is valid.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub async fn who_by_session(&self, token: &str) -> Result<Option<Access>, EngineError> {
        let found = self.inner.store.session(&ids::fingerprint(token)).await?;
        let now = self.now();
        let open = found.filter(|(session, user)| session.expires_at > now && user.disabled_at.is_none());
        match open {
            Some((_, user)) => self.access(user.principal).await.map(Some),
            None => Ok(None),
        }
    }

    /// Writes down that a valid session was used, at most once a minute and without waiting for it.
    pub fn session_used(&self, token: &str, address: &str) {
        let (fingerprint, last) = (ids::fingerprint(token), LastUse { at: self.now(), address: address.to_owned() });
        if self.inner.last_uses.is_due(&fingerprint, last.at) {
            let store = self.inner.store.clone();
            tokio::spawn(async move {
                if let Err(error) = store.session_used(&fingerprint, last).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the use of a session was not noted");
                }
            });
        }
    }

    /// Whether this cookie once was a log-in of ours.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub async fn was_session(&self, token: &str) -> Result<bool, EngineError> {
        Ok(self.inner.store.session(&ids::fingerprint(token)).await?.is_some())
    }

    /// # Errors
    /// Only when the database cannot be written.
    pub async fn log_out(&self, who: &Principal, token: &str) -> Result<(), EngineError> {
        let audit = self.audit(Some(who), AuditAction::SessionEnded, subject(&who.id), "logged out".to_owned());
        self.inner.store.end_session(&who.id, &ids::fingerprint(token), audit).await?;
        self.rights_changed().await;
        Ok(())
    }

    /// The open log-ins of a person, the newest first.
    ///
    /// # Errors
    /// [`crate::Problem::Forbidden`] for those of somebody else.
    pub async fn sessions(&self, by: By<'_>, user: &UserId) -> Result<Vec<SessionRow>, EngineError> {
        by.may_manage(user)?;
        Ok(self.inner.store.sessions_of(user, self.now()).await?)
    }

    /// Which of [`Self::sessions`] the one with this cookie is.
    pub fn session_fingerprint(token: &str) -> String {
        ids::fingerprint(token)
    }

    /// Ends one log-in of a person. One that has ended meanwhile is no error.
    ///
    /// # Errors
    /// [`crate::Problem::Forbidden`] for one of somebody else.
    pub async fn end_session(&self, by: By<'_>, user: &UserId, fingerprint: &str) -> Result<(), EngineError> {
        by.may_manage(user)?;
        let audit =
            self.audit(by.person(), AuditAction::SessionEnded, subject(user), "ended from another session".to_owned());
        self.inner.store.end_session(user, fingerprint, audit).await?;
        self.rights_changed().await;
        Ok(())
    }

    /// Ends every log-in of a person but the one with the cookie `keep`; how many.
    ///
    /// # Errors
    /// [`crate::Problem::Forbidden`] for those of somebody else.
    pub async fn end_sessions(&self, by: By<'_>, user: &UserId, keep: Option<&str>) -> Result<u64, EngineError> {
        by.may_manage(user)?;
        let what = if keep.is_some() { "all others" } else { "all" };
        let audit = self.audit(by.person(), AuditAction::SessionEnded, subject(user), what.to_owned());
        let ended = self.inner.store.end_sessions(user, keep.map(ids::fingerprint).as_deref(), audit).await?;
        self.rights_changed().await;
        Ok(ended)
    }
}

/// What a browser is called among people, from what it says that it is.
pub fn device_name(user_agent: &str) -> String {
    // The order counts: most say that they are several of these.
    let program = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chromium", "Chromium"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ];
    let system = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let named = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    match (named(&program), named(&system)) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => user_agent.chars().filter(|c| !c.is_control()).take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_as_people_name_them() {
        for (user_agent, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "curl"),
            ("my-program/1\u{7}", "my-program/1"),
            ("", ""),
        ] {
            assert_eq!(device_name(user_agent), name);
        }
    }
}
