//! The real database, with scripted trouble, made fit for a paused clock.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};

use ::store::SqliteStore;
use async_trait::async_trait;
use engine::{
    Store, StoreError,
    schedule::Took,
    store::{
        AddedWorkflow, ApiTokenRow, Applied, AuditEntry, ClaimScope, Cluster, Created, Held, NewRun, NewUser, Prunable,
        ReplicaId, RunFilter, RunRow, SessionRow, Transition, UserRow,
    },
};
use model::{EnvSlug, Millis, Page, RecentRun, RunEvent, RunId, UserId, WorkflowId};

/// What goes wrong with one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is written.
    Refused,
    /// It is written, and yet the caller is told that it failed.
    AnswerLost,
    Panic,
}

pub struct TestStore {
    inner: SqliteStore,
    trouble: Trouble,
    number: AtomicU64,
    /// Whether other engines may be on it.
    shared: AtomicBool,
    /// No lease is renewed.
    pub(super) cut_off: AtomicBool,
    /// No run can be read.
    unreadable: AtomicBool,
    /// How often runs were claimed.
    claims: AtomicU64,
}

#[derive(Default)]
struct Trouble {
    applies: Mutex<VecDeque<Fault>>,
    creates: Mutex<VecDeque<Fault>>,
    /// The next claim that finds something is done, and its caller is told that it failed.
    lose_claim: AtomicBool,
    /// How long a run takes to be stored.
    slow_creates: Mutex<Duration>,
    /// How long a transition takes to be stored.
    slow_applies: Mutex<Duration>,
    /// How long claims take.
    slow_claims: Mutex<Duration>,
}

impl TestStore {
    pub fn new(inner: SqliteStore) -> Self {
        let [shared, cut_off, unreadable] = std::array::from_fn(|_| AtomicBool::new(false));
        let (trouble, number, claims) = (Trouble::default(), AtomicU64::new(1), AtomicU64::new(0));
        Self { inner, trouble, number, shared, cut_off, unreadable, claims }
    }

    /// From the next engine on it is one of several.
    pub fn share(&self) {
        self.shared.store(true, Ordering::Relaxed);
    }

    /// Whether leases cannot be renewed.
    pub fn cut_off(&self, cut_off: bool) {
        self.cut_off.store(cut_off, Ordering::Relaxed);
    }

    /// Whether a run cannot be read.
    pub fn unreadable(&self, unreadable: bool) {
        self.unreadable.store(unreadable, Ordering::Relaxed);
    }

    pub fn next_number(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    /// What happens to the next transitions.
    pub fn fail_applies(&self, faults: impl IntoIterator<Item = Fault>) {
        self.trouble.applies().extend(faults);
    }

    /// What happens to the next new runs.
    pub fn fail_creates(&self, faults: impl IntoIterator<Item = Fault>) {
        self.trouble.creates().extend(faults);
    }

    /// The next claim that finds something is done, and its answer is lost.
    pub fn lose_claim(&self) {
        self.trouble.lose_claim.store(true, Ordering::Relaxed);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.trouble.applies().clear();
        self.trouble.creates().clear();
    }

    pub fn faults_left(&self) -> usize {
        self.trouble.applies().len()
    }

    pub fn slow_claims(&self, by: Duration) {
        *self.trouble.slow_claims.lock().unwrap_or_else(PoisonError::into_inner) = by;
    }

    /// How often runs were claimed so far.
    pub fn claims(&self) -> u64 {
        self.claims.load(Ordering::Relaxed)
    }

    pub fn slow_creates(&self, by: Duration) {
        *self.trouble.slow_creates.lock().unwrap_or_else(PoisonError::into_inner) = by;
    }

    pub fn slow_applies(&self, by: Duration) {
        *self.trouble.slow_applies.lock().unwrap_or_else(PoisonError::into_inner) = by;
    }
}

impl Trouble {
    fn applies(&self) -> std::sync::MutexGuard<'_, VecDeque<Fault>> {
        self.applies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn creates(&self) -> std::sync::MutexGuard<'_, VecDeque<Fault>> {
        self.creates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn apply(&self, inner: &SqliteStore, transition: Transition) -> Result<Applied, StoreError> {
        let fault = self.applies().pop_front();
        match fault {
            None => inner.apply(transition).await,
            Some(Fault::Refused) => Err(scripted()),
            Some(Fault::AnswerLost) => inner.apply(transition).await.and(Err(scripted())),
            Some(Fault::Panic) => panic!("scripted"),
        }
    }
}

pub(super) fn scripted() -> StoreError {
    StoreError { context: "scripted trouble", source: Box::new(io::Error::other("disk full")) }
}

/// While this works on other threads the paused clock must not run ahead: a blocking task holds it.
pub async fn held<T>(work: impl Future<Output = T>) -> T {
    let (release, released) = mpsc::channel::<()>();
    let holding = tokio::task::spawn_blocking(move || {
        // Ends when the sender is gone, also with a caller that goes away.
        let _ = released.recv();
    });
    let done = work.await;
    drop(release);
    holding.await.expect("it only waits");
    done
}

#[async_trait]
impl Store for TestStore {
    fn cluster(&self) -> Option<&dyn Cluster> {
        self.shared.load(Ordering::Relaxed).then_some(self)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        held(self.inner.ping()).await
    }

