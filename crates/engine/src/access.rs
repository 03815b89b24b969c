//! Who asks, with what they may see and do at this moment.

use model::{GrantTarget, GrantVerbs, Principal, Role, TokenId};

use crate::{Engine, EngineError, Scope, scope::Grants};

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
    pub async fn access(&self, person: Principal) -> Result<Access, EngineError> {
        let scope = if person.role.sees_everything() { Scope::all() } else { self.granted_scope(&person).await? };
        Ok(Access { person, scope, token: None })
    }

    async fn granted_scope(&self, person: &Principal) -> Result<Scope, EngineError> {
        let granted = self.inner.store.granted(&person.id).await?;
        let mut grants = Grants::default();
        for (target, verbs) in granted.grants {
            grants.add(target, verbs);
        }
        if person.role == Role::Runner {
            for (environment, workflow) in granted.shared {
                if grants.on(&environment, &workflow).run {
                    grants.add(GrantTarget::Workflow(environment, workflow), GrantVerbs { run: false, see: true });
                }
            }
        }
        Ok(Scope::granted(person.id.clone(), grants))
    }
}
