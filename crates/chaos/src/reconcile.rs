//! What the clients were told, what the database holds and what the emulator received must fit together.
//! Pure, so that its own tests can show that each lie is found.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Statuses that never change again.
pub const FINAL: [&str; 4] = ["success", "failed", "rejected", "cancelled"];
/// Statuses a run may rest in.
const AT_REST: [&str; 7] = ["success", "failed", "rejected", "cancelled", "not_sent", "unconfirmed", "stalled"];

/// What the clients know.
#[derive(Debug, Default, Clone)]
pub struct Book {
    /// Markers of all inputs that were ever offered.
    pub offered: BTreeSet<String>,
    /// The run ids that a 202 named, by marker.
    pub acknowledged: BTreeMap<String, BTreeSet<String>>,
    /// The final statuses that REST showed, by run.
    pub seen: BTreeMap<String, BTreeSet<String>>,
    /// The highest event number that the stream told, by run.
    pub streamed: BTreeMap<String, i64>,
    /// How many events the stream told.
    pub events: usize,
    /// Answers that may never be given, as sentences.
    pub complaints: Vec<String>,
}

/// One row of the runs table with what belongs to it.
#[derive(Debug, Default, Clone)]
pub struct RunFact {
    pub id: String,
    pub status: String,
    pub marker: Option<String>,
    pub execution_id: Option<String>,
    /// The number of the newest event, as the run's row says.
    pub seq: i64,
    /// The numbers of its events, in order.
    pub events: Vec<i64>,
    pub attempts: usize,
    pub audit_entries: i64,
    /// SHA-256 (hex) of the stored result.
    pub result_sha256: Option<String>,
}

/// One trigger that the emulator received.
#[derive(Debug, Default, Clone)]
pub struct Trigger {
    /// Absent where its body was never read.
    pub marker: Option<String>,
    pub execution_id: Option<String>,
    pub status: Option<String>,
    pub result_sha256: Option<String>,
}

/// One change of a run's row, as PostgreSQL saw it. Processes by the names of their connections.
#[derive(Debug, Default, Clone)]
pub struct Write {
    pub run: String,
    pub writer: String,
    /// Who held the run before, and after.
    pub held: String,
    pub holds: String,
    /// By how much the number of the lease grew.
    pub turns: i64,
}

/// One question to Codika about an execution.
#[derive(Debug, Default, Clone)]
pub struct Poll {
    pub execution: String,
    pub process: String,
    pub at: Duration,
}

/// A lease lasts 6 s and is renewed before a run is taken over under it: a process cannot have a run back
/// earlier from one that did not leave. Half of it, for a machine that is slow.
const BACK: Duration = Duration::from_secs(3);

/// Everything there is to compare.
#[derive(Debug, Default, Clone)]
pub struct Evidence {
    pub book: Book,
    pub runs: Vec<RunFact>,
    pub triggers: Vec<Trigger>,
    /// What SQLite finds wrong with the file.
    pub damage: Option<String>,
    /// What `audit verify` found wrong, at any time.
    pub trail: Vec<String>,
    /// Only with several replicas.
    pub writes: Vec<Write>,
    /// Only with several replicas; in order of time.
    pub polls: Vec<Poll>,
    /// The processes that were told to stop: they hand their runs over at once.
    pub left: BTreeSet<String>,
}

/// Every violation, as a sentence that begins with the number of its invariant.
/// `at_rest`: whether all runs must have come to rest.
#[must_use]
pub fn violations(evidence: &Evidence, at_rest: bool) -> Vec<String> {
    let mut found = evidence.book.complaints.clone();
    if let Some(damage) = &evidence.damage {
        found.push(format!("1: the database is damaged: {damage}"));
    }
    found.extend(evidence.trail.iter().map(|fault| format!("16: {fault}")));
    holders(evidence, &mut found);
    polled(evidence, &mut found);
    let by_marker = by_marker(evidence, &mut found);
    acknowledged(evidence, &by_marker, &mut found);
    sent(evidence, &by_marker, &mut found);
    for run in &evidence.runs {
        bookkeeping(run, &mut found);
        if at_rest && !AT_REST.contains(&run.status.as_str()) {
            found.push(format!("13: run {} is still {}", run.id, run.status));
        }
        let seen = evidence.book.seen.get(&run.id).into_iter().flatten();
        for status in seen.filter(|status| **status != run.status) {
            found.push(format!("9: run {} was {status} and is {}", run.id, run.status));
        }
    }
    for (id, told) in &evidence.book.streamed {
        let stored = evidence.runs.iter().find(|run| run.id == *id).map_or(0, |run| run.seq);
        if *told > stored {
            found.push(format!("15: the stream told {id} number {told}, and {stored} are stored"));
        }
    }
    ended(evidence, &mut found);
    found
}

type ByMarker<'a> = BTreeMap<&'a str, Vec<&'a RunFact>>;

fn by_marker<'a>(evidence: &'a Evidence, found: &mut Vec<String>) -> ByMarker<'a> {
    let mut runs: ByMarker<'a> = BTreeMap::new();
    for run in &evidence.runs {
        match &run.marker {
            Some(marker) if evidence.book.offered.contains(marker) => runs.entry(marker).or_default().push(run),
            _ => found.push(format!("6: run {} has an input that nobody offered", run.id)),
        }
    }
    for (marker, runs) in runs.iter().filter(|(_, runs)| runs.len() > 1) {
        found.push(format!("4: {marker} is {} runs", runs.len()));
    }
    runs
}

