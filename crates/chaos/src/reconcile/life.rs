//! One run's events, played again: what they say about its status, its attempts and its audit entries.

use std::collections::BTreeMap;

use super::{Entry, RunFact};

/// What an event does: from which status to which, and action and detail of its audit entry.
struct Step {
    kind: &'static str,
    from: &'static str,
    to: &'static str,
    entry: Option<(&'static str, &'static str)>,
}

const fn step(
    kind: &'static str,
    from: &'static str,
    to: &'static str,
    action: &'static str,
    detail: &'static str,
) -> Step {
    Step { kind, from, to, entry: Some((action, detail)) }
}

pub const SUBMITTED: &str = "submitted";
const STEPS: [Step; 16] = [
    step(SUBMITTED, "", "submitting", "run.started", ""),
    step("accepted", "submitting", "pending", "run.dispatched", "accepted"),
    step("rejected", "submitting", "rejected", "run.dispatched", "rejected"),
    step("not_sent", "submitting", "not_sent", "run.dispatched", "not_sent"),
    step("unconfirmed", "submitting", "unconfirmed", "run.dispatched", "unconfirmed"),
    Step { kind: "status", from: "pending", to: "pending", entry: None },
    step("succeeded", "pending", "success", "run.watched", "success"),
    step("failed", "pending", "failed", "run.watched", "failed"),
    step("stalled", "pending", "stalled", "run.watched", "stalled"),
    step("watch_stopped", "pending", "stalled", "run.watch_stopped", ""),
    step("watch_resumed", "stalled", "pending", "run.watch_resumed", ""),
    step("closed", "stalled", "stalled", "run.closed", ""),
    step("sent_again", "not_sent", "submitting", "run.sent_again", ""),
    step("marked_not_started", "unconfirmed", "not_sent", "run.marked_not_started", ""),
    step("adopted", "unconfirmed", "pending", "run.adopted", ""),
    step("run_again", "unconfirmed", "unconfirmed", "run.run_again", ""),
];
/// The outcome of an attempt whose dashboard was gone; the event is the same as for any other in doubt.
const INTERRUPTED: &str = "interrupted";

pub fn check(run: &RunFact, found: &mut Vec<String>) {
    let id = &run.id;
    let mut status = "";
    let mut attempts: Vec<Option<&str>> = Vec::new();
    let mut replaced = false;
    // How often each entry is there beyond the events that ask for it.
    let mut entries: BTreeMap<Entry, i64> = BTreeMap::new();
    for entry in &run.audit {
        *entries.entry(entry.clone()).or_default() += 1;
    }
    for event in &run.events {
        let kind = event.kind.as_str();
        let Some(step) = STEPS.iter().find(|step| step.kind == kind) else {
            found.push(format!("14: run {id} has an event “{kind}” that nobody knows"));
            continue;
        };
        if step.from != status {
            found.push(format!("14: run {id} was “{status}” when it was {kind}"));
        }
        if replaced && matches!(kind, "sent_again" | "marked_not_started") {
            found.push(format!("2: run {id} was run again, and then {kind}"));
        }
        replaced |= kind == "run_again";
        let stored = attempts.len().checked_sub(1).and_then(|at| run.attempts.get(at)?.as_deref());
        let interrupted = kind == "unconfirmed" && stored == Some(INTERRUPTED);
        if step.to == "submitting" {
            attempts.push(None);
        } else if step.from == "submitting"
            && let Some(newest) = attempts.last_mut()
        {
            *newest = Some(if interrupted { INTERRUPTED } else { kind });
        }
        status = step.to;
        let entry = match step.entry {
            _ if interrupted => Some(("run.interrupted", "")),
            Some((action, _)) if kind == SUBMITTED => Some((action, run.what.as_str())),
            known => known,
        };
        if let Some((action, detail)) = entry {
            let entry = Entry { action: action.to_owned(), actor: event.person.clone(), detail: detail.to_owned() };
            *entries.entry(entry).or_default() -= 1;
        }
    }
    if status != run.status {
        found.push(format!("14: run {id} is {}, and by its events “{status}”", run.status));
    }
    if !run.attempts.iter().map(Option::as_deref).eq(attempts.iter().copied()) {
        found.push(format!("2: run {id} has the attempts {:?}, and by its events {attempts:?}", run.attempts));
    }
    for (Entry { action, actor, detail }, beyond) in entries {
        let (who, times) = (actor.as_deref().unwrap_or("the program"), beyond.abs());
        let what = format!("of {action} “{detail}” by {who}");
        if beyond < 0 {
            found.push(format!("14: run {id} lacks {times} audit entries {what}"));
        } else if beyond > 0 {
            found.push(format!("14: run {id} has {times} audit entries {what} without an event"));
        }
    }
}
