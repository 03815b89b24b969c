//! Managing accounts.

use model::{AuditAction, PrincipalKind, Role, UserId};

use super::{By, passwords::unless_last, set_up, subject};
use crate::{
    Engine, EngineError, Problem, ids,
    store::{NewUser, UserChange, UserRow},
};

impl Engine {
    /// All accounts, in the order in which they were made.
    ///
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn people(&self, by: By<'_>) -> Result<Vec<UserRow>, EngineError> {
        by.may_manage_people()?;
        Ok(self.inner.store.users().await?)
    }

    /// An account for programs, without email and password: it can only be used with its tokens.
    ///
    /// # Errors
    /// [`Problem::BadValue`], [`Problem::Forbidden`].
    pub async fn create_service_account(&self, by: By<'_>, name: &str, role: Role) -> Result<UserId, EngineError> {
        by.may_manage_people()?;
        if role == Role::Admin {
            return Err(Problem::BadValue("A service account is no administrator.".to_owned()).into());
        }
        let user = NewUser {
            id: ids::user(),
            kind: PrincipalKind::ServiceAccount,
            email: String::new(),
            name: set_up::name(name)?,
            role,
            password_hash: String::new(),
            at: self.now(),
        };
        let (id, detail) = (user.id.clone(), format!("service account, {}", role.as_str()));
        let audit = self.audit(by.person(), AuditAction::AccountCreated, subject(&id), detail);
        if self.inner.store.create_user(user, audit).await? {
            Ok(id)
        } else {
            Err(EngineError::Internal("a new id was taken"))
        }
    }

    /// One account: one's own, or for whoever manages people any.
    ///
    /// # Errors
    /// [`Problem::Forbidden`], [`Problem::NoSuchAccount`].
    pub async fn account(&self, by: By<'_>, user: &UserId) -> Result<UserRow, EngineError> {
        by.may_manage(user)?;
        Ok(self.inner.store.user(user).await?.ok_or(Problem::NoSuchAccount)?)
    }

    /// The account with this email, however it is written.
    ///
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn account_by_email(&self, by: By<'_>, email: &str) -> Result<Option<UserRow>, EngineError> {
        by.may_manage_people()?;
        Ok(self.inner.store.user_by_email(email).await?)
    }

    /// Gives a person another name, from now on: runs keep the one that they were started under.
    ///
    /// # Errors
    /// [`Problem::BadValue`], [`Problem::Forbidden`], [`Problem::NoSuchAccount`].
    pub async fn rename(&self, by: By<'_>, user: &UserId, name: &str) -> Result<(), EngineError> {
        by.may_manage(user)?;
        let name = set_up::name(name)?;
        let before = self.account(by, user).await?.principal.name;
        let detail = format!("“{name}”, before: “{before}”");
        self.change(by, user, UserChange::Name(name), AuditAction::AccountRenamed, detail).await
    }

    /// Ends everything that an account opens: sessions, tokens and links are over for good, its runs stay.
    ///
    /// # Errors
    /// [`Problem::LastAdmin`], [`Problem::Forbidden`], [`Problem::NoSuchAccount`].
    pub async fn disable(&self, by: By<'_>, user: &UserId) -> Result<(), EngineError> {
        by.may_manage_people()?;
        self.account(by, user).await?;
        self.change(by, user, UserChange::Disable, AuditAction::AccountDisabled, String::new()).await
    }

    /// Lets the person log in again. What ended when the account was disabled stays over.
    ///
    /// # Errors
    /// [`Problem::Forbidden`], [`Problem::NoSuchAccount`].
    pub async fn enable(&self, by: By<'_>, user: &UserId) -> Result<(), EngineError> {
        by.may_manage_people()?;
        self.account(by, user).await?;
        self.change(by, user, UserChange::Enable, AuditAction::AccountEnabled, String::new()).await
    }

    /// # Errors
    /// [`Problem::LastAdmin`], [`Problem::BadValue`], [`Problem::Forbidden`], [`Problem::NoSuchAccount`].
    pub async fn set_role(&self, by: By<'_>, user: &UserId, role: Role) -> Result<(), EngineError> {
        by.may_manage_people()?;
        let account = self.account(by, user).await?;
        if account.kind != PrincipalKind::Person && role == Role::Admin {
            return Err(Problem::BadValue("A service account is no administrator.".to_owned()).into());
        }
        let before = account.principal.role;
        let detail = format!("{}, before: {}", role.as_str(), before.as_str());
        self.change(by, user, UserChange::Role(role), AuditAction::AccountRoleChanged, detail).await
    }

    async fn change(
        &self,
        by: By<'_>,
        user: &UserId,
        change: UserChange,
        action: AuditAction,
        detail: String,
    ) -> Result<(), EngineError> {
        let audit = self.audit(by.person(), action, subject(user), detail);
        unless_last(self.inner.store.change_user(user, change, audit).await?)?;
        self.rights_changed().await;
        Ok(())
    }
}
