use engine::store::{AuditEntry, AuditFilter};
use model::{AuditAction, AuditKind};

use super::{
    Shared,
    fixtures::{T0, audit, person},
};

pub async fn entries_are_read_newest_first_and_every_filter_narrows(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let entries = [
        (None, AuditAction::RunWatched, "run:1", 1),
        (Some(&ada), AuditAction::RunStarted, "run:1", 2),
        (Some(&ada), AuditAction::GrantGiven, "user:x", 3),
        (None, AuditAction::RunStarted, "run:2", 4),
    ];
    for (actor, action, subject, at) in entries {
        let entry = AuditEntry { at: T0 + at, actor: actor.cloned(), subject: subject.to_owned(), ..audit(action) };
        store.record_audit(entry).await.expect("stored");
    }
    let read = async |filter: AuditFilter| {
        let page = store.audit_entries(&AuditFilter { limit: 100, ..filter }).await.expect("readable");
        page.items.into_iter().map(|row| row.at - T0).collect::<Vec<_>>()
    };
    // The account itself is the first entry.
    assert_eq!(read(AuditFilter::default()).await, [4, 3, 2, 1, 0]);
    assert_eq!(read(AuditFilter { actor: Some(ada.clone()), ..AuditFilter::default() }).await, [3, 2]);
    assert_eq!(read(AuditFilter { kind: Some(AuditKind::Runs), ..AuditFilter::default() }).await, [4, 2, 1]);
    assert_eq!(read(AuditFilter { kind: Some(AuditKind::Rights), ..AuditFilter::default() }).await, [3]);
    assert_eq!(read(AuditFilter { subject: Some("run:1".to_owned()), ..AuditFilter::default() }).await, [2, 1]);
    let middle = AuditFilter { since: Some(T0 + 2), until: Some(T0 + 4), ..AuditFilter::default() };
    assert_eq!(read(middle).await, [3, 2]);

    let mut filter = AuditFilter { limit: 2, ..AuditFilter::default() };
    let mut seen = Vec::new();
    loop {
        let page = store.audit_entries(&filter).await.expect("readable");
        seen.extend(page.items.iter().map(|row| row.at - T0));
        let Some(next) = page.next else { break };
        filter.before = Some(next.parse().expect("a mark"));
    }
    assert_eq!(seen, [4, 3, 2, 1, 0], "pages have each entry once");
    let named = store.audit_entries(&AuditFilter { actor: Some(ada), limit: 1, ..AuditFilter::default() }).await;
    assert_eq!(named.expect("readable").items[0].actor_name.as_deref(), Some("Ada Lovelace"));
}
