use engine::store::AuditEntry;
use model::AuditAction;

use crate::audit::AuditKey;

use super::*;

/// A trail as the database would hold it.
struct Trail {
    keys: AuditKeys,
    entries: Vec<Sealable>,
    seals: Vec<Seal>,
    tail: Vec<Sealable>,
}

fn keys() -> AuditKeys {
    AuditKeys::new([(1, AuditKey::new([7; 32]))]).expect("a key")
}

fn entry(keys: &AuditKeys, n: i64) -> Sealable {
    let entry = AuditEntry {
        at: 1_000 + n,
        actor: None,
        action: AuditAction::RunStarted,
        subject: format!("run:{n}"),
        detail: "x".into(),
    };
    Sealable::new(entry, keys)
}

/// Seals over 3, 1 and 4 entries, then two that wait.
fn trail() -> Trail {
    let keys = keys();
    let (mut entries, mut seals) = (Vec::new(), Vec::<Seal>::new());
    for count in [3, 1, 4] {
        let from = entries.len();
        for _ in 0..count {
            let position = entries.len() as i64 + 1;
            entries.push(Sealable { position, ..entry(&keys, position) });
        }
        let seal = Seal::over(seals.last(), &entries[from..], 2_000, &keys).expect("entries");
        seals.push(seal);
    }
    let tail = vec![entry(&keys, 9), entry(&keys, 10)];
    Trail { keys, entries, seals, tail }
}

impl Trail {
    fn verify(&self, expected: Option<Head>) -> Report {
        let mut verifier = Verifier::new(&self.keys, expected);
        for seal in &self.seals {
            let covered = |entry: &&Sealable| (seal.first..=seal.last).contains(&entry.position);
            let entries: Vec<_> = self.entries.iter().filter(covered).cloned().collect();
            verifier.seal(seal.clone(), &entries);
        }
        for entry in &self.tail {
            verifier.tail(entry);
        }
        verifier.finish()
    }

    fn fault(&self) -> Option<Fault> {
        self.verify(None).fault
    }
}

#[test]
fn a_whole_trail_verifies() {
    let trail = trail();
    let report = trail.verify(None);
    assert_eq!((report.sealed, report.waiting, report.waiting_since), (8, 2, Some(1_009)));
    assert_eq!(report.fault, None);
    assert_eq!(report.head, trail.seals.last().map(Seal::head));
    for seal in &trail.seals {
        let written_down: Head = seal.head().to_string().parse().expect("a head");
        assert_eq!(trail.verify(Some(written_down)).fault, None, "every earlier head is in the trail");
    }
}

#[test]
fn a_changed_entry_is_named_whatever_was_changed() {
    let changes: [fn(&mut Sealable); 7] = [
        |entry| entry.at += 1,
        |entry| entry.actor = Some(String::new()),
        |entry| entry.action = "run.stop".to_owned(),
        |entry| entry.subject.push('1'),
        |entry| entry.detail.clear(),
        |entry| entry.nonce = None,
        // The same bytes, cut elsewhere.
        |entry| {
            entry.action.push('r');
            entry.subject.remove(0);
        },
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut trail = trail();
        change(&mut trail.entries[4]);
        assert_eq!(trail.fault(), Some(Fault::Changed { position: 5 }), "change {index}");
    }
}

#[test]
fn the_first_of_several_is_named() {
    let mut trail = trail();
    trail.entries[6].detail.push('!');
    trail.entries[2].detail.push('!');
    assert_eq!(trail.fault(), Some(Fault::Changed { position: 3 }));
}

#[test]
fn a_removed_entry_is_missed_wherever_it_stood() {
    for index in 0..8 {
        let mut trail = trail();
        trail.entries.remove(index);
        assert_eq!(trail.fault(), Some(Fault::Missing { position: index as i64 + 1 }));
    }
}

#[test]
fn entries_cannot_change_places() {
    let mut trail = trail();
    trail.entries.swap(5, 6);
    trail.entries[5].position = 6;
    trail.entries[6].position = 7;
    assert_eq!(trail.fault(), Some(Fault::SealChanged { number: 3, first: 5, last: 8 }));
}

#[test]
fn an_entry_without_a_code_is_foreign() {
    let mut trail = trail();
    trail.entries[3].mac = None;
    assert_eq!(trail.fault(), Some(Fault::Foreign { position: 4 }));
}

#[test]
fn seals_are_missed_and_their_changes_seen() {
    for (removed, missed) in [(0, 1), (1, 2)] {
        let mut cut = trail();
        cut.seals.remove(removed);
        assert_eq!(cut.fault(), Some(Fault::SealMissing { number: missed }));
    }
    let mut forged = trail();
    forged.seals[1].at += 1;
    assert_eq!(forged.fault(), Some(Fault::SealChanged { number: 2, first: 4, last: 4 }));
    let mut forged = trail();
    forged.seals[1].unkeyed = true;
    assert_eq!(forged.fault(), Some(Fault::SealChanged { number: 2, first: 4, last: 4 }));
}

