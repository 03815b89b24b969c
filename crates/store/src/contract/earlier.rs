use model::{RunId, RunStatus, TokenScopes};

use super::Shared;

/// A database of before there were principals has these rows.
pub const BEFORE_PRINCIPALS: &str = include_str!("before_principals.sql");

/// What its tables hold, before and after.
pub const ROWS: [(&str, i64); 7] =
    [("users", 2), ("sessions", 1), ("runs", 4), ("events", 9), ("attempts", 5), ("results", 1), ("reruns", 1)];

/// What is refused as before, and in which words.
pub const REFUSED: [(&str, &str); 11] = [
    ("UPDATE events SET text = ''", "never changes"),
    ("INSERT INTO events (run_id, seq, at, kind, text) SELECT id, seq + 2, 0, '', '' FROM runs", "without gaps"),
    ("UPDATE results SET bytes = bytes", "stored once"),
    ("UPDATE reruns SET resolved_at = 0", "run again once"),
    ("UPDATE runs SET status = 'pending' WHERE status = 'success'", "final"),
    ("UPDATE runs SET status = 'not_sent' WHERE status = 'unconfirmed'", "not sent again"),
    ("UPDATE runs SET key = 'k4', workflow = 'b' WHERE key = 'k2'", "nique"),
    ("UPDATE runs SET execution_id = 'e1' WHERE execution_id = 'e3'", "nique"),
    ("UPDATE runs SET owner = 'nobody'", "oreign"),
    ("DELETE FROM principals WHERE id = '00000000000000000000000002'", "oreign"),
    ("UPDATE users SET id = 'nobody' WHERE founder = 1", "oreign"),
];

/// What needs no new table any more.
pub const ALLOWED: &str = "
    INSERT INTO principals (id, kind, name, created_at) VALUES ('00000000000000000000000003', 'widget', 'Shop', 5);
    INSERT INTO runs (id, environment, workflow, workflow_name, owner, owner_name, door, key, input, status, epoch,
                      seq, created_at)
    VALUES ('00000000000000000000000015', 'dev', 'a', 'A', '00000000000000000000000003', 'Shop', 'widget', 'k5', '{}',
            'scheduled', 1, 1, 50);
    UPDATE users SET role = 'viewer' WHERE email = 'bob@example.org'";

/// Everything is read as it was before.
pub async fn assert_everything_is_there(store: &Shared) {
    for (number, status) in
        [(11, RunStatus::Success), (12, RunStatus::Unconfirmed), (13, RunStatus::Failed), (14, RunStatus::Pending)]
    {
        let id = RunId::parse(format!("{number:026}")).expect("26 digits are an id");
        let run = store.run(&id).await.expect("readable").expect("it is there");
        assert_eq!(run.summary.status, status);
        let events = store.events(&id).await.expect("readable");
        assert_eq!(i64::try_from(events.len()).expect("few"), run.seq);
    }
    let first = RunId::parse(format!("{:026}", 11)).expect("26 digits are an id");
    assert_eq!(store.result(&first).await.expect("readable").as_deref(), Some(&b"1"[..]));
    let (_, ada) = store.session("session").await.expect("readable").expect("it is there");
    assert_eq!((ada.principal.name.as_str(), ada.principal.role.as_str()), ("Ada", "admin"));
    let (token, bob) = store.token("token").await.expect("readable").expect("it is there");
    assert_eq!((token.name.as_str(), token.scopes, token.expires_at), ("CI", TokenScopes::all(), None));
    assert_eq!((bob.principal.name.as_str(), bob.principal.role.as_str()), ("Bob", "runner"));
}
