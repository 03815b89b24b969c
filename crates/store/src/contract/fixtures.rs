use std::sync::atomic::{AtomicU64, Ordering};

use engine::store::{
    Applied, AuditEntry, Created, Event, Hold, NewRun, NewSession, NewUser, ReplicaId, RunRow, SessionRow, Set,
    TokenRow, Transition,
};
use model::{
    AuditAction, Door, EnvSlug, EventKind, LinkId, Millis, PrincipalKind, Role, RunId, RunStatus, TokenId, TokenScopes,
    UserId, WorkflowId,
};

use super::Shared;

pub const T0: Millis = 1_700_000_000_000;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// An id that sorts behind all before it, as real ones do.
pub fn next_id() -> String {
    format!("{:026}", NEXT.fetch_add(1, Ordering::Relaxed))
}

pub fn run_id() -> RunId {
    RunId::parse(next_id()).expect("26 digits are an id")
}

pub fn link_id() -> LinkId {
    LinkId::parse(next_id()).expect("26 digits are an id")
}

/// Opens a session of a person whose password is that of [`new_user`], in the browser `browser`.
pub async fn log_in(store: &Shared, session: SessionRow) {
    let password_hash = new_user("").password_hash;
    let new = NewSession { session, password_hash, browser: "browser".to_owned() };
    assert!(store.create_session(new, audit(AuditAction::SessionCreated)).await.expect("an answer"));
}

/// The id of [`token`].
pub fn token_id(fingerprint: &str) -> TokenId {
    let hex: String = fingerprint.bytes().map(|byte| format!("{byte:02x}")).collect();
    TokenId::parse(format!("{hex:0>26}")).expect("26 digits are an id")
}

pub fn token(fingerprint: &str, owner: &UserId) -> TokenRow {
    TokenRow {
        id: token_id(fingerprint),
        fingerprint: fingerprint.to_owned(),
        owner: owner.clone(),
        name: "build server".to_owned(),
        suffix: "wxyz".to_owned(),
        scopes: TokenScopes::all(),
        runs_per_minute: None,
        created_at: T0,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        address: String::new(),
    }
}

pub fn session(fingerprint: &str, user: &UserId, expires_at: Millis) -> SessionRow {
    SessionRow {
        fingerprint: fingerprint.to_owned(),
        user: user.clone(),
        created_at: T0,
        expires_at,
        device: "Firefox on Linux".to_owned(),
        address: "10.0.0.1".to_owned(),
        last_used_at: None,
    }
}

pub fn env(slug: &str) -> EnvSlug {
    EnvSlug::parse(slug).expect("a test's environment is valid")
}

pub fn workflow(id: &str) -> WorkflowId {
    WorkflowId::parse(id).expect("a test's workflow is valid")
}

pub fn replica(name: &str) -> ReplicaId {
    ReplicaId::new(name)
}

pub fn audit(action: AuditAction) -> AuditEntry {
    AuditEntry { at: T0, actor: None, action, subject: "test:1".to_owned(), detail: "{}".to_owned() }
}

pub fn new_user(email: &str) -> NewUser {
    NewUser {
        kind: PrincipalKind::Person,
        id: UserId::parse(next_id()).expect("26 digits are an id"),
        email: email.to_owned(),
        name: "Ada Lovelace".to_owned(),
        role: Role::Runner,
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned(),
        at: T0,
    }
}

/// A stored person, who can own runs.
pub async fn person(store: &Shared, email: &str) -> UserId {
    let user = new_user(email);
    let id = user.id.clone();
    assert!(store.create_user(user, audit(AuditAction::AccountCreated)).await.expect("a person is stored"));
    id
}

pub fn new_run(owner: &UserId, key: &str) -> NewRun {
    NewRun {
        id: run_id(),
        environment: env("dev"),
        workflow: workflow("text-summary"),
        workflow_name: "Summarise a text".to_owned(),
        owner: owner.clone(),
        owner_name: "Ada Lovelace".to_owned(),
        door: Door::Dashboard,
        key: key.to_owned(),
        input: r#"{"text":"hello"}"#.to_owned(),
        status: RunStatus::Submitting,
        holder: replica("first"),
        at: T0,
        event: Event { kind: EventKind::Submitted, text: "Ada submitted it.".to_owned() },
        audit: audit(AuditAction::RunStarted),
        again_for: None,
    }
}

pub async fn create(store: &Shared, new: NewRun) -> RunRow {
    match store.create_run(new).await.expect("a run is stored") {
        Created::New(row) => row,
        other => panic!("nothing new was stored: {other:?}"),
    }
}

/// A stored run in `submitting`.
pub async fn submitting(store: &Shared, owner: &UserId, key: &str) -> RunRow {
    create(store, new_run(owner, key)).await
}

/// A step that changes nothing but the status.
pub fn step(run: &RunRow, from: &'static [RunStatus], to: RunStatus) -> Transition {
    Transition {
        run: run.summary.id.clone(),
        epoch: run.epoch,
        from,
        to,
        hold: Hold::Any,
        at: T0 + 1000,
        set: Set::default(),
        attempt: None,
        event: Event { kind: EventKind::Status, text: format!("Now {}.", to.label()) },
        audit: Some(audit(AuditAction::RunWatched)),
    }
}

pub async fn apply(store: &Shared, step: Transition) -> RunRow {
    match store.apply(step).await.expect("a step is stored") {
        Applied::Yes(row) => row,
        other => panic!("the step was refused: {other:?}"),
    }
}

/// A run as it is read from the store now.
pub async fn read(store: &Shared, id: &RunId) -> RunRow {
    store.run(id).await.expect("a run can be read").expect("the run exists")
}
