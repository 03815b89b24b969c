//! The first administrator, and those from the command line.

use std::sync::{Mutex, PoisonError};

use model::{AuditAction, PrincipalKind, Role};

use super::{email, passwords, subject};
use crate::{Engine, EngineError, Problem, StoreError, ids, store::NewUser};

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
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
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
        let user = self.new_user(form, Role::Admin).await?;
        let audit = self.audit(None, AuditAction::AccountCreated, subject(&user.id), "first administrator".to_owned());
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
        let user = self.new_user(form, Role::Admin).await?;
        let audit = self.audit(None, AuditAction::AccountCreated, subject(&user.id), "administrator".to_owned());
        if !self.inner.store.create_user(user, audit).await? {
            return Err(email_taken().into());
        }
        self.inner.set_up.close();
        Ok(())
    }

    pub(super) async fn new_user(&self, form: SetUp<'_>, role: Role) -> Result<NewUser, EngineError> {
        let (email, name) = (email::checked(form.email)?, name(form.name)?);
        passwords::check(form.password, &email, &name)?;
        Ok(NewUser {
            id: ids::user(),
            kind: PrincipalKind::Person,
            email,
            name,
            role,
            password_hash: self.hashed(form.password).await?,
            at: self.inner.clock.now(),
        })
    }
}

pub(super) fn email_taken() -> Problem {
    Problem::BadValue("There is already an account with this email.".to_owned())
}

/// A person's name, without the spaces around it.
pub(super) fn name(given: &str) -> Result<String, Problem> {
    let name = given.trim();
    if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
        return Err(Problem::BadValue("Enter a name of at most 100 characters.".to_owned()));
    }
    Ok(name.to_owned())
}
