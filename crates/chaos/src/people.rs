//! People who decide about runs over REST, as the buttons of a run's page do.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    clients::Clients,
    facts::received,
    reconcile::{Act, RUN_AGAIN},
    rng::Rng,
    stack::PEOPLE,
};

const PAUSE: Duration = Duration::from_millis(250);
/// So long a run is left alone after an act: who lost it may learn of that late, and asks once more until then.
const RESPITE: Duration = Duration::from_secs(4);
/// Acts on one run.
const MOST: u64 = 5;
/// Acts by the status they are for; one of them is chosen by chance.
const CHOICES: [(&str, &[Choice]); 4] = [
    ("unconfirmed", &[DID_NOT_START, ADOPT, RUN_AGAIN_ANYWAY]),
    ("not_sent", &[Choice("send_again", "sent_again")]),
    ("stalled", &[LOOK_AGAIN, LOOK_AGAIN, CLOSE]),
    ("pending", &[Choice("stop_waiting", "watch_stopped")]),
];
/// One run in so many is decided about, of those that wait for a person and of those that do not.
const SHARE: u64 = 2;
const SHARE_PENDING: u64 = 12;

/// The name that REST has for an act, and the kind of its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Choice(&'static str, &'static str);

const DID_NOT_START: Choice = Choice("did_not_start", "marked_not_started");
const ADOPT: Choice = Choice("adopt", "adopted");
const RUN_AGAIN_ANYWAY: Choice = Choice("run_again_anyway", RUN_AGAIN);
const CLOSE: Choice = Choice("close", "closed");
const LOOK_AGAIN: Choice = Choice("look_again", "watch_resumed");

/// When a run was decided about last, and how often, whoever did it.
#[derive(Debug, Default, Clone)]
pub struct Decided(Arc<Mutex<BTreeMap<String, (Instant, u64)>>>);

impl Decided {
    fn inside(&self) -> MutexGuard<'_, BTreeMap<String, (Instant, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often it was decided about before; none while it is to be left alone.
    fn times(&self, run: &str, now: Instant) -> Option<u64> {
        match self.inside().get(run) {
            None => Some(0),
            Some((at, times)) => (now >= *at + RESPITE && *times < MOST).then_some(*times),
        }
    }

    /// Notes one more time; `false` if somebody else was faster.
    fn claim(&self, run: &str, times: u64, now: Instant) -> bool {
        let mut decided = self.inside();
        let free = decided.get(run).map_or(0, |(_, known)| *known) == times;
        if free {
            decided.insert(run.to_owned(), (now, times + 1));
        }
        free
    }
}

impl Clients {
    /// Decides about a share of the runs that wait for it, until `until`.
    pub async fn decide(self, decided: Decided, until: Instant) {
        let statuses = CHOICES.map(|(status, _)| status);
        while Instant::now() < until {
            for status in statuses {
                self.decide_some(status, &decided, until).await;
            }
            sleep(PAUSE).await;
        }
    }

    async fn decide_some(&self, status: &str, decided: &Decided, until: Instant) {
        let path = format!("/api/v1/runs?status={status}&limit=100");
        let Some(answer) = self.send(&path, 0, |url| self.http.get(url)).await else { return };
        let Ok(list) = answer.json::<Value>().await else { return };
        for run in list["items"].as_array().into_iter().flatten().filter_map(|item| item["id"].as_str()) {
            let (Some(times), Some(marker)) =
                (decided.times(run, Instant::now()), self.book().markers.get(run).cloned())
            else {
                continue;
            };
            let mut rng = Rng::seeded(
                marker.bytes().fold(self.seed ^ times, |seed, byte| Rng::seeded(seed ^ u64::from(byte)).next()),
            );
            let Some(choice) = choice(status, &mut rng) else { continue };
            let now = Instant::now();
            if now >= until {
                return;
            }
            if !decided.claim(run, times, now) {
                continue;
            }
            let person = usize::from(rng.one_in(2));
            if rng.one_in(4) {
                tokio::join!(self.act(run, &marker, choice, 0), self.act(run, &marker, choice, 1));
            } else {
                self.act(run, &marker, choice, person).await;
            }
        }
    }

