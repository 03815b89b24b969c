//! Lies about a storm that the comparison must find.

use std::time::Duration;

use anyhow::bail;

use crate::{
    reconcile::{Act, Asked, Entry, Event, Evidence, Poll, RunFact, Write, violations},
    stack::PEOPLE,
};

/// Doctors the evidence in several ways; each must be found, or the comparison above means nothing.
///
/// # Errors
/// When a lie is not found.
pub fn found(honest: &Evidence) -> anyhow::Result<usize> {
    let Some(at) = honest.runs.iter().position(|run| run.status == "success") else {
        bail!("no run was successful: there is nothing to compare");
    };
    let execution = honest.runs[at].execution_id.clone();
    let Some(sent) = honest.triggers.iter().position(|trigger| trigger.execution_id == execution) else {
        bail!("a successful run has no trigger");
    };
    type Lie = (&'static str, fn(&mut Evidence, usize, usize));
    let lies: [Lie; 15] = [
        ("a trigger that the ledger forgot", |e, _, sent| drop(e.triggers.remove(sent))),
        ("a trigger that was sent twice", |e, _, sent| e.triggers.push(e.triggers[sent].clone())),
        ("a run that is gone", |e, at, _| drop(e.runs.remove(at))),
        ("another result", |e, at, _| e.runs[at].result_sha256 = Some(String::new())),
        ("another end", |e, at, _| e.runs[at].status = "failed".to_owned()),
        ("an event that is gone", |e, at, _| e.runs[at].events.clear()),
        ("a write of a replica that had lost its run", |e, at, _| {
            let (run, held) = (e.runs[at].id.clone(), "one".to_owned());
            let other = Write { run, writer: "other".to_owned(), held: held.clone(), holds: held, turns: 0, seq: 0 };
            e.writes.push(other);
        }),
        ("a trigger that was sent twice, with an attempt of its own", |e, at, sent| {
            e.triggers.push(e.triggers[sent].clone());
            e.runs[at].attempts.push(Some("unconfirmed".to_owned()));
        }),
        ("a second run of one input that replaces none", |e, at, _| {
            let (id, execution_id) = (format!("{}-2", e.runs[at].id), None);
            e.runs.push(RunFact { id, execution_id, replaces: None, ..e.runs[at].clone() });
        }),
        ("an act that is gone", |e, at, _| {
            let act = Act { run: e.runs[at].id.clone(), kind: "closed".to_owned(), person: PEOPLE[0].to_owned() };
            e.book.acts.insert(act, Asked { times: 1, done: 1 });
        }),
        ("an act that nobody asked for", |e, at, _| {
            let person = Some(PEOPLE[0].to_owned());
            let run = &mut e.runs[at];
            let entry = Entry { action: "run.closed".to_owned(), actor: person.clone(), detail: String::new() };
            run.audit.push(entry);
            run.seq += 1;
            run.events.push(Event { seq: run.seq, kind: "closed".to_owned(), person });
        }),
        ("an audit entry that is missing", |e, at, _| drop(e.runs[at].audit.pop())),
        ("an audit entry without its event", |e, at, _| {
            let again = e.runs[at].audit.last().cloned();
            e.runs[at].audit.extend(again);
        }),
        ("an audit entry of another person", |e, at, _| {
            if let Some(entry) = e.runs[at].audit.first_mut() {
                entry.actor = Some("mallory@chaos.example".to_owned());
            }
        }),
        ("two replicas that ask in turn", |e, _, sent| {
            let execution = e.triggers[sent].execution_id.clone().unwrap_or_default();
            let ask = |process: &str, at| Poll {
                execution: execution.clone(),
                process: process.to_owned(),
                at: Duration::from_secs(at),
            };
            e.polls.extend([ask("one", 1), ask("other", 2), ask("one", 3)]);
        }),
    ];
    for (name, lie) in lies {
        let mut evidence = honest.clone();
        lie(&mut evidence, at, sent);
        if violations(&evidence, true).is_empty() {
            bail!("the comparison is blind: it did not find {name}");
        }
    }
    Ok(lies.len())
}
