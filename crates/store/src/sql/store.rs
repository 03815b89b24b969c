//! The trait's methods, each one line to the noun it belongs to.

use async_trait::async_trait;
use engine::{
    schedule::Took,
    store::{
        AddedWorkflow, ApiTokenRow, Applied, AuditEntry, ClaimScope, Cluster, Created, Held, NewRun, NewUser, Prunable,
        ReplicaId, RunFilter, RunRow, SessionRow, Store, StoreError, Transition, UserRow,
    },
};
use model::{EnvSlug, Millis, Page, RecentRun, RunEvent, RunId, UserId, WorkflowId};

use super::{Connection, Database, while_doing};

/// Writes something that is of no use but to see whether writing works.
pub async fn touch(db: &mut Connection) -> Result<(), sqlx::Error> {
    let count = statement!(
        "INSERT INTO probe (id, count) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET count = probe.count + 1"
    );
    count.execute(db).await.map(drop)
}

#[async_trait]
impl Store for Database {
    async fn ping(&self) -> Result<(), StoreError> {
        let write = self.writer.write(|db| Box::pin(touch(db)));
        write.await.map_err(while_doing("the database cannot be written"))?;
        let read = value!(r#"SELECT count AS "count!" FROM probe WHERE id = 1"#).fetch_one(&self.reads);
        read.await.map(drop).map_err(while_doing("the database cannot be read"))
    }

    async fn seal_audit(&self, at: Millis) -> Result<u64, StoreError> {
        self.seal_entries(at).await
    }

    async fn create_run(&self, new: NewRun) -> Result<Created, StoreError> {
        self.add_run(new).await
    }

    async fn apply(&self, transition: Transition) -> Result<Applied, StoreError> {
        self.move_run(transition).await
    }

    async fn run(&self, id: &RunId) -> Result<Option<RunRow>, StoreError> {
        self.find_run(id).await
    }

    async fn run_by_key(
        &self,
        owner: &UserId,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        key: &str,
    ) -> Result<Option<RunRow>, StoreError> {
        self.find_run_by_key(owner, environment, workflow, key).await
    }

    async fn rerun(&self, id: &RunId) -> Result<Option<(RunRow, Millis)>, StoreError> {
        self.find_rerun(id).await
    }

    async fn repeats(&self, id: &RunId) -> Result<Option<RunId>, StoreError> {
        self.find_repeated(id).await
    }

    async fn has_execution(&self, environment: &EnvSlug, execution: &str) -> Result<bool, StoreError> {
        self.knows_execution(environment, execution).await
    }

    async fn result(&self, id: &RunId) -> Result<Option<Vec<u8>>, StoreError> {
        self.find_result(id).await
    }

    async fn events(&self, id: &RunId) -> Result<Vec<RunEvent>, StoreError> {
        self.list_events(id).await
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Page<RunRow>, StoreError> {
        self.list_runs(filter).await
    }

    async fn count_moving(&self, owner: Option<&UserId>) -> Result<u64, StoreError> {
        self.count_moving_runs(owner).await
    }

    async fn took(&self, environment: &EnvSlug, workflow: &WorkflowId, limit: u32) -> Result<Vec<Took>, StoreError> {
        self.list_took(environment, workflow, limit).await
    }

    async fn claim(&self, replica: &ReplicaId, gone: ClaimScope, limit: u32) -> Result<Vec<RunRow>, StoreError> {
        self.claim_runs(replica, gone, limit).await
    }

    async fn held(&self, replica: &ReplicaId) -> Result<Vec<Held>, StoreError> {
        self.list_held(replica).await
    }

    fn cluster(&self) -> Option<&dyn Cluster> {
        self.shared()
    }

    async fn prune(&self, what: Prunable, ended_before: Millis, limit: u32, at: Millis) -> Result<u64, StoreError> {
        self.remove_old(what, ended_before, limit, at).await
    }

    async fn recent(
        &self,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        limit: u32,
    ) -> Result<Vec<RecentRun>, StoreError> {
        self.list_recent(environment, workflow, limit).await
    }

    async fn offers(&self, environment: &EnvSlug, instance: &str) -> Result<Option<String>, StoreError> {
        self.find_offers(environment, instance).await
    }

    async fn keep_offers(&self, environment: &EnvSlug, instance: &str, answers: String) -> Result<(), StoreError> {
        self.replace_offers(environment, instance, answers).await
    }

    async fn added_workflows(&self, environment: &EnvSlug) -> Result<Vec<AddedWorkflow>, StoreError> {
        self.list_workflows(environment).await
    }

    async fn put_workflow(&self, workflow: AddedWorkflow, audit: AuditEntry) -> Result<(), StoreError> {
        self.add_workflow(workflow, audit).await
    }

    async fn remove_workflow(
        &self,
        environment: &EnvSlug,
        id: &WorkflowId,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        self.drop_workflow(environment, id, audit).await
    }

    async fn has_users(&self) -> Result<bool, StoreError> {
        self.any_user().await
    }

    async fn create_first_user(&self, user: NewUser, audit: AuditEntry) -> Result<bool, StoreError> {
        self.add_first_user(user, audit).await
    }

    async fn create_user(&self, user: NewUser, audit: AuditEntry) -> Result<bool, StoreError> {
        self.add_user(user, audit).await
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<UserRow>, StoreError> {
        self.find_user(email).await
    }

    async fn create_session(&self, session: SessionRow, audit: AuditEntry) -> Result<(), StoreError> {
        self.add_session(session, audit).await
    }

    async fn session(&self, fingerprint: &str) -> Result<Option<(SessionRow, UserRow)>, StoreError> {
        self.find_session(fingerprint).await
    }

    async fn end_session(&self, fingerprint: &str, audit: AuditEntry) -> Result<(), StoreError> {
        self.expire_session(fingerprint, audit).await
    }

    async fn prune_sessions(&self, before: Millis) -> Result<(), StoreError> {
        self.drop_sessions(before).await
    }

    async fn create_api_token(&self, token: ApiTokenRow, audit: AuditEntry) -> Result<(), StoreError> {
        self.add_token(token, audit).await
    }

    async fn user_by_api_token(&self, fingerprint: &str) -> Result<Option<UserRow>, StoreError> {
        self.find_token(fingerprint).await
    }

    async fn note_login_failure(&self, keys: &[String], at: Millis) -> Result<(), StoreError> {
        self.add_failure(keys, at).await
    }

    async fn login_failures(&self, keys: &[String], since: Millis) -> Result<u32, StoreError> {
        self.count_failures(keys, since).await
    }
}
