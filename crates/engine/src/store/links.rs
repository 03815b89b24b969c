use model::{LinkId, Millis, Role, UserId};

use super::{AuditEntry, NewUser, StoreError, declare::store_trait};

/// A link that works once; the secret in it is only with whom it was given to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    pub id: LinkId,
    pub fingerprint: String,
    pub purpose: LinkPurpose,
    /// None: from the command line.
    pub created_by: Option<UserId>,
    pub created_at: Millis,
    pub expires_at: Millis,
    /// When it was used or withdrawn.
    pub closed_at: Option<Millis>,
}

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// This person chooses a new password.
    Password(UserId),
    /// Somebody makes an account.
    Invitation { email: String, role: Role },
}

impl LinkRow {
    pub fn is_open(&self, now: Millis) -> bool {
        self.closed_at.is_none() && now < self.expires_at
    }
}

/// What came of using a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkUse {
    Done,
    /// It was used, withdrawn or is too old.
    Closed,
    /// There is an account with this email by now.
    EmailTaken,
}

store_trait! {
    /// Links that work once.
    pub trait LinkStore as forward_link_store {
        /// A new password link closes the earlier ones of its person, takes their password away and ends their
        /// sessions; a new invitation closes the earlier ones to its email. `false`, and nothing is done, when
        /// nobody would be left who can log in as an administrator and it is not from the command line.
        async fn create_link(&self, link: LinkRow, audit: AuditEntry) -> Result<bool, StoreError>;
        async fn link(&self, fingerprint: &str) -> Result<Option<LinkRow>, StoreError>;
        /// Invitations that can still be used, the newest first.
        async fn open_invitations(&self, now: Millis) -> Result<Vec<LinkRow>, StoreError>;
        /// Sets the password of the link's person and ends all their sessions, at the time of the audit entry.
        async fn use_password_link(
            &self,
            fingerprint: &str,
            password_hash: String,
            audit: AuditEntry,
        ) -> Result<LinkUse, StoreError>;
        /// Makes the account that the link invites to.
        async fn use_invitation(
            &self,
            fingerprint: &str,
            user: NewUser,
            audit: AuditEntry,
        ) -> Result<LinkUse, StoreError>;
        /// `false` when it is closed already, or there is no such invitation.
        async fn withdraw_invitation(&self, id: &LinkId, audit: AuditEntry) -> Result<bool, StoreError>;
    }
}
