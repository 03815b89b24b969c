//! What the clients were told, what the database holds and what the emulator received must fit together.
//! Pure, so that its own tests can show that each lie is found.

mod acts;
mod life;
mod replicas;

pub use acts::RUN_AGAIN;

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
    /// The marker of each run that an answer named.
    pub markers: BTreeMap<String, String>,
    /// What people wanted to be done about runs.
    pub acts: BTreeMap<Act, Asked>,
    /// The runs that an answer to “run again anyway” named, by the run in doubt.
    pub again: BTreeMap<String, BTreeSet<String>>,
}

/// What a person does about a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    pub run: String,
    /// The kind of the event that tells of it.
    pub kind: String,
    pub person: String,
}

/// How often an act was asked for, and how often the answer was that it is done.
#[derive(Debug, Default, Clone)]
pub struct Asked {
    pub times: usize,
    pub done: usize,
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
    /// In order.
    pub events: Vec<Event>,
    /// The outcome of each attempt, in order; none while it is open.
    pub attempts: Vec<Option<String>>,
    pub audit: Vec<Entry>,
    /// The run in doubt that it was started instead of.
    pub replaces: Option<String>,
    /// Workflow and environment, as its first audit entry tells them.
    pub what: String,
    /// SHA-256 (hex) of the stored result.
    pub result_sha256: Option<String>,
}

#[derive(Debug, Default, Clone)]
pub struct Event {
    pub seq: i64,
    pub kind: String,
    /// Whom its sentence names.
    pub person: Option<String>,
}

/// An audit entry about a run.
#[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub action: String,
    /// None: the program itself.
    pub actor: Option<String>,
    pub detail: String,
}

impl RunFact {
    /// How many of its attempts have one of these outcomes, or are open if that is asked for.
    fn attempts_with(&self, asked: impl Fn(Option<&str>) -> bool) -> usize {
        self.attempts.iter().filter(|outcome| asked(outcome.as_deref())).count()
    }

    /// Attempts of which a byte may have reached Codika.
    fn attempts_sent(&self) -> usize {
        self.attempts_with(|outcome| outcome != Some("not_sent"))
    }

    /// Attempts whose answer nobody knows.
    fn attempts_in_doubt(&self) -> usize {
        self.attempts_with(|outcome| matches!(outcome, None | Some("unconfirmed" | "interrupted")))
    }
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
    /// The number of the run's newest event after it.
    pub seq: i64,
}

/// One question to Codika about an execution.
#[derive(Debug, Default, Clone)]
pub struct Poll {
    pub execution: String,
    pub process: String,
    pub at: Duration,
}

/// Whether the sentence of such an event names who did it.
#[must_use]
pub fn is_by_a_person(kind: &str) -> bool {
    kind == life::SUBMITTED || acts::hold(kind).is_some()
}

/// Everything there is to compare.
#[derive(Debug, Default, Clone)]
pub struct Evidence {
    pub book: Book,
    pub runs: Vec<RunFact>,
    pub triggers: Vec<Trigger>,
    /// What SQLite finds wrong with the file.
    pub damage: Option<String>,
    /// Audit entries about runs that are not there, as violations.
    pub strays: Vec<String>,
    /// What `audit verify` found wrong, at any time.
    pub trail: Vec<String>,
    /// Only with several replicas.
    pub writes: Vec<Write>,
    /// Only with several replicas; in order of time.
    pub polls: Vec<Poll>,
    /// The processes that were told to stop: they hand their runs over at once.
    pub left: BTreeSet<String>,
}

impl Evidence {
    /// The kinds of the events that people's acts have made.
    pub fn acts(&self) -> impl Iterator<Item = &str> {
        let events = self.runs.iter().flat_map(|run| &run.events);
        events.map(|event| event.kind.as_str()).filter(|kind| acts::hold(kind).is_some())
    }
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
    found.extend(evidence.strays.iter().cloned());
    replicas::check(evidence, &mut found);
    let by_marker = by_marker(evidence, &mut found);
    acknowledged(evidence, &by_marker, &mut found);
    acts::check(evidence, &mut found);
    sent(evidence, &by_marker, &mut found);
    for run in &evidence.runs {
        bookkeeping(run, &mut found);
        life::check(run, &mut found);
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
    started(evidence, &by_marker, &mut found);
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
    for (marker, runs) in &runs {
        let begun = runs.iter().filter(|run| run.replaces.is_none()).count();
        if begun != 1 {
            found.push(format!("4: {marker} is {begun} runs"));
        }
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
        let attempts: usize = runs.iter().map(|run| run.attempts_sent()).sum();
        if *count > attempts {
            found.push(format!("2: {marker} was sent {count} times in {attempts} attempts"));
        }
    }
    // A request whose body nobody read names no run; it belongs to an attempt that may have been sent and was not seen.
    let unseen = |(marker, runs): (&&str, &Vec<&RunFact>)| {
        let sent: usize = runs.iter().map(|run| run.attempts_sent()).sum();
        let in_doubt: usize = runs.iter().map(|run| run.attempts_in_doubt()).sum();
        in_doubt.min(sent.saturating_sub(posts.get(*marker).copied().unwrap_or(0)))
    };
    let unseen: usize = runs.iter().map(unseen).sum();
    if unread > unseen {
        found.push(format!("3: {unread} requests without a readable body, and only {unseen} attempts in doubt"));
    }
}

fn bookkeeping(run: &RunFact, found: &mut Vec<String>) {
    let numbers: Vec<i64> = run.events.iter().map(|event| event.seq).collect();
    if !numbers.iter().copied().eq(1..=run.seq) {
        found.push(format!("15: run {} says {} events and has {numbers:?}", run.id, run.seq));
    }
    if (run.status == "success") != run.result_sha256.is_some() {
        let has = if run.result_sha256.is_some() { "a" } else { "no" };
        found.push(format!("10: run {} is {} and has {has} result", run.id, run.status));
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
}

/// Only an attempt that Codika did not refuse has started anything.
fn started(evidence: &Evidence, runs: &ByMarker<'_>, found: &mut Vec<String>) {
    let mut executions: BTreeMap<&str, usize> = BTreeMap::new();
    for trigger in evidence.triggers.iter().filter(|trigger| trigger.execution_id.is_some()) {
        *executions.entry(trigger.marker.as_deref().unwrap_or_default()).or_default() += 1;
    }
    for (marker, runs) in runs {
        let starting = |run: &&RunFact| run.attempts_with(|one| !matches!(one, Some("rejected" | "not_sent")));
        let attempts: usize = runs.iter().map(starting).sum();
        let executions = executions.get(marker).copied().unwrap_or(0);
        if executions > attempts {
            found.push(format!("12: {marker} has {executions} executions, and {attempts} attempts not refused"));
        }
    }
}

#[cfg(test)]
#[path = "reconcile/tests.rs"]
mod tests;
