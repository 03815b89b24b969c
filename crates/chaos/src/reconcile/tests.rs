//! An honest story has no violation; each doctored one has the one that was put in.

use std::time::Duration;

use super::{Evidence, Poll, RunFact, Trigger, Write, violations};

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

/// Five runs: a success, a failure, one refused, one in doubt that arrived, one in doubt that was never read.
fn honest() -> Evidence {
    let mut evidence = Evidence::default();
    let stories = [
        ("m1", "success", text("e1"), text("success"), text("aa")),
        ("m2", "failed", text("e2"), text("failed"), None),
        ("m3", "rejected", None, None, None),
        ("m4", "unconfirmed", None, text("success"), None),
        ("m5", "unconfirmed", None, None, None),
    ];
    for (number, (marker, status, execution, truth, sha)) in stories.into_iter().enumerate() {
        let id = format!("r{}", number + 1);
        evidence.book.offered.insert(marker.to_owned());
        evidence.book.acknowledged.entry(marker.to_owned()).or_default().insert(id.clone());
        evidence.runs.push(RunFact {
            id,
            status: status.to_owned(),
            marker: text(marker),
            execution_id: execution.clone(),
            seq: 3,
            events: vec![1, 2, 3],
            attempts: 1,
            audit_entries: 2,
            result_sha256: sha.clone(),
        });
        evidence.triggers.push(Trigger {
            marker: text(marker).filter(|marker| marker != "m5"),
            execution_id: execution.or_else(|| truth.as_ref().map(|_| format!("lost-{marker}"))),
            status: truth,
            result_sha256: sha.or_else(|| text("bb").filter(|_| marker == "m4")),
        });
    }
    evidence.book.streamed.insert("r1".to_owned(), 3);
    // p1 began it, p2 took it over.
    evidence.writes.push(write("p1", "p1", "p1", 0));
    evidence.writes.push(write("p2", "p1", "p2", 1));
    evidence.writes.push(write("p2", "p2", "p2", 0));
    evidence.polls = polls(&[("p1", 0), ("p1", 1), ("p2", 8), ("p2", 9)]);
    evidence.book.seen.entry("r1".to_owned()).or_default().insert("success".to_owned());
    evidence
}

fn write(writer: &str, held: &str, holds: &str, turns: i64) -> Write {
    let [writer, held, holds] = [writer, held, holds].map(str::to_owned);
    Write { run: "r1".to_owned(), writer, held, holds, turns }
}

/// Who asked about the first run, and in which second.
fn polls(told: &[(&str, u64)]) -> Vec<Poll> {
    let poll = |(process, at): &(&str, u64)| Poll {
        execution: "e1".to_owned(),
        process: (*process).to_owned(),
        at: Duration::from_secs(*at),
    };
    told.iter().map(poll).collect()
}

#[test]
fn an_honest_story_is_accepted() {
    assert_eq!(violations(&honest(), true), Vec::<String>::new());
}

#[test]
fn every_lie_is_found() {
    type Lie = (&'static str, fn(&mut Evidence));
    let lies: [Lie; 30] = [
        ("1: the database is damaged", |e| e.damage = text("row 7 missing")),
        ("1: run r9 of m1 was acknowledged", |e| {
            e.book.acknowledged.insert("m1".to_owned(), ["r9".to_owned()].into());
        }),
        ("1: run r5 of m5 was acknowledged", |e| {
            e.runs.pop();
        }),
        ("2: m1 was sent 2 times", |e| e.triggers.push(Trigger { execution_id: text("e9"), ..e.triggers[0].clone() })),
        ("2: run r4 is not_sent", |e| e.runs[3].status = "not_sent".to_owned()),
        ("2: run r2 has no attempt", |e| e.runs[1].attempts = 0),
        ("3: Codika received m6", |e| e.triggers.push(Trigger { marker: text("m6"), ..Trigger::default() })),
        ("3: 2 requests without a readable body", |e| e.triggers.push(Trigger::default())),
        ("3: run r1 names an execution that never was", |e| e.triggers[0].execution_id = text("e7")),
        ("3: run r1 names the execution of another run", |e| e.runs[0].execution_id = text("e2")),
        ("3: runs r1 and r2 claim one execution", |e| e.runs[0].execution_id = text("e2")),
        ("4: m1 is 2 runs", |e| e.runs.push(RunFact { id: "r9".to_owned(), ..e.runs[0].clone() })),
        ("5: the key of m1 was answered with 2 runs", |e| {
            e.book.acknowledged.entry("m1".to_owned()).or_default().insert("r2".to_owned());
        }),
        ("6: run r1 has an input that nobody offered", |e| {
            e.book.offered.remove("m1");
        }),
        ("7: p2 gave run r1 of p1 to p3", |e| e.writes.push(write("p2", "p1", "p3", 1))),
        ("7: p2 gave run r1 of p1 to p2, 0 turns", |e| e.writes.push(write("p2", "p1", "p2", 0))),
        ("7: p1 and p2 both ask about e1", |e| e.polls = polls(&[("p1", 0), ("p2", 1), ("p1", 2)])),
        ("8: p1 wrote about run r1, which p2 holds", |e| e.writes.push(write("p1", "p2", "p2", 0))),
        ("8: p2 wrote about run r1, which p2 holds", |e| e.writes.push(write("p2", "p2", "p2", 1))),
        ("9: run r1 was success and is failed", |e| e.runs[0].status = "failed".to_owned()),
        ("10: run r1 stored another result", |e| e.runs[0].result_sha256 = text("ab")),
        ("10: run r1 is success and has no result", |e| e.runs[0].result_sha256 = None),
        ("10: run r3 is success without an execution", |e| e.runs[2].status = "success".to_owned()),
        ("12: run r1 is failed, its execution success", |e| e.runs[0].status = "failed".to_owned()),
        ("12: run r4 is rejected", |e| e.runs[3].status = "rejected".to_owned()),
        ("14: run r1 has no audit entry", |e| e.runs[0].audit_entries = 0),
        ("16: entry 3 is missing", |e| e.trail.push("entry 3 is missing".to_owned())),
        ("15: the stream told r1 number 4, and 3", |e| {
            e.book.streamed.insert("r1".to_owned(), 4);
        }),
        ("15: the stream told r9 number 1, and 0", |e| {
            e.book.streamed.insert("r9".to_owned(), 1);
        }),
        ("15: run r1 says 3 events and has [1, 3]", |e| e.runs[0].events = vec![1, 3]),
    ];
    for (expected, lie) in lies {
        let mut evidence = honest();
        lie(&mut evidence);
        let found = violations(&evidence, true);
        assert!(found.iter().any(|violation| violation.starts_with(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn a_run_that_still_moves_is_a_violation_only_at_rest() {
    let mut evidence = honest();
    evidence.runs[1].status = "pending".to_owned();
    assert_eq!(violations(&evidence, false), Vec::<String>::new());
    assert_eq!(violations(&evidence, true), ["13: run r2 is still pending"]);
}

#[test]
fn a_run_may_come_back_from_one_that_left_or_later() {
    let mut evidence = honest();
    evidence.polls = polls(&[("p1", 0), ("p2", 1), ("p1", 2)]);
    evidence.left.insert("p2".to_owned());
    assert_eq!(violations(&evidence, true), Vec::<String>::new());
    let mut evidence = honest();
    evidence.polls = polls(&[("p1", 0), ("p2", 7), ("p1", 14)]);
    assert_eq!(violations(&evidence, true), Vec::<String>::new());
}
