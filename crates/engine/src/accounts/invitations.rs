//! Links that work once: to make an account, or to choose a new password.

use model::{AuditAction, LinkId, Millis, Role};

use super::{By, SetUp, email, fold_email, passwords, set_up::email_taken, subject};
use crate::{
    Engine, EngineError, Problem, ids,
    store::{LinkPurpose, LinkRow, LinkUse, UserRow},
};

const DAY_MS: Millis = 24 * 60 * 60 * 1000;
const INVITATION_MS: Millis = 7 * DAY_MS;
const PASSWORD_LINK_MS: Millis = DAY_MS;

/// The secret of a link, which is shown this once.
#[derive(Clone, Debug)]
pub struct SecretLink {
    pub secret: String,
    pub expires_at: Millis,
}

/// An invitation that nobody has accepted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub id: LinkId,
    pub email: String,
    pub role: Role,
    pub created_at: Millis,
    pub expires_at: Millis,
}

/// What a link that still works is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenLink {
    Invitation { email: String },
    Password { email: String, name: String },
}

/// What whoever has a link fills in; the name counts for an invitation only.
#[derive(Clone, Copy, Debug)]
pub struct AcceptInvitation<'a> {
    pub name: &'a str,
    pub password: &'a str,
}

impl Engine {
    /// A link, good for a week and once, with which somebody makes an account with this email and role. It replaces
    /// an earlier one to the same email.
    ///
    /// # Errors
    /// [`Problem::BadValue`], also when the email is taken; [`Problem::Forbidden`].
    pub async fn invite(&self, by: By<'_>, email: &str, role: Role) -> Result<SecretLink, EngineError> {
        by.may_manage_people()?;
        let email = email::checked(email)?;
        if self.inner.store.user_by_email(&email).await?.is_some() {
            return Err(email_taken().into());
        }
        let (link, row) = self.new_link(by, LinkPurpose::Invitation { email: email.clone(), role }, INVITATION_MS);
        let detail = format!("{} as {}", fold_email(&email), role.as_str());
        let audit = self.audit(by.person(), AuditAction::InvitationCreated, format!("invitation:{}", row.id), detail);
        self.inner.store.create_link(row, audit).await?;
        Ok(link)
    }

    /// Those that can still be accepted, the newest first.
    ///
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn invitations(&self, by: By<'_>) -> Result<Vec<Invitation>, EngineError> {
        by.may_manage_people()?;
        let open = self.inner.store.open_invitations(self.now()).await?;
        Ok(open.into_iter().filter_map(invitation).collect())
    }

    /// Makes an invitation worthless. One that is accepted or over is no error.
    ///
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn withdraw_invitation(&self, by: By<'_>, id: &LinkId) -> Result<(), EngineError> {
        by.may_manage_people()?;
        let audit =
            self.audit(by.person(), AuditAction::InvitationWithdrawn, format!("invitation:{id}"), String::new());
        self.inner.store.withdraw_invitation(id, audit).await?;
        Ok(())
    }

    pub(super) async fn password_link(&self, by: By<'_>, user: &UserRow) -> Result<SecretLink, EngineError> {
        let id = &user.principal.id;
        let (link, row) = self.new_link(by, LinkPurpose::Password(id.clone()), PASSWORD_LINK_MS);
        let audit =
            self.audit(by.person(), AuditAction::PasswordReset, subject(id), "by a link, good for a day".to_owned());
        if !self.inner.store.create_link(row, audit).await? {
            return Err(Problem::LastAdmin.into());
        }
        self.rights_changed().await;
        Ok(link)
    }

    /// What the link with this secret is for; none when it does not work any more.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub async fn open_link(&self, secret: &str) -> Result<Option<OpenLink>, EngineError> {
        let Some(link) = self.link(secret).await? else { return Ok(None) };
        match link.purpose {
            LinkPurpose::Invitation { email, .. } => Ok(Some(OpenLink::Invitation { email })),
            LinkPurpose::Password(user) => {
                let user = self.inner.store.user(&user).await?.filter(|user| user.disabled_at.is_none());
                let person = user.map(|user| user.principal);
                Ok(person.map(|person| OpenLink::Password { email: person.email, name: person.name }))
            }
        }
    }

    /// Makes the account, or sets the password, that the link is for; the email to log in with.
    ///
    /// # Errors
    /// [`Problem::LinkClosed`], [`Problem::BadValue`].
    pub async fn use_link(&self, secret: &str, form: AcceptInvitation<'_>) -> Result<String, EngineError> {
        let link = self.link(secret).await?.ok_or(Problem::LinkClosed)?;
        let (email, used) = match link.purpose {
            LinkPurpose::Invitation { email, role } => {
                let set_up = SetUp { email: &email, name: form.name, password: form.password };
                let user = self.new_user(set_up, role).await?;
                let detail = format!("{}, by invitation:{}", role.as_str(), link.id);
                let audit = self.audit(None, AuditAction::AccountCreated, subject(&user.id), detail);
                (email.clone(), self.inner.store.use_invitation(&link.fingerprint, user, audit).await?)
            }
            LinkPurpose::Password(user) => {
                let user = self.inner.store.user(&user).await?.ok_or(Problem::LinkClosed)?;
                let person = user.principal;
                passwords::check(form.password, &person.email, &person.name)?;
                let hash = self.hashed(form.password).await?;
                let audit = self.audit(
                    Some(&person),
                    AuditAction::PasswordChanged,
                    subject(&person.id),
                    "by a link".to_owned(),
                );
                let used = self.inner.store.use_password_link(&link.fingerprint, hash, audit).await?;
                (person.email, used)
            }
        };
        match used {
            LinkUse::Done => {
                self.rights_changed().await;
                Ok(email)
            }
            LinkUse::Closed => Err(Problem::LinkClosed.into()),
            LinkUse::EmailTaken => Err(email_taken().into()),
        }
    }

    async fn link(&self, secret: &str) -> Result<Option<LinkRow>, EngineError> {
        let link = self.inner.store.link(&ids::fingerprint(secret)).await?;
        Ok(link.filter(|link| link.is_open(self.now())))
    }

    fn new_link(&self, by: By<'_>, purpose: LinkPurpose, lasts: Millis) -> (SecretLink, LinkRow) {
        let (secret, now) = (ids::secret(), self.now());
        let row = LinkRow {
            id: ids::link(),
            fingerprint: ids::fingerprint(&secret),
            purpose,
            created_by: by.person().map(|who| who.id.clone()),
            created_at: now,
            expires_at: now + lasts,
            closed_at: None,
        };
        (SecretLink { secret, expires_at: row.expires_at }, row)
    }
}

fn invitation(link: LinkRow) -> Option<Invitation> {
    match link.purpose {
        LinkPurpose::Password(_) => None,
        LinkPurpose::Invitation { email, role } => {
            Some(Invitation { id: link.id, email, role, created_at: link.created_at, expires_at: link.expires_at })
        }
    }
}
