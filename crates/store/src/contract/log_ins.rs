use model::AuditAction;

use super::{
    Shared,
    fixtures::{T0, audit, log_in, new_user, person, session},
};

pub async fn failed_log_ins_are_counted_per_key(store: Shared) {
    let key = |text: &str| text.to_owned();
    store
        .note_log_in_failure(&[key("ada"), key("10.0.0.1")], T0, vec![audit(AuditAction::SessionRefused)])
        .await
        .expect("stored");
    store.note_log_in_failure(&[key("bob"), key("10.0.0.1")], T0 + 10, Vec::new()).await.expect("stored");
    let count = async |keys: &[String], since| store.log_in_failures(keys, since).await.expect("read");
    assert_eq!(count(&[key("ada"), key("10.0.0.1"), key("eve")], T0).await, [1, 2, 0]);
    assert_eq!(count(&[key("ada"), key("10.0.0.1")], T0 + 1).await, [0, 1]);
    assert_eq!(count(&[], 0).await, [0; 0]);
}

pub async fn old_failures_are_forgotten(store: Shared) {
    let keys = ["ada".to_owned()];
    let day = 24 * 60 * 60 * 1000;
    let fail = async |at| store.note_log_in_failure(&keys, at, Vec::new()).await.expect("stored");
    fail(T0).await;
    fail(T0 + day).await;
    assert_eq!(store.log_in_failures(&keys, 0).await.expect("read"), [2]);
    fail(T0 + day + 1).await;
    assert_eq!(store.log_in_failures(&keys, 0).await.expect("read"), [2]);
}

pub async fn a_browser_is_known_to_whom_it_belongs(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    for fingerprint in ["f1", "f2"] {
        let session = session(fingerprint, &ada, T0 + 1);
        log_in(&store, session).await;
    }
    let known = async |browser, user, since| store.is_known_browser(browser, user, since).await.expect("read");
    assert!(known("browser", &ada, T0).await);
    assert!(!known("browser", &ada, T0 + 1).await, "not since then");
    assert!(!known("other", &ada, T0).await);
    assert!(!known("browser", &new_user("x").id, T0).await);
}