    async fn seal_audit(&self, at: Millis) -> Result<u64, StoreError> {
        held(self.inner.seal_audit(at)).await
    }

    async fn create_run(&self, new: NewRun) -> Result<Created, StoreError> {
        let slow = *self.trouble.slow_creates.lock().unwrap_or_else(PoisonError::into_inner);
        tokio::time::sleep(slow).await;
        let fault = self.trouble.creates().pop_front();
        match fault {
            None => held(self.inner.create_run(new)).await,
            Some(Fault::Refused) => Err(scripted()),
            Some(Fault::AnswerLost) => held(self.inner.create_run(new)).await.and(Err(scripted())),
            Some(Fault::Panic) => panic!("scripted"),
        }
    }

    async fn apply(&self, transition: Transition) -> Result<Applied, StoreError> {
        let slow = *self.trouble.slow_applies.lock().unwrap_or_else(PoisonError::into_inner);
        tokio::time::sleep(slow).await;
        held(self.trouble.apply(&self.inner, transition)).await
    }

    async fn run(&self, id: &RunId) -> Result<Option<RunRow>, StoreError> {
        if self.unreadable.load(Ordering::Relaxed) {
            return Err(scripted());
        }
        held(self.inner.run(id)).await
    }

    async fn run_by_key(
        &self,
        owner: &UserId,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        key: &str,
    ) -> Result<Option<RunRow>, StoreError> {
        held(self.inner.run_by_key(owner, environment, workflow, key)).await
    }

    async fn rerun(&self, id: &RunId) -> Result<Option<(RunRow, Millis)>, StoreError> {
        held(self.inner.rerun(id)).await
    }

    async fn repeats(&self, id: &RunId) -> Result<Option<RunId>, StoreError> {
        held(self.inner.repeats(id)).await
    }

    async fn has_execution(&self, environment: &EnvSlug, execution: &str) -> Result<bool, StoreError> {
        held(self.inner.has_execution(environment, execution)).await
    }

    async fn result(&self, id: &RunId) -> Result<Option<Vec<u8>>, StoreError> {
        held(self.inner.result(id)).await
    }

