//! An honest story has no violation; each doctored one has the one that was put in.

use std::time::Duration;

use super::{Act, Asked, Entry, Event, Evidence, Poll, RunFact, Trigger, Write, violations};

const ANN: &str = "ann@chaos.example";
const BOB: &str = "bob@chaos.example";

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

/// Kinds of events, each with who did it.
type Told = [(&'static str, Option<&'static str>)];

/// One run, its trigger, and what the clients know of it.
struct Story {
    marker: &'static str,
    status: &'static str,
    told: &'static Told,
    /// Action, actor and detail of each audit entry.
    audit: &'static [(&'static str, Option<&'static str>, &'static str)],
    attempts: &'static [&'static str],
}

const STARTED: (&str, Option<&str>, &str) = ("run.started", Some(ANN), "text-summary in dev");
const STORIES: [Story; 7] = [
    Story {
        marker: "m1",
        status: "success",
        told: &[("submitted", Some(ANN)), ("accepted", None), ("succeeded", None)],
        audit: &[STARTED, ("run.dispatched", None, "accepted"), ("run.watched", None, "success")],
        attempts: &["accepted"],
    },
    Story {
        marker: "m2",
        status: "failed",
        told: &[("submitted", Some(ANN)), ("accepted", None), ("status", None), ("failed", None)],
        audit: &[STARTED, ("run.dispatched", None, "accepted"), ("run.watched", None, "failed")],
        attempts: &["accepted"],
    },
    Story {
        marker: "m3",
        status: "rejected",
        told: &[("submitted", Some(ANN)), ("rejected", None)],
        audit: &[STARTED, ("run.dispatched", None, "rejected")],
        attempts: &["rejected"],
    },
    Story {
        marker: "m4",
        status: "unconfirmed",
        told: &[("submitted", Some(ANN)), ("unconfirmed", None)],
        audit: &[STARTED, ("run.interrupted", None, "")],
        attempts: &["interrupted"],
    },
    Story {
        marker: "m5",
        status: "unconfirmed",
        told: &[("submitted", Some(ANN)), ("unconfirmed", None)],
        audit: &[STARTED, ("run.dispatched", None, "unconfirmed")],
        attempts: &["unconfirmed"],
    },
    // Said not to have started although it had, sent again, in doubt again, adopted, stopped, closed.
    Story {
        marker: "m6",
        status: "stalled",
        told: &[
            ("submitted", Some(ANN)),
            ("unconfirmed", None),
            ("marked_not_started", Some(BOB)),
            ("sent_again", Some(ANN)),
            ("unconfirmed", None),
            ("adopted", Some(ANN)),
            ("watch_stopped", Some(BOB)),
            ("closed", Some(BOB)),
        ],
        audit: &[
            STARTED,
            ("run.dispatched", None, "unconfirmed"),
            ("run.marked_not_started", Some(BOB), ""),
            ("run.sent_again", Some(ANN), ""),
            ("run.interrupted", None, ""),
            ("run.adopted", Some(ANN), ""),
            ("run.watch_stopped", Some(BOB), ""),
            ("run.closed", Some(BOB), ""),
        ],
        attempts: &["unconfirmed", "interrupted"],
    },
    // Run again as r8.
    Story {
        marker: "m7",
        status: "unconfirmed",
        told: &[("submitted", Some(ANN)), ("unconfirmed", None), ("run_again", Some(BOB))],
        audit: &[STARTED, ("run.dispatched", None, "unconfirmed"), ("run.run_again", Some(BOB), "")],
        attempts: &["unconfirmed"],
    },
];

