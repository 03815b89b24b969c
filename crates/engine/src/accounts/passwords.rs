//! Passwords: which are good enough, how they are kept, and how they change.

mod common;

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use model::{AuditAction, Principal, PrincipalKind, UserId};
use tokio::sync::SemaphorePermit;
use unicode_normalization::UnicodeNormalization;

use super::{By, SecretLink, subject};
use crate::{
    Engine, EngineError, Problem, ids,
    store::{Changed, UserChange, UserRow},
};

const SHORTEST: usize = 10;
const LONGEST: usize = 512;

/// Whether somebody may choose this password. What was chosen before there were these rules still opens.
pub(super) fn check(password: &str, email: &str, name: &str) -> Result<(), Problem> {
    let bad = |message: &str| Err(Problem::BadValue(message.to_owned()));
    match composed(password).chars().count() {
        0..SHORTEST => bad("Choose a password of at least 10 characters."),
        SHORTEST..=LONGEST if common::is_common(password) => {
            bad("This is one of the passwords that are tried first. Choose another one, for example four words.")
        }
        SHORTEST..=LONGEST if common::repeats(password, &[email.split('@').next().unwrap_or_default(), name]) => {
            bad("Choose a password that is more than your name or email.")
        }
        SHORTEST..=LONGEST => Ok(()),
        _ => bad("Choose a password of at most 512 characters."),
    }
}

/// The same password whichever keyboard wrote its accents.
fn composed(password: &str) -> String {
    password.nfc().collect()
}

impl Engine {
    /// A person changes their own password. Their other sessions end; the one with `session` goes on.
    ///
    /// # Errors
    /// [`Problem::BadValue`] for a wrong old or an unfit new one, [`Problem::TooManyLogins`].
    pub async fn change_password(
        &self,
        who: &Principal,
        session: &str,
        old: &str,
        new: &str,
    ) -> Result<(), EngineError> {
        let user = self.inner.store.user(&who.id).await?.ok_or(Problem::NoSuchAccount)?;
        self.confirm_password(&user, old).await?;
        check(new, &who.email, &who.name)?;
        let change = UserChange::Password { hash: self.hashed(new).await?, keep: Some(ids::fingerprint(session)) };
        let audit = self.audit(Some(who), AuditAction::PasswordChanged, subject(&who.id), String::new());
        self.inner.store.change_user(&who.id, change, audit).await?;
        self.rights_changed().await;
        Ok(())
    }

    /// Takes a person's password and sessions away and gives a link, good for a day and once, with which they choose
    /// a new one. Their tokens stay.
    ///
    /// # Errors
    /// [`Problem::Forbidden`], [`Problem::NoSuchAccount`], [`Problem::BadValue`], [`Problem::LastAdmin`] when nobody else could log in as
    /// an administrator; the operator may do that, too.
    pub async fn reset_password(&self, by: By<'_>, user: &UserId) -> Result<SecretLink, EngineError> {
        by.may_manage_people()?;
        let user = self.inner.store.user(user).await?.ok_or(Problem::NoSuchAccount)?;
        if user.kind != PrincipalKind::Person {
            return Err(Problem::BadValue("A service account has no password.".to_owned()).into());
        }
        if user.disabled_at.is_some() {
            return Err(Problem::BadValue("This account is disabled. Enable it first.".to_owned()).into());
        }
        self.password_link(by, &user).await
    }

    pub(super) async fn hashed(&self, password: &str) -> Result<String, EngineError> {
        let _permit = self.hashing_permit().await?;
        let password = composed(password);
        off_thread(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).ok())
            .await?
            .ok_or(EngineError::Internal("a password could not be hashed"))
    }

    /// Password hashing is slow on purpose: only a few at once.
    pub(super) async fn hashing_permit(&self) -> Result<SemaphorePermit<'_>, EngineError> {
        self.inner.hashing.acquire().await.map_err(|_| EngineError::Internal("hashing is closed"))
    }
}

/// For a change that may only be refused because of the last administrator.
pub(super) fn unless_last(changed: Changed) -> Result<(), Problem> {
    if changed == Changed::LastAdmin { Err(Problem::LastAdmin) } else { Ok(()) }
}

/// A hash that no password has, with the parameters of ours.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$H5GvHSQRA2DzMQbEK8D7KyyhnZ3r5VfYsWL0DyDYUTA";

/// Whether the password is right. Takes the same time when there is no such user, or no password.
pub(super) async fn is_right(user: Option<&UserRow>, password: &str) -> Result<bool, EngineError> {
    let hash = user.map(|user| user.password_hash.clone()).filter(|hash| !hash.is_empty());
    let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
    let composed = composed(password);
    // Hashed from before passwords were composed.
    let as_typed = (composed != password).then(|| password.to_owned());
    off_thread(move || {
        let Ok(hash) = PasswordHash::new(&hash) else { return false };
        let opens = |password: &str| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
        opens(&composed) || as_typed.is_some_and(|password| opens(&password))
    })
    .await
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

    #[test]
    fn a_password_is_long_uncommon_and_not_only_its_owners_name() {
        let check = |password: &str| check(password, "ada.lovelace@example.org", "Ada Lovelace");
        for good in ["correct horse", "Pässwörd-long", "x7#kQ pony", "ein Regenschirm im Mai"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        // Nine characters, also when an accent is typed apart.
        for bad in
            ["", "123456789", "Passwo\u{308}rd", "Ada.Lovelace", "adalovelace1815", "Lovelace Ada!", &"x y".repeat(200)]
        {
            assert!(matches!(check(bad), Err(Problem::BadValue(_))), "{bad}");
        }
    }
}
