//! People: the first administrator, log-in, sessions, API tokens.

use std::sync::Mutex;

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use model::{AuditAction, Millis, Principal, Role};
use tokio::sync::SemaphorePermit;

use crate::{
    Access, Engine, EngineError, Problem, StoreError, ids,
    retention::SESSION_MEMORY_MS,
    store::{ApiTokenRow, AuditEntry, NewUser, SessionRow, UserRow},
};

/// How long a log-in lasts.
const SESSION_MS: Millis = 14 * 24 * 60 * 60 * 1000;
/// Failures in [`FAILURE_WINDOW_MS`] after which an account or address has to wait.
const MAX_FAILURES: u32 = 10;
const FAILURE_WINDOW_MS: Millis = 15 * 60 * 1000;
const MAX_EMAIL: usize = 254;
const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 8..=512;

/// What the browser keeps in its cookie.
#[derive(Clone, Debug)]
pub struct SessionToken {
    pub value: String,
    /// How long the browser keeps it: some time after the session's end it still tells whose form that was.
    pub kept_s: i64,
}

pub struct LogIn<'a> {
    pub email: &'a str,
    pub password: &'a str,
    /// The caller's address, for the limit on failures.
    pub address: &'a str,
}

pub struct SetUp<'a> {
    pub email: &'a str,
    pub name: &'a str,
    pub password: &'a str,
}

/// The one-time token that lets whoever reads the console create the first administrator.
pub(crate) struct SetUpGate(Mutex<Option<String>>);

impl SetUpGate {
    pub fn new(open: bool) -> Self {
        Self(Mutex::new(open.then(ids::secret)))
    }

    fn token(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn close(&self) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }
}

impl Engine {
    /// Closes the set-up page when another process has made the first account.
    pub(crate) async fn look_for_users(&self) -> Result<(), StoreError> {
        if self.inner.set_up.token().is_some() && self.inner.store.has_users().await? {
            self.inner.set_up.close();
        }
        Ok(())
    }

    /// The token of the set-up page while there is no account, else none.
    pub fn set_up_token(&self) -> Option<String> {
        self.inner.set_up.token()
    }

    /// Creates the first administrator for whoever holds the token from the console.
    ///
    /// # Errors
    /// [`Problem::SetUpClosed`] for a wrong token or when an account exists; [`Problem::BadValue`].
    pub async fn set_up(&self, token: &str, form: SetUp<'_>) -> Result<(), EngineError> {
        let expected = self.inner.set_up.token().ok_or(Problem::SetUpClosed)?;
        // Fingerprints compare in the same time wherever they differ.
        if ids::fingerprint(token) != ids::fingerprint(&expected) {
            return Err(Problem::SetUpClosed.into());
        }
        self.create_first_admin(form).await
    }

    /// Creates the first administrator from the operator's settings or command line.
    ///
    /// # Errors
    /// [`Problem::SetUpClosed`] when an account exists; [`Problem::BadValue`].
    pub async fn create_first_admin(&self, form: SetUp<'_>) -> Result<(), EngineError> {
        let user = self.new_admin(form).await?;
        let audit = self.audit(
            None,
            AuditAction::AccountCreated,
            format!("user:{}", user.id),
            "first administrator".to_owned(),
        );
        let first = self.inner.store.create_first_user(user, audit).await?;
        // Also when another process was first.
        self.inner.set_up.close();
        if first { Ok(()) } else { Err(Problem::SetUpClosed.into()) }
    }

    /// Adds an administrator from the command line.
    ///
    /// # Errors
    /// [`Problem::BadValue`], also when the email is taken.
    pub async fn create_admin(&self, form: SetUp<'_>) -> Result<(), EngineError> {
        let user = self.new_admin(form).await?;
        let audit =
            self.audit(None, AuditAction::AccountCreated, format!("user:{}", user.id), "administrator".to_owned());
        if !self.inner.store.create_user(user, audit).await? {
            return Err(Problem::BadValue("There is already an account with this email.".to_owned()).into());
        }
        self.inner.set_up.close();
        Ok(())
    }

    /// # Errors
    /// [`Problem::WrongLogin`] without telling which part is wrong; [`Problem::TooManyLogins`].
    pub async fn log_in(&self, form: LogIn<'_>) -> Result<SessionToken, EngineError> {
        let email = form.email.trim();
        let known_as: String = email.to_lowercase().chars().take(MAX_EMAIL).collect();
        let keys = [format!("account:{known_as}"), format!("address:{}", form.address)];
        // Counted while it is held, so that many attempts at once cannot all pass before the first is noted.
        let permit = self.hashing_permit().await?;
        let now = self.inner.clock.now();
        if self.inner.store.login_failures(&keys, now - FAILURE_WINDOW_MS).await? >= MAX_FAILURES {
            return Err(Problem::TooManyLogins.into());
        }
        let user = self.inner.store.user_by_email(email).await?;
        let Some(user) = verified(user, form.password).await? else {
            self.inner.store.note_login_failure(&keys, now).await?;
            return Err(Problem::WrongLogin.into());
        };
        drop(permit);
        let value = ids::secret();
        let session = SessionRow {
            fingerprint: ids::fingerprint(&value),
            user: user.principal.id.clone(),
            created_at: now,
            expires_at: now + SESSION_MS,
        };
        let audit = self.audit(
            Some(&user.principal),
            AuditAction::SessionCreated,
            format!("user:{}", user.principal.id),
            format!("from {}", form.address),
        );
        self.inner.store.create_session(session, audit).await?;
        Ok(SessionToken { value, kept_s: (SESSION_MS + SESSION_MEMORY_MS) / 1000 })
    }

