//! People and what opens the dashboard for them: log-ins, passwords, tokens, links.

mod email;
mod grants;
mod invitations;
mod last_use;
mod log_in;
mod passwords;
mod people;
mod rights;
mod sessions;
mod set_up;
mod tokens;

use model::{AuditAction, Principal, UserId};

use crate::{
    Access, Engine, Problem,
    policy::{self, Act},
    store::AuditEntry,
};

pub use email::fold_email;
pub use invitations::{AcceptInvitation, Invitation, OpenLink, SecretLink};
pub use log_in::{LogIn, SessionToken};
pub use sessions::device_name;
pub use set_up::SetUp;
pub use tokens::{CreatedToken, NewToken};

pub(crate) use last_use::LastUses;
pub(crate) use log_in::Pace;
pub(crate) use set_up::SetUpGate;

/// On whose behalf accounts are managed.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// Whoever has the machine: the command line.
    Operator,
    Person(&'a Access),
}

impl<'a> By<'a> {
    pub(crate) const fn person(self) -> Option<&'a Principal> {
        match self {
            Self::Operator => None,
            Self::Person(who) => Some(&who.person),
        }
    }

    /// # Errors
    /// [`Problem::Forbidden`] for whoever may not manage people.
    fn may_manage_people(self) -> Result<(), Problem> {
        match self {
            Self::Operator => Ok(()),
            Self::Person(who) => policy::check(who, Act::ManagePeople),
        }
    }

    /// Everybody manages what is their own, but for programs.
    fn may_manage(self, owner: &UserId) -> Result<(), Problem> {
        match self {
            Self::Person(who) if who.person.id == *owner && who.token.is_none() => Ok(()),
            by => by.may_manage_people(),
        }
    }
}

impl Engine {
    pub(crate) fn audit(
        &self,
        who: Option<&Principal>,
        action: AuditAction,
        subject: String,
        detail: String,
    ) -> AuditEntry {
        AuditEntry { at: self.inner.clock.now(), actor: who.map(|who| who.id.clone()), action, subject, detail }
    }
}

fn subject(user: &UserId) -> String {
    format!("user:{user}")
}