fn acknowledged(evidence: &Evidence, runs: &ByMarker<'_>, found: &mut Vec<String>) {
    for (marker, ids) in &evidence.book.acknowledged {
        if ids.len() > 1 {
            found.push(format!("5: the key of {marker} was answered with {} runs", ids.len()));
        }
        let stored = runs.get(marker.as_str());
        for id in ids {
            if !stored.is_some_and(|runs| runs.iter().any(|run| run.id == *id)) {
                found.push(format!("1: run {id} of {marker} was acknowledged and is gone"));
            }
        }
    }
}

/// Ledger against attempts, both ways.
fn sent(evidence: &Evidence, runs: &ByMarker<'_>, found: &mut Vec<String>) {
    let mut posts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unread = 0;
    for trigger in &evidence.triggers {
        match trigger.marker.as_deref() {
            Some(marker) => *posts.entry(marker).or_default() += 1,
            None => unread += 1,
        }
    }
    for (marker, count) in &posts {
        let Some(runs) = runs.get(marker) else {
            found.push(format!("3: Codika received {marker}, and no run is stored"));
            continue;
        };
        let attempts: usize = runs.iter().map(|run| run.attempts).sum();
        if *count > attempts {
            found.push(format!("2: {marker} was sent {count} times in {attempts} attempts"));
        }
        for run in runs.iter().filter(|run| run.status == "not_sent") {
            found.push(format!("2: run {} is not_sent, and Codika received it", run.id));
        }
    }
    // A request whose body nobody read names no run; it belongs to one that may have been sent and was not seen.
    let in_doubt = runs
        .iter()
        .filter(|(marker, _)| !posts.contains_key(*marker))
        .flat_map(|(_, runs)| runs)
        .filter(|run| matches!(run.status.as_str(), "unconfirmed" | "submitting"))
        .count();
    if unread > in_doubt {
        found.push(format!("3: {unread} requests without a readable body, and only {in_doubt} runs in doubt"));
    }
}

fn bookkeeping(run: &RunFact, found: &mut Vec<String>) {
    if !run.events.iter().copied().eq(1..=run.seq) {
        found.push(format!("15: run {} says {} events and has {:?}", run.id, run.seq, run.events));
    }
    if run.audit_entries == 0 {
        found.push(format!("14: run {} has no audit entry", run.id));
    }
    if run.attempts == 0 {
        found.push(format!("2: run {} has no attempt", run.id));
    }
    if (run.status == "success") != run.result_sha256.is_some() {
        let has = if run.result_sha256.is_some() { "a" } else { "no" };
        found.push(format!("10: run {} is {} and has {has} result", run.id, run.status));
    }
}

/// Only who holds a run writes about it, or takes it over.
fn holders(evidence: &Evidence, found: &mut Vec<String>) {
    for Write { run, writer, held, holds, turns } in &evidence.writes {
        if held != holds && (holds != writer || *turns != 1) {
            found.push(format!("7: {writer} gave run {run} of {held} to {holds}, {turns} turns later"));
        } else if held == holds && (held != writer || *turns != 0) {
            found.push(format!("8: {writer} wrote about run {run}, which {held} holds"));
        }
    }
}

/// A process that asks again soon after another one asked has never lost the run: both ask.
fn polled(evidence: &Evidence, found: &mut Vec<String>) {
    let mut executions: BTreeMap<&str, Vec<&Poll>> = BTreeMap::new();
    for poll in &evidence.polls {
        executions.entry(&poll.execution).or_default().push(poll);
    }
    for (execution, polls) in executions {
        let mut newest: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, poll) in polls.iter().enumerate() {
            let Some(before) = newest.insert(&poll.process, at) else { continue };
            let mut between = polls[before + 1..at].iter().filter(|other| !evidence.left.contains(&other.process));
            if let Some(other) = between.next()
                && poll.at.saturating_sub(polls[before].at) < BACK
            {
                found.push(format!("7: {} and {} both ask about {execution}", poll.process, other.process));
                break;
            }
        }
    }
}

/// What a run says about its execution against what the emulator knows about it.
fn ended(evidence: &Evidence, found: &mut Vec<String>) {
    let executions: BTreeMap<&str, &Trigger> =
        evidence.triggers.iter().filter_map(|trigger| Some((trigger.execution_id.as_deref()?, trigger))).collect();
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for run in &evidence.runs {
        let Some(execution) = run.execution_id.as_deref() else {
            if matches!(run.status.as_str(), "success" | "failed" | "pending") {
                found.push(format!("10: run {} is {} without an execution", run.id, run.status));
            }
            continue;
        };
        if let Some(other) = owners.insert(execution, &run.id) {
            found.push(format!("3: runs {other} and {} claim one execution", run.id));
        }
        let Some(trigger) = executions.get(execution) else {
            found.push(format!("3: run {} names an execution that never was", run.id));
            continue;
        };
        if trigger.marker != run.marker {
            found.push(format!("3: run {} names the execution of another run", run.id));
        }
        let true_status = trigger.status.as_deref().unwrap_or("nothing");
        if matches!(run.status.as_str(), "success" | "failed") && run.status != true_status {
            found.push(format!("12: run {} is {}, its execution {true_status}", run.id, run.status));
        }
        if run.status == "success" && run.result_sha256 != trigger.result_sha256 {
            found.push(format!("10: run {} stored another result than was sent", run.id));
        }
    }
    for run in evidence.runs.iter().filter(|run| run.status == "rejected") {
        let started = evidence.triggers.iter().any(|one| one.marker == run.marker && one.execution_id.is_some());
        if started {
            found.push(format!("12: run {} is rejected, and its execution exists", run.id));
        }
    }
}

#[cfg(test)]
#[path = "reconcile/tests.rs"]
mod tests;
