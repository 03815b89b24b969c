//! What people asked for and were told against what is stored.

use std::collections::BTreeMap;

use super::{Act, Evidence, RunFact};

/// Who looks after a run after an act.
pub enum Hold {
    /// Whoever was asked.
    Take,
    /// Whoever did so before.
    Any,
}

/// Events that only a person's act makes.
const KINDS: [(&str, Hold); 7] = [
    ("watch_stopped", Hold::Any),
    ("closed", Hold::Any),
    ("marked_not_started", Hold::Any),
    (RUN_AGAIN, Hold::Any),
    ("watch_resumed", Hold::Take),
    ("sent_again", Hold::Take),
    ("adopted", Hold::Take),
];
/// Asked for again, it is done without being done twice.
pub const RUN_AGAIN: &str = "run_again";

pub fn hold(kind: &str) -> Option<&'static Hold> {
    KINDS.iter().find(|(known, _)| *known == kind).map(|(_, hold)| hold)
}

pub fn check(evidence: &Evidence, found: &mut Vec<String>) {
    let stored = stored(evidence);
    for (Act { run, kind, person }, times) in &stored {
        let act = Act { run: run.clone(), kind: kind.clone(), person: person.clone() };
        let asked = evidence.book.acts.get(&act).map_or(0, |asked| asked.times);
        if *times > asked {
            found.push(format!("2: {kind} is told {times} times of run {run} by {person}, who asked {asked} times"));
        }
    }
    for (act, asked) in evidence.book.acts.iter().filter(|(act, _)| act.kind != RUN_AGAIN) {
        let times = stored.get(act).copied().unwrap_or(0);
        if times < asked.done {
            let Act { run, kind, person } = act;
            found.push(format!(
                "1: {kind} of run {run} by {person} was acknowledged {} times and is stored {times} times",
                asked.done
            ));
        }
    }
    links(evidence, found);
}

/// How often each act is among the events.
fn stored(evidence: &Evidence) -> BTreeMap<Act, usize> {
    let mut stored = BTreeMap::new();
    for run in &evidence.runs {
        for event in run.events.iter().filter(|event| hold(&event.kind).is_some()) {
            let person = event.person.clone().unwrap_or_else(|| "nobody".to_owned());
            let act = Act { run: run.id.clone(), kind: event.kind.clone(), person };
            *stored.entry(act).or_default() += 1;
        }
    }
    stored
}

/// A run that was run again has one that replaces it, with its input; no other run replaces one.
fn links(evidence: &Evidence, found: &mut Vec<String>) {
    let runs: BTreeMap<&str, &RunFact> = evidence.runs.iter().map(|run| (run.id.as_str(), run)).collect();
    let mut replacing: BTreeMap<&str, usize> = BTreeMap::new();
    for run in &evidence.runs {
        let Some(first) = &run.replaces else { continue };
        *replacing.entry(first).or_default() += 1;
        if runs.get(first.as_str()).is_none_or(|first| first.marker != run.marker) {
            found.push(format!("4: run {} replaces {first}, which has another input", run.id));
        }
    }
    for run in &evidence.runs {
        let told = run.events.iter().filter(|event| event.kind == RUN_AGAIN).count();
        let replacing = replacing.get(run.id.as_str()).copied().unwrap_or(0);
        if told != replacing || told > 1 {
            found.push(format!("4: run {} was run again {told} times, and {replacing} runs replace it", run.id));
        }
    }
    for (first, named) in &evidence.book.again {
        for id in named {
            let replaces = runs.get(id.as_str()).and_then(|run| run.replaces.as_ref());
            if replaces != Some(first) {
                found.push(format!("1: run {id} was acknowledged to replace {first}, and does not"));
            }
        }
    }
}
