//! Who wrote about runs and who asked about them, where there are several dashboards.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Evidence, Poll, RunFact, Write,
    acts::{Hold, hold},
};

/// A lease lasts 6 s and is renewed before a run is taken over under it: a process cannot have a run back
/// earlier from one that did not leave. Half of it, for a machine that is slow.
const BACK: Duration = Duration::from_secs(3);

pub fn check(evidence: &Evidence, found: &mut Vec<String>) {
    holders(evidence, found);
    polled(evidence, found);
}

/// Only who holds a run writes about it, or takes it over; a person's act may reach any replica.
fn holders(evidence: &Evidence, found: &mut Vec<String>) {
    let runs: BTreeMap<&str, &RunFact> = evidence.runs.iter().map(|run| (run.id.as_str(), run)).collect();
    for Write { run, writer, held, holds, turns, seq } in &evidence.writes {
        let events = runs.get(run.as_str()).into_iter().flat_map(|run| &run.events);
        // A take-over without an event leaves the number as it was.
        let act = events.filter(|event| event.seq == *seq).find_map(|event| hold(&event.kind));
        let handed = holds == writer && *turns == 1;
        let kept = held == holds && *turns == 0;
        let right = match act {
            Some(Hold::Take) => handed,
            Some(Hold::Any) => kept || handed,
            None => (kept && held == writer) || (held != holds && handed),
        };
        if !right && held != holds {
            found.push(format!("7: {writer} gave run {run} of {held} to {holds}, {turns} turns later"));
        } else if !right {
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