/// A success, a failure, one refused, one in doubt that arrived, one in doubt that was never read, and two that
/// people have decided about.
fn honest() -> Evidence {
    let mut evidence = Evidence::default();
    for (story, number) in STORIES.iter().zip(1..) {
        let id = format!("r{number}");
        evidence.book.offered.insert(story.marker.to_owned());
        evidence.book.acknowledged.entry(story.marker.to_owned()).or_default().insert(id.clone());
        evidence.runs.push(run(&id, story));
    }
    let again =
        RunFact { id: "r8".to_owned(), replaces: text("r7"), ..run("r8", &Story { marker: "m7", ..STORIES[0] }) };
    evidence.runs.push(again);
    evidence.book.again.entry("r7".to_owned()).or_default().insert("r8".to_owned());
    for (at, execution, sha) in [(0, "e1", text("aa")), (1, "e2", None), (5, "e6", None), (7, "e8", text("aa"))] {
        evidence.runs[at].execution_id = text(execution);
        evidence.runs[at].result_sha256.clone_from(&sha);
        let status = if sha.is_some() { "success" } else { "failed" };
        evidence.triggers.push(trigger(evidence.runs[at].marker.as_deref(), Some((execution, status)), sha));
    }
    evidence.triggers.push(trigger(Some("m3"), None, None));
    evidence.triggers.push(trigger(Some("m4"), Some(("lost-m4", "success")), text("bb")));
    evidence.triggers.push(trigger(None, None, None));
    evidence.triggers.push(trigger(Some("m6"), Some(("lost-m6", "success")), text("bb")));
    evidence.triggers.push(trigger(Some("m7"), Some(("lost-m7", "success")), text("bb")));
    for (run, kind, person) in [
        ("r6", "marked_not_started", BOB),
        ("r6", "sent_again", ANN),
        ("r6", "adopted", ANN),
        ("r6", "watch_stopped", BOB),
        ("r6", "closed", BOB),
        ("r7", "run_again", BOB),
        // Too late, and told so.
        ("r7", "run_again", ANN),
    ] {
        evidence.book.acts.insert(act(run, kind, person), Asked { times: 1, done: 1 });
    }
    evidence.book.streamed.insert("r1".to_owned(), 3);
    // p1 began it, p2 took it over.
    evidence.writes.push(write("p1", "p1", "p1", 0));
    evidence.writes.push(write("p2", "p1", "p2", 1));
    evidence.writes.push(write("p2", "p2", "p2", 0));
    // A person asked p3 to send it again, then p1 to adopt it and p2 to stop and to close.
    for (writer, held, holds, turns, seq) in
        [("p3", "p1", "p3", 1, 4), ("p1", "p3", "p1", 1, 6), ("p2", "p1", "p1", 0, 7), ("p2", "p1", "p1", 0, 8)]
    {
        evidence.writes.push(Write { run: "r6".to_owned(), seq, ..write(writer, held, holds, turns) });
    }
    evidence.polls = polls(&[("p1", 0), ("p1", 1), ("p2", 8), ("p2", 9)]);
    evidence.book.seen.entry("r1".to_owned()).or_default().insert("success".to_owned());
    evidence
}

fn run(id: &str, story: &Story) -> RunFact {
    let person = |who: Option<&str>| who.map(str::to_owned);
    let events = (1..).zip(story.told).map(|(seq, (kind, who))| event(seq, kind, *who));
    let entries = story.audit.iter().map(|(action, who, detail)| Entry {
        action: (*action).to_owned(),
        actor: person(*who),
        detail: (*detail).to_owned(),
    });
    RunFact {
        id: id.to_owned(),
        status: story.status.to_owned(),
        marker: text(story.marker),
        seq: i64::try_from(story.told.len()).unwrap_or_default(),
        events: events.collect(),
        attempts: story.attempts.iter().map(|outcome| text(outcome)).collect(),
        audit: entries.collect(),
        what: "text-summary in dev".to_owned(),
        ..RunFact::default()
    }
}

fn event(seq: i64, kind: &str, person: Option<&str>) -> Event {
    Event { seq, kind: kind.to_owned(), person: person.map(str::to_owned) }
}

fn act(run: &str, kind: &str, person: &str) -> Act {
    let [run, kind, person] = [run, kind, person].map(str::to_owned);
    Act { run, kind, person }
}

fn trigger(marker: Option<&str>, execution: Option<(&str, &str)>, result_sha256: Option<String>) -> Trigger {
    Trigger {
        marker: marker.map(str::to_owned),
        execution_id: execution.map(|(id, _)| id.to_owned()),
        status: execution.map(|(_, status)| status.to_owned()),
        result_sha256,
    }
}

/// One more event of a run, with what belongs to it.
fn then(run: &mut RunFact, kind: &str, person: Option<&str>, entry: Option<(&str, &str)>) {
    run.seq += 1;
    run.events.push(event(run.seq, kind, person));
    run.audit.extend(entry.map(|(action, detail)| Entry {
        action: action.to_owned(),
        actor: person.map(str::to_owned),
        detail: detail.to_owned(),
    }));
}