    async fn events(&self, id: &RunId) -> Result<Vec<RunEvent>, StoreError> {
        held(self.inner.events(id)).await
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Page<RunRow>, StoreError> {
        held(self.inner.runs(filter)).await
    }

    async fn count_moving(&self, owner: Option<&UserId>) -> Result<u64, StoreError> {
        held(self.inner.count_moving(owner)).await
    }

    async fn took(&self, environment: &EnvSlug, workflow: &WorkflowId, limit: u32) -> Result<Vec<Took>, StoreError> {
        held(self.inner.took(environment, workflow, limit)).await
    }

    async fn claim(&self, replica: &ReplicaId, gone: ClaimScope, limit: u32) -> Result<Vec<RunRow>, StoreError> {
        self.claims.fetch_add(1, Ordering::Relaxed);
        let slow = *self.trouble.slow_claims.lock().unwrap_or_else(PoisonError::into_inner);
        tokio::time::sleep(slow).await;
        let claimed = held(self.inner.claim(replica, gone, limit)).await?;
        // A claim that found nothing has nothing to lose.
        if !claimed.is_empty() && self.trouble.lose_claim.swap(false, Ordering::Relaxed) {
            return Err(scripted());
        }
        Ok(claimed)
    }

    async fn held(&self, replica: &ReplicaId) -> Result<Vec<Held>, StoreError> {
        held(self.inner.held(replica)).await
    }

    async fn prune(&self, what: Prunable, ended_before: Millis, limit: u32, at: Millis) -> Result<u64, StoreError> {
        held(self.inner.prune(what, ended_before, limit, at)).await
    }

    async fn recent(
        &self,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        limit: u32,
    ) -> Result<Vec<RecentRun>, StoreError> {
        held(self.inner.recent(environment, workflow, limit)).await
    }

    async fn offers(&self, environment: &EnvSlug, instance: &str) -> Result<Option<String>, StoreError> {
        held(self.inner.offers(environment, instance)).await
    }

    async fn keep_offers(&self, environment: &EnvSlug, instance: &str, answers: String) -> Result<(), StoreError> {
        held(self.inner.keep_offers(environment, instance, answers)).await
    }

    async fn added_workflows(&self, environment: &EnvSlug) -> Result<Vec<AddedWorkflow>, StoreError> {
        held(self.inner.added_workflows(environment)).await
    }

    async fn put_workflow(&self, workflow: AddedWorkflow, audit: AuditEntry) -> Result<(), StoreError> {
        held(self.inner.put_workflow(workflow, audit)).await
    }

    async fn remove_workflow(
        &self,
        environment: &EnvSlug,
        id: &WorkflowId,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        held(self.inner.remove_workflow(environment, id, audit)).await
    }

    async fn has_users(&self) -> Result<bool, StoreError> {
        held(self.inner.has_users()).await
    }

    async fn create_first_user(&self, user: NewUser, audit: AuditEntry) -> Result<bool, StoreError> {
        held(self.inner.create_first_user(user, audit)).await
    }

    async fn create_user(&self, user: NewUser, audit: AuditEntry) -> Result<bool, StoreError> {
        held(self.inner.create_user(user, audit)).await
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<UserRow>, StoreError> {
        held(self.inner.user_by_email(email)).await
    }

    async fn create_session(&self, session: SessionRow, audit: AuditEntry) -> Result<(), StoreError> {
        held(self.inner.create_session(session, audit)).await
    }

    async fn session(&self, fingerprint: &str) -> Result<Option<(SessionRow, UserRow)>, StoreError> {
        held(self.inner.session(fingerprint)).await
    }

    async fn end_session(&self, fingerprint: &str, audit: AuditEntry) -> Result<(), StoreError> {
        held(self.inner.end_session(fingerprint, audit)).await
    }

    async fn prune_sessions(&self, before: Millis) -> Result<(), StoreError> {
        held(self.inner.prune_sessions(before)).await
    }

    async fn create_api_token(&self, token: ApiTokenRow, audit: AuditEntry) -> Result<(), StoreError> {
        held(self.inner.create_api_token(token, audit)).await
    }

    async fn user_by_api_token(&self, fingerprint: &str) -> Result<Option<UserRow>, StoreError> {
        held(self.inner.user_by_api_token(fingerprint)).await
    }

    async fn note_login_failure(&self, keys: &[String], at: Millis) -> Result<(), StoreError> {
        held(self.inner.note_login_failure(keys, at)).await
    }

    async fn login_failures(&self, keys: &[String], since: Millis) -> Result<u32, StoreError> {
        held(self.inner.login_failures(keys, since)).await
    }
}