    async fn act(&self, run: &str, marker: &str, choice: Choice, person: usize) {
        let Choice(action, kind) = choice;
        let mut body = json!({ "action": action });
        if choice == ADOPT {
            let Some(execution) = self.recognised(run, marker, person).await else { return };
            body["execution_id"] = execution.into();
        }
        let act = Act { run: run.to_owned(), kind: kind.to_owned(), person: PEOPLE[person].to_owned() };
        self.book().acts.entry(act.clone()).or_default().times += 1;
        let path = format!("/api/v1/runs/{run}/actions");
        let Some(answer) = self.send(&path, person, |url| self.http.post(url).json(&body)).await else { return };
        let status = answer.status();
        let Ok(answer) = answer.text().await else { return };
        match status {
            StatusCode::OK => self.note_done(act, marker, &answer),
            StatusCode::CONFLICT => {}
            // Codika does not list it any more, or cannot be asked.
            StatusCode::UNPROCESSABLE_ENTITY if choice == ADOPT => {}
            status if status.is_server_error() => {}
            status => self.complain(format!("1: {action} of run {run} was answered with {status}: {answer}")),
        }
    }

    fn note_done(&self, act: Act, marker: &str, answer: &str) {
        let answer: Value = serde_json::from_str(answer).unwrap_or_default();
        let Some(id) = answer["id"].as_str().map(str::to_owned) else {
            return self.complain(format!("1: {} of run {} was answered without a run", act.kind, act.run));
        };
        let mut book = self.book();
        if act.kind == RUN_AGAIN {
            book.again.entry(act.run.clone()).or_default().insert(id.clone());
            book.markers.insert(id, marker.to_owned());
        } else if id != act.run {
            book.complaints.push(format!("1: {} of run {} was answered with run {id}", act.kind, act.run));
        }
        book.acts.entry(act).or_default().done += 1;
    }

    /// One of the executions that the dashboard lists for a run in doubt: one that received its input.
    async fn recognised(&self, run: &str, marker: &str, person: usize) -> Option<String> {
        let path = format!("/api/v1/runs/{run}/executions");
        let listed: Value = self.send(&path, person, |url| self.http.get(url)).await?.json().await.ok()?;
        let received = received(&self.http, &self.upstream).await.ok()?;
        let own: BTreeSet<&str> = received
            .iter()
            .filter(|trigger| trigger.marker.as_deref() == Some(marker))
            .filter_map(|trigger| trigger.execution_id.as_deref())
            .collect();
        let mut listed = listed["items"].as_array()?.iter().filter_map(|item| item["execution_id"].as_str());
        listed.find(|execution| own.contains(execution)).map(str::to_owned)
    }
}

fn choice(status: &str, rng: &mut Rng) -> Option<Choice> {
    let (_, choices) = CHOICES.iter().find(|(known, _)| *known == status)?;
    let share = if status == "pending" { SHARE_PENDING } else { SHARE };
    rng.one_in(share).then(|| *rng.pick(choices))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tokio::time::Instant;

    use super::{CHOICES, Decided, MOST, RESPITE, choice};
    use crate::rng::Rng;

    #[test]
    fn every_act_comes_and_most_runs_under_way_are_left_alone() {
        let mut rng = Rng::seeded(7);
        let mut acts = BTreeSet::new();
        for (status, choices) in CHOICES {
            let chosen: Vec<_> = (0..1000).filter_map(|_| choice(status, &mut rng)).collect();
            assert!(chosen.len() < if status == "pending" { 150 } else { 600 });
            assert!(chosen.iter().all(|one| choices.contains(one)));
            acts.extend(chosen.iter().map(|one| one.0));
        }
        assert_eq!(acts.len(), 7);
        assert_eq!(choice("success", &mut rng), None);
    }

    #[test]
    fn a_run_is_left_alone_after_an_act_and_for_good_after_many() {
        let decided = Decided::default();
        let mut now = Instant::now();
        for times in 0..MOST {
            assert_eq!(decided.times("r1", now), Some(times));
            assert!(decided.claim("r1", times, now));
            assert!(!decided.claim("r1", times, now));
            assert_eq!(decided.times("r1", now), None);
            now += RESPITE;
        }
        assert_eq!(decided.times("r1", now), None);
        assert_eq!(decided.times("r2", now), Some(0));
    }
}