#[test]
fn a_trail_cut_at_its_end_is_seen_only_with_a_head_from_elsewhere() {
    let mut trail = trail();
    let head = trail.seals[2].head();
    trail.seals.pop();
    trail.entries.truncate(4);
    assert_eq!(trail.fault(), None, "as the documentation says");
    assert_eq!(trail.verify(Some(head.clone())).fault, Some(Fault::HeadUnknown(head.to_string())));
}

#[test]
fn the_tail_is_checked_too() {
    let mut trail = trail();
    trail.tail[1].detail.push('!');
    trail.tail[1].id = 17;
    assert!(matches!(trail.fault(), Some(Fault::TailChanged { id: 17, .. })));
    trail.tail[1] = Sealable { position: 9, ..entry(&trail.keys, 10) };
    assert_eq!(trail.fault(), Some(Fault::Unsealed { position: 9 }));
}

#[test]
fn another_key_fits_nothing() {
    let keys = AuditKeys::new([(1, AuditKey::new([8; 32]))]).expect("a key");
    let trail = Trail { keys, ..trail() };
    assert_eq!(trail.fault(), Some(Fault::Changed { position: 1 }));
}

#[test]
fn entries_from_before_the_key_are_sealed_once_and_first() {
    let keys = keys();
    let old: Vec<_> = (1..=3)
        .map(|position| Sealable { position, mac: None, nonce: None, action: "log_in".into(), ..Sealable::default() })
        .collect();
    let first = Seal::over(None, &old, 5, &keys).expect("entries");
    assert!(first.unkeyed);
    let mut trail = Trail { keys, entries: old, seals: vec![first], tail: Vec::new() };
    assert_eq!(trail.fault(), None);
    let later = Sealable { position: 4, mac: None, ..Sealable::default() };
    let second = Seal::over(trail.seals.last(), std::slice::from_ref(&later), 6, &trail.keys).expect("entries");
    assert!(!second.unkeyed);
    trail.entries.push(later);
    trail.seals.push(second);
    assert_eq!(trail.fault(), Some(Fault::Foreign { position: 4 }));
    trail.entries[1].action.push('!');
    assert_eq!(trail.fault(), Some(Fault::SealChanged { number: 1, first: 1, last: 3 }));
}

#[test]
fn a_head_is_read_as_it_is_written() {
    let head = trail().seals[2].head();
    assert_eq!(format!(" {head}\n").parse(), Ok(head));
    for bad in ["", "3", "3:abc", "x:".to_owned().as_str(), &format!("3:{}", "g".repeat(64))] {
        assert!(bad.parse::<Head>().is_err(), "{bad:?}");
    }
}

/// Three seals by key 1, then one by key 2.
fn rotated() -> Trail {
    let Trail { mut entries, mut seals, .. } = trail();
    let keys = AuditKeys::new([(1, AuditKey::new([7; 32])), (2, AuditKey::new([9; 32]))]).expect("keys");
    let keys = keys.with_current(2).expect("key 2");
    let position = entries.len() as i64 + 1;
    let old = keys_entry_of_key_1(position);
    let new = Sealable { position: position + 1, ..entry(&keys, position + 1) };
    entries.extend([old, new]);
    seals.push(Seal::over(seals.last(), &entries[8..], 3_000, &keys).expect("entries"));
    Trail { keys, entries, seals, tail: Vec::new() }
}

fn keys_entry_of_key_1(position: i64) -> Sealable {
    Sealable { position, ..entry(&keys(), position) }
}

#[test]
fn what_older_keys_have_authenticated_stays_genuine() {
    let trail = rotated();
    assert_eq!(trail.fault(), None);
    assert_eq!(trail.seals.iter().map(|seal| seal.key_id).collect::<Vec<_>>(), [1, 1, 1, 2]);
    let mut renamed = rotated();
    renamed.entries[8].key_id = 2;
    assert_eq!(renamed.fault(), Some(Fault::Changed { position: 9 }));
    let mut unknown = rotated();
    unknown.entries[9].key_id = 3;
    assert_eq!(unknown.fault(), Some(Fault::Changed { position: 10 }));
}

#[test]
fn an_older_key_seals_nothing_any_more() {
    let mut trail = rotated();
    let forged = Sealable { position: 11, ..keys_entry_of_key_1(11) };
    let seal = Seal::over(trail.seals.last(), std::slice::from_ref(&forged), 4_000, &keys()).expect("an entry");
    trail.entries.push(forged);
    trail.seals.push(seal);
    assert_eq!(trail.fault(), Some(Fault::SealChanged { number: 5, first: 11, last: 11 }));
}