fn write(writer: &str, held: &str, holds: &str, turns: i64) -> Write {
    let [writer, held, holds] = [writer, held, holds].map(str::to_owned);
    Write { run: "r1".to_owned(), writer, held, holds, turns, seq: 0 }
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
    let lies: [Lie; 57] = [
        ("1: the database is damaged", |e| e.damage = text("row 7 missing")),
        ("1: run r9 of m1 was acknowledged", |e| {
            e.book.acknowledged.insert("m1".to_owned(), ["r9".to_owned()].into());
        }),
        ("1: run r5 of m5 was acknowledged", |e| drop(e.runs.remove(4))),
        ("2: m1 was sent 2 times", |e| e.triggers.push(Trigger { execution_id: text("e9"), ..e.triggers[0].clone() })),
        ("2: m4 was sent 1 times in 0 attempts", |e| e.runs[3].attempts = vec![text("not_sent")]),
        ("2: run r2 has the attempts []", |e| e.runs[1].attempts.clear()),
        ("3: Codika received m9", |e| e.triggers.push(Trigger { marker: text("m9"), ..Trigger::default() })),
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
        ("12: m4 has 1 executions, and 0 attempts not refused", |e| e.runs[3].attempts = vec![text("rejected")]),
        ("14: run r1 lacks 1 audit entries of run.watched “success” by the program", |e| {
            e.runs[0].audit.pop();
        }),
        ("16: entry 3 is missing", |e| e.trail.push("entry 3 is missing".to_owned())),
        ("15: the stream told r1 number 4, and 3", |e| {
            e.book.streamed.insert("r1".to_owned(), 4);
        }),
        ("15: the stream told r9 number 1, and 0", |e| {
            e.book.streamed.insert("r9".to_owned(), 1);
        }),
        ("15: run r1 says 3 events and has [1, 3]", |e| drop(e.runs[0].events.remove(1))),
        ("14: run r6 lacks 1 audit entries of run.sent_again “” by ann", |e| drop(e.runs[5].audit.remove(3))),
        ("14: run r1 has 1 audit entries of run.dispatched “accepted” by the program without an event", |e| {
            let again = e.runs[0].audit[1].clone();
            e.runs[0].audit.push(again);
        }),
        ("14: run r6 has 1 audit entries of run.closed “” by the program without an event", |e| {
            e.runs[5].audit[7].actor = None;
        }),
        ("14: run r6 lacks 1 audit entries of run.closed “” by bob", |e| e.runs[5].audit[7].actor = text(ANN)),
        ("14: run r4 has 1 audit entries of run.dispatched “unconfirmed” by the program without an event", |e| {
            e.runs[3].audit[1] = e.runs[4].audit[1].clone();
        }),
        ("14: run r1 lacks 1 audit entries of run.started “text-summary in dev” by ann", |e| {
            e.runs[0].audit[0].detail = "always-fails in dev".to_owned();
        }),
        ("14: audit entries are about run r9", |e| {
            e.strays.push("14: audit entries are about run r9, which is not there".to_owned());
        }),
        ("14: run r1 is failed, and by its events “success”", |e| e.runs[0].status = "failed".to_owned()),
        ("14: run r1 was “success” when it was accepted", |e| then(&mut e.runs[0], "accepted", None, None)),
        ("14: run r1 has an event “exploded”", |e| then(&mut e.runs[0], "exploded", None, None)),
        ("2: m1 was sent 2 times in 1 attempts", |e| e.triggers.push(trigger(Some("m1"), None, None))),
        // The same, with an attempt that no event tells of.
        ("2: run r1 has the attempts", |e| {
            e.triggers.push(trigger(Some("m1"), None, None));
            e.runs[0].attempts.push(text("unconfirmed"));
        }),
        ("2: sent_again is told 1 times of run r6 by ann", |e| {
            e.book.acts.remove(&act("r6", "sent_again", ANN));
        }),
        ("2: sent_again is told 1 times of run r6 by bob", |e| e.runs[5].events[3].person = text(BOB)),
        ("2: adopted is told 1 times of run r6 by nobody", |e| e.runs[5].events[5].person = None),
        ("2: closed is told 2 times of run r6 by bob@chaos.example, who asked 1 times", |e| {
            then(&mut e.runs[5], "closed", Some(BOB), Some(("run.closed", "")));
        }),
        ("2: m6 was sent 3 times in 2 attempts", |e| e.triggers.push(trigger(Some("m6"), None, None))),
        ("2: run r7 was run again, and then marked_not_started", |e| {
            then(&mut e.runs[6], "marked_not_started", Some(ANN), Some(("run.marked_not_started", "")));
        }),
        ("1: closed of run r6 by bob@chaos.example was acknowledged 2 times and is stored 1 times", |e| {
            e.book.acts.insert(act("r6", "closed", BOB), Asked { times: 2, done: 2 });
        }),
        ("1: run r9 was acknowledged to replace r7", |e| {
            e.book.again.entry("r7".to_owned()).or_default().insert("r9".to_owned());
        }),
        ("3: run r6 names the execution of another run", |e| e.runs[5].execution_id = text("lost-m4")),
        ("4: m7 is 2 runs", |e| e.runs[7].replaces = None),
        ("4: run r7 was run again 1 times, and 0 runs replace it", |e| e.runs[7].replaces = None),
        ("4: run r7 was run again 1 times, and 2 runs replace it", |e| {
            e.runs.push(RunFact { id: "r9".to_owned(), execution_id: None, ..e.runs[7].clone() });
        }),
        ("4: run r8 replaces r4, which has another input", |e| e.runs[7].replaces = text("r4")),
        ("7: p2 gave run r6 of p1 to p3", |e| {
            let handed = Write { run: "r6".to_owned(), seq: 6, ..write("p2", "p1", "p3", 1) };
            e.writes.push(handed);
        }),
        ("8: p2 wrote about run r6, which p1 holds", |e| {
            e.writes.push(Write { run: "r6".to_owned(), seq: 5, ..write("p2", "p1", "p1", 0) });
        }),
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
    evidence.runs[1].seq -= 1;
    evidence.runs[1].events.pop();
    evidence.runs[1].audit.pop();
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
