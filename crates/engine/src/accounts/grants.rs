//! Who was granted what.

use model::{AuditAction, EnvSlug, Grant, GrantTarget, Grantee, Group, GroupId, UserId, WorkflowId};

use super::By;
use crate::{
    Access, Engine, EngineError, Problem, ids,
    policy::{self, Act},
    store::NewGroup,
};

const MAX_NAME: usize = 100;

impl Engine {
    /// Grants something, or changes what was granted there.
    ///
    /// # Errors
    /// [`Problem::Forbidden`]; [`Problem::NoSuchEnvironment`]; [`Problem::BadValue`] for a grant of nothing, and when
    /// there is no such person or group.
    pub async fn grant(&self, by: By<'_>, grant: Grant) -> Result<(), EngineError> {
        by.may_manage_people()?;
        if !grant.verbs.any() {
            return Err(
                Problem::BadValue("Choose what is granted: to run, or to see everybody's runs.".to_owned()).into()
            );
        }
        if let Some(environment) = grant.target.environment() {
            self.env(environment)?;
        }
        let before = self.verbs_now(&grant.to, &grant.target).await?;
        let detail = format!("{} in {}, before: {before}", grant.verbs, grant.target);
        let audit = self.audit(by.person(), AuditAction::GrantGiven, subject(&grant.to), detail);
        if !self.inner.store.put_grant(grant, audit).await? {
            return Err(Problem::BadValue("There is no such person or group.".to_owned()).into());
        }
        self.rights_changed().await;
        Ok(())
    }

    /// Takes a grant back. One that is not there is no error.
    ///
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn revoke(&self, by: By<'_>, to: &Grantee, target: &GrantTarget) -> Result<(), EngineError> {
        by.may_manage_people()?;
        let before = self.verbs_now(to, target).await?;
        let detail = format!("in {target}, before: {before}");
        let audit = self.audit(by.person(), AuditAction::GrantRevoked, subject(to), detail);
        self.inner.store.remove_grant(to, target, audit).await?;
        self.rights_changed().await;
        Ok(())
    }

    /// What was granted, of everybody or of one person or group.
    ///
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn grants(&self, by: By<'_>, of: Option<&Grantee>) -> Result<Vec<Grant>, EngineError> {
        by.may_manage_people()?;
        let mut grants = self.inner.store.grants().await?;
        grants.retain(|grant| of.is_none_or(|of| grant.to == *of));
        Ok(grants)
    }

    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn groups(&self, by: By<'_>) -> Result<Vec<Group>, EngineError> {
        by.may_manage_people()?;
        Ok(self.inner.store.groups().await?)
    }

    /// # Errors
    /// [`Problem::Forbidden`]; [`Problem::BadValue`] for a name that is taken or cannot be used.
    pub async fn create_group(&self, by: By<'_>, name: &str) -> Result<GroupId, EngineError> {
        by.may_manage_people()?;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
            return Err(Problem::BadValue(format!("Enter a name of at most {MAX_NAME} characters.")).into());
        }
        let group = NewGroup { id: ids::group(), name: name.to_owned(), at: self.now() };
        let id = group.id.clone();
        let audit = self.audit(by.person(), AuditAction::GroupCreated, format!("group:{id}"), format!("“{name}”"));
        if !self.inner.store.create_group(group, audit).await? {
            return Err(Problem::BadValue("There is already a group with this name.".to_owned()).into());
        }
        Ok(id)
    }

    /// Removes a group and what was granted to it. One that is not there is no error.
    ///
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn remove_group(&self, by: By<'_>, id: &GroupId) -> Result<(), EngineError> {
        by.may_manage_people()?;
        let name = self.inner.store.groups().await?.into_iter().find(|group| group.id == *id).map(|group| group.name);
        let detail = format!("“{}”", name.unwrap_or_default());
        let audit = self.audit(by.person(), AuditAction::GroupRemoved, format!("group:{id}"), detail);
        self.inner.store.remove_group(id, audit).await?;
        self.rights_changed().await;
        Ok(())
    }

    /// # Errors
    /// [`Problem::Forbidden`]; [`Problem::BadValue`] when there is no such group or person.
    pub async fn add_to_group(&self, by: By<'_>, group: &GroupId, person: &UserId) -> Result<(), EngineError> {
        by.may_manage_people()?;
        let audit =
            self.audit(by.person(), AuditAction::GroupJoined, format!("group:{group}"), format!("user:{person}"));
        if !self.inner.store.add_member(group, person, audit).await? {
            return Err(Problem::BadValue("There is no such group or person.".to_owned()).into());
        }
        self.rights_changed().await;
        Ok(())
    }

    /// Whoever is not in it is no error.
    ///
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn remove_from_group(&self, by: By<'_>, group: &GroupId, person: &UserId) -> Result<(), EngineError> {
        by.may_manage_people()?;
        let audit = self.audit(by.person(), AuditAction::GroupLeft, format!("group:{group}"), format!("user:{person}"));
        self.inner.store.remove_member(group, person, audit).await?;
        self.rights_changed().await;
        Ok(())
    }

    /// Whether whoever runs this workflow sees everybody's runs of it.
    ///
    /// # Errors
    /// As for a workflow that this person may not see.
    pub async fn runs_shared(
        &self,
        who: &Access,
        environment: &EnvSlug,
        workflow: &WorkflowId,
    ) -> Result<bool, EngineError> {
        policy::check(who, Act::Open { environment, workflow })?;
        Ok(self.inner.store.runs_shared(environment, workflow).await?)
    }

    /// Sets whether whoever runs this workflow sees everybody's runs of it.
    ///
    /// # Errors
    /// [`Problem::Forbidden`]; [`Problem::NoSuchEnvironment`].
    pub async fn share_runs(
        &self,
        who: &Access,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        shared: bool,
    ) -> Result<(), EngineError> {
        policy::check(who, Act::ManageWorkflows { environment })?;
        self.env(environment)?;
        let detail = if shared { "runners see everybody's runs" } else { "runners see their own runs" };
        let subject = format!("workflow:{environment}/{workflow}");
        let audit = self.audit(Some(&who.person), AuditAction::WorkflowRunsShared, subject, detail.to_owned());
        self.inner.store.share_runs(environment, workflow, shared, audit).await?;
        self.rights_changed().await;
        Ok(())
    }

    async fn verbs_now(&self, to: &Grantee, target: &GrantTarget) -> Result<model::GrantVerbs, EngineError> {
        let grants = self.inner.store.grants().await?;
        let before = grants.into_iter().find(|grant| grant.to == *to && grant.target == *target);
        Ok(before.map(|grant| grant.verbs).unwrap_or_default())
    }
}

fn subject(to: &Grantee) -> String {
    match to {
        Grantee::Principal(id) => format!("user:{id}"),
        Grantee::Group(id) => format!("group:{id}"),
    }
}
