//! Who asks, with what they may see and do at this moment.

use model::{Principal, Role, TokenId};

use crate::{
    Engine, EngineError, Scope,
    scope::{Grants, Target, Verbs},
};

/// The caller of a verb. Computed once for each request and never kept longer: rights end with the next one.
#[derive(Clone, Debug)]
pub struct Access {
    pub person: Principal,
    pub scope: Scope,
    /// None: they are here themselves.
    pub token: Option<TokenUse>,
}

/// The token that a program came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUse {
    pub id: TokenId,
    /// None: not limited.
    pub runs_per_minute: Option<u32>,
}

impl Engine {
    /// What this person may see and do now.
    ///
    /// # Errors
    /// When the database cannot be read.
    #[expect(clippy::unused_async, reason = "grants are read from the database")]
    pub async fn access(&self, person: Principal) -> Result<Access, EngineError> {
        let scope = match person.role {
            Role::Admin | Role::Operator => Scope::all(),
            Role::Runner => {
                let mut grants = Grants::default();
                grants.add(Target::Everything, Verbs { run: true, see: false });
                Scope::granted(person.id.clone(), grants)
            }
            Role::Viewer => Scope::own(person.id.clone()),
        };
        Ok(Access { person, scope, token: None })
    }
}