    /// The person behind a session cookie while it is valid.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub async fn who_by_session(&self, token: &str) -> Result<Option<Access>, EngineError> {
        let found = self.inner.store.session(&ids::fingerprint(token)).await?;
        match found.filter(|(session, _)| session.expires_at > self.inner.clock.now()) {
            Some((_, user)) => self.access(user.principal).await.map(Some),
            None => Ok(None),
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
        let audit = self.audit(Some(who), AuditAction::SessionEnded, format!("user:{}", who.id), String::new());
        Ok(self.inner.store.end_session(&ids::fingerprint(token), audit).await?)
    }

    /// The person behind an API token.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub async fn who_by_api_token(&self, token: &str) -> Result<Option<Access>, EngineError> {
        match self.inner.store.user_by_api_token(&ids::fingerprint(token)).await? {
            Some(user) => self.access(user.principal).await.map(Some),
            None => Ok(None),
        }
    }

    /// Makes a token for the REST API; it is shown this once.
    ///
    /// # Errors
    /// [`Problem::BadValue`] when there is no such account.
    pub async fn create_api_token(&self, email: &str, name: &str) -> Result<String, EngineError> {
        let user = self.inner.store.user_by_email(email.trim()).await?;
        let user = user.ok_or_else(|| Problem::BadValue(format!("There is no account with the email {email}.")))?;
        let token = format!("cdt_{}", ids::secret());
        let row = ApiTokenRow {
            fingerprint: ids::fingerprint(&token),
            user: user.principal.id.clone(),
            name: name.to_owned(),
            created_at: self.inner.clock.now(),
        };
        let audit = self.audit(
            None,
            AuditAction::TokenCreated,
            format!("user:{}", user.principal.id),
            format!("token “{name}”"),
        );
        self.inner.store.create_api_token(row, audit).await?;
        Ok(token)
    }

    pub(crate) fn audit(
        &self,
        who: Option<&Principal>,
        action: AuditAction,
        subject: String,
        detail: String,
    ) -> AuditEntry {
        AuditEntry { at: self.inner.clock.now(), actor: who.map(|who| who.id.clone()), action, subject, detail }
    }

    async fn new_admin(&self, form: SetUp<'_>) -> Result<NewUser, EngineError> {
        let (email, name) = (form.email.trim(), form.name.trim());
        let well_formed = email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
        if !well_formed || email.len() > MAX_EMAIL || email.contains(char::is_whitespace) {
            return Err(Problem::BadValue("Enter an email address.".to_owned()).into());
        }
        if name.is_empty() || name.chars().count() > 100 {
            return Err(Problem::BadValue("Enter a name of at most 100 characters.".to_owned()).into());
        }
        if !PASSWORD_LENGTH.contains(&form.password.chars().count()) {
            return Err(Problem::BadValue("Choose a password of at least 8 characters.".to_owned()).into());
        }
        Ok(NewUser {
            id: ids::user(),
            email: email.to_owned(),
            name: name.to_owned(),
            role: Role::Admin,
            password_hash: self.hashed(form.password).await?,
            at: self.inner.clock.now(),
        })
    }

    async fn hashed(&self, password: &str) -> Result<String, EngineError> {
        let _permit = self.hashing_permit().await?;
        let password = password.to_owned();
        off_thread(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).ok())
            .await?
            .ok_or(EngineError::Internal("a password could not be hashed"))
    }

    /// Password hashing is slow on purpose: only a few at once.
    async fn hashing_permit(&self) -> Result<SemaphorePermit<'_>, EngineError> {
        self.inner.hashing.acquire().await.map_err(|_| EngineError::Internal("hashing is closed"))
    }
}

/// A hash that no password has, with the parameters of ours.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$H5GvHSQRA2DzMQbEK8D7KyyhnZ3r5VfYsWL0DyDYUTA";

/// The user if the password is right. Takes the same time when there is no such user.
async fn verified(user: Option<UserRow>, password: &str) -> Result<Option<UserRow>, EngineError> {
    let hash = user.as_ref().map_or_else(|| NOBODY.to_owned(), |user| user.password_hash.clone());
    let password = password.to_owned();
    let right = off_thread(move || {
        PasswordHash::new(&hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await?;
    Ok(user.filter(|_| right))
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, EngineError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| EngineError::Internal("hashing panicked"))
}

#[cfg(test)]
mod tests {
    use argon2::password_hash;

    use super::*;

    #[test]
    fn checking_nobodys_password_costs_as_much_as_checking_a_real_one() {
        let nobody = PasswordHash::new(NOBODY).expect("it parses");
        let real = Argon2::default().hash_password(b"correct horse").expect("it hashes").to_string();
        let real = PasswordHash::new(&real).expect("it parses");
        assert_eq!((nobody.algorithm, nobody.version, &nobody.params), (real.algorithm, real.version, &real.params));
        assert_eq!(nobody.hash.map(|hash| hash.len()), real.hash.map(|hash| hash.len()));
        // Not any other error, which would come before the work.
        let refused = Argon2::default().verify_password(b"correct horse", &nobody);
        assert_eq!(refused, Err(password_hash::Error::PasswordInvalid));
    }
}
