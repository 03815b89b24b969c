//! Logging in.

mod pace;

use model::{AuditAction, Millis};

use super::{fold_email, passwords, sessions::SESSION_MS, subject};
use crate::{
    Engine, EngineError, Problem, ids,
    retention::SESSION_MEMORY_MS,
    store::{AuditEntry, NewSession, SessionRow, UserRow},
};

pub(crate) use pace::Pace;
use pace::{Lane, Lanes};

/// Failures within this time slow down the next attempts.
const FAILURE_WINDOW_MS: Millis = 15 * 60 * 1000;
/// How long a browser keeps what it is recognised by; none keeps anything for longer.
const BROWSER_S: i64 = 400 * 24 * 60 * 60;
/// Longer ones are no email of ours.
const MAX_KEY: usize = 254;

/// What the browser keeps in its cookies.
#[derive(Clone, Debug)]
pub struct SessionToken {
    pub value: String,
    /// How long the browser keeps it: some time after the session's end it still tells whose form that was.
    pub kept_s: i64,
    /// What the browser is recognised by later, also after the session: it opens nothing.
    pub browser: String,
    pub browser_kept_s: i64,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct LogIn<'a> {
    pub email: &'a str,
    pub password: &'a str,
    /// The caller's address, for the limit on failures.
    pub address: &'a str,
    /// What the browser says that it is.
    pub user_agent: &'a str,
    /// [`SessionToken::browser`] of an earlier log-in.
    pub browser: Option<&'a str>,
}

impl Engine {
    /// Many failures make the next attempts slow, for some time; none is refused for them, unless many wait already.
    ///
    /// # Errors
    /// [`Problem::WrongLogin`] without telling which part is wrong; [`Problem::TooManyLogins`];
    /// [`Problem::AccountDisabled`], for the right password only.
    pub async fn log_in(&self, form: LogIn<'_>) -> Result<SessionToken, EngineError> {
        let known_as: String = fold_email(form.email).chars().take(MAX_KEY).collect();
        let user = self.inner.store.user_by_email(form.email).await?;
        let browser = self.known_browser(user.as_ref(), form.browser).await?;
        let lanes = match browser {
            Some(browser) => Lanes::of_browser(&known_as, &ids::fingerprint(browser)),
            None => Lanes::of_stranger(&known_as, form.address),
        };
        let right = self.attempt(&lanes, user.as_ref(), form.password, form.address).await?;
        let Some(user) = user.filter(|_| right) else { return Err(Problem::WrongLogin.into()) };
        if user.disabled_at.is_some() {
            let refused = self.refused(Some(&user), format!("disabled, from {}", form.address));
            self.inner.store.note_log_in_failure(&[], self.now(), vec![refused]).await?;
            return Err(Problem::AccountDisabled.into());
        }
        self.open_session(&user, form, browser).await
    }

    /// Whether this is the person's password. In its turn: the more failures, the later.
    async fn attempt(
        &self,
        lanes: &Lanes,
        user: Option<&UserRow>,
        password: &str,
        address: &str,
    ) -> Result<bool, EngineError> {
        // Counted while it is held, so that many attempts at once cannot all pass before the first is noted.
        let mut permit = self.hashing_permit().await?;
        let since = self.now() - FAILURE_WINDOW_MS;
        let failures = self.inner.store.log_in_failures(&lanes.keys(), since).await?;
        let delay = lanes.delay(&failures);
        if !delay.is_zero() {
            drop(permit);
            let waiting = self.inner.pace.wait(lanes.queue()).ok_or(Problem::TooManyLogins)?;
            tokio::time::sleep(delay).await;
            permit = self.hashing_permit().await?;
            drop(waiting);
        }
        let right = passwords::is_right(user, password).await?;
        if !right {
            let account = user.map_or("unknown", |user| user.principal.id.as_str());
            tracing::warn!(address, account, "a log-in was refused");
            let mut entries = vec![self.refused(user, format!("from {address}"))];
            for lane in lanes.now_slow(&failures) {
                tracing::warn!(address, account, lane = lane.as_str(), "log-ins are slowed down");
                entries.push(self.slowed(user, lane, address));
            }
            self.inner.store.note_log_in_failure(&lanes.keys(), self.now(), entries).await?;
        }
        drop(permit);
        Ok(right)
    }

    /// The old password, before something that needs it. Slowed down like a log-in.
    ///
    /// # Errors
    /// [`Problem::BadValue`], [`Problem::TooManyLogins`].
    pub(super) async fn confirm_password(&self, user: &UserRow, password: &str) -> Result<(), EngineError> {
        let lanes = Lanes::of_person(user.principal.id.as_str());
        if self.attempt(&lanes, Some(user), password, "a session").await? {
            Ok(())
        } else {
            Err(Problem::BadValue("The present password is wrong.".to_owned()).into())
        }
    }

    /// Also asked where there is no such account, which takes the same time.
    async fn known_browser<'a>(
        &self,
        user: Option<&UserRow>,
        browser: Option<&'a str>,
    ) -> Result<Option<&'a str>, EngineError> {
        let Some(browser) = browser else { return Ok(None) };
        let id = user.map_or_else(ids::user, |user| user.principal.id.clone());
        let since = self.now() - BROWSER_S * 1000;
        let known = self.inner.store.is_known_browser(&ids::fingerprint(browser), &id, since).await?;
        Ok(known.then_some(browser))
    }

    async fn open_session(
        &self,
        user: &UserRow,
        form: LogIn<'_>,
        browser: Option<&str>,
    ) -> Result<SessionToken, EngineError> {
        let (value, now) = (ids::secret(), self.now());
        let browser = browser.map_or_else(ids::secret, str::to_owned);
        let session = SessionRow {
            fingerprint: ids::fingerprint(&value),
            user: user.principal.id.clone(),
            created_at: now,
            expires_at: now + SESSION_MS,
            device: super::device_name(form.user_agent),
            address: form.address.to_owned(),
            last_used_at: Some(now),
        };
        let audit = self.audit(
            Some(&user.principal),
            AuditAction::SessionCreated,
            subject(&user.principal.id),
            format!("from {}", form.address),
        );
        let (password_hash, known) = (user.password_hash.clone(), ids::fingerprint(&browser));
        let new = NewSession { session, password_hash, browser: known };
        if !self.inner.store.create_session(new, audit).await? {
            // It has changed while this attempt waited for its turn.
            return Err(Problem::WrongLogin.into());
        }
        let kept_s = (SESSION_MS + SESSION_MEMORY_MS) / 1000;
        Ok(SessionToken { value, kept_s, browser, browser_kept_s: BROWSER_S })
    }

    /// What was typed is not written down where there is no such account: it may be a password in the wrong field.
    fn refused(&self, user: Option<&UserRow>, detail: String) -> AuditEntry {
        self.audit(None, AuditAction::SessionRefused, account(user), detail)
    }

    fn slowed(&self, user: Option<&UserRow>, lane: Lane, address: &str) -> AuditEntry {
        let detail = format!("too many failures for this {}, the last from {address}", lane.as_str());
        self.audit(None, AuditAction::SessionSlowed, account(user), detail)
    }
}

fn account(user: Option<&UserRow>) -> String {
    user.map_or_else(|| "user:unknown".to_owned(), |user| subject(&user.principal.id))
}
