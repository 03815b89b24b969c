//! One watcher asks Codika about every pending run, whoever looks at it.
//!
//! A due-time queue decides when, by what each workflow's earlier runs taught ([`crate::schedule`]); a gate per
//! environment decides whether Codika may be asked at all.

mod backoff;
mod gate;
mod notes;
mod plans;
mod poll;
mod words;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use model::{EnvSlug, Millis, RunId};
use tokio::{
    sync::{mpsc, oneshot},
    task::{Id, JoinError, JoinSet},
    time::{Duration, Instant},
};

use crate::{
    Engine,
    store::{Held, RunRow},
};

pub use gate::Gate;
pub use notes::Notes;
pub use plans::Plans;
use poll::Watched;
pub use words::{note as note_in_words, outage as outage_in_words};

enum Command {
    Watch(Box<Watched>),
    /// Forgets the run unless it was handed over again after this turn.
    Forget(RunId, Turn),
    /// Its environment has another key or client, or is gone: who waits for that is asked about now.
    Changed(EnvSlug),
    /// Which of these are not watched under their present lease.
    Unknown(Vec<Held>, oneshot::Sender<Vec<RunId>>),
}

/// A place in a run's life. Of two commands about one run the one with the later turn counts, in whichever order
/// they arrive.
///
/// The lease first: a run that others had meanwhile comes back with another lease, and often without any event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    lease: i64,
    /// The number of the event that caused the command.
    seq: i64,
}

impl Turn {
    pub fn of(row: &RunRow) -> Self {
        Self { lease: row.lease.epoch, seq: row.seq }
    }
}

/// Where runs are handed to the watcher and taken from it.
#[derive(Clone)]
pub struct WatcherHandle(mpsc::Sender<Command>);

impl WatcherHandle {
    /// Starts asking about this run; it has an execution id.
    pub async fn watch(&self, row: &RunRow, now: Millis) {
        if let Some(run) = Watched::new(row, now) {
            self.send(Command::Watch(Box::new(run))).await;
        }
    }

    /// Like [`Self::watch`] for a person who has asked for it: at once, and for the whole time again.
    pub async fn watch_anew(&self, row: &RunRow, now: Millis) {
        if let Some(run) = Watched::new(row, now) {
            self.send(Command::Watch(Box::new(run.anew()))).await;
        }
    }

    /// Stops asking about this run, unless it was handed over again after it was like this.
    pub async fn forget(&self, row: &RunRow) {
        self.send(Command::Forget(row.summary.id.clone(), Turn::of(row))).await;
    }

    /// Asks about the runs that wait because of this environment, as it is from now on.
    pub async fn environment_changed(&self, slug: EnvSlug) {
        self.send(Command::Changed(slug)).await;
    }

    /// Which of these pending runs of ours nobody watches.
    pub async fn unknown(&self, held: Vec<Held>) -> Vec<RunId> {
        let (answer, unknown) = oneshot::channel();
        self.send(Command::Unknown(held, answer)).await;
        unknown.await.unwrap_or_default()
    }

    async fn send(&self, command: Command) {
        // The watcher only stops together with the engine; the next start reads the runs again.
        let _ = self.0.send(command).await;
    }
}

/// A run in the queue.
struct Due {
    at: Instant,
    run: Watched,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}

pub struct Watcher {
    incoming: mpsc::Receiver<Command>,
    queue: BinaryHeap<Reverse<Due>>,
    /// The turn in which each run is watched; what the queue holds of other turns is void.
    turns: HashMap<RunId, Turn>,
    polls: JoinSet<Polled>,
    /// What is asked about at the moment, should the question panic.
    asking: HashMap<Id, Watched>,
}

/// A poll that has ended: the run, and how long to wait until the next one, if any.
type Polled = (Watched, Option<Duration>);

impl Watcher {
    pub fn new() -> (WatcherHandle, Self) {
        let (sender, incoming) = mpsc::channel(1_024);
        let watcher = Self {
            incoming,
            queue: BinaryHeap::new(),
            turns: HashMap::new(),
            polls: JoinSet::new(),
            asking: HashMap::new(),
        };
        (WatcherHandle(sender), watcher)
    }

    pub async fn run(mut self, engine: Engine) {
        let stop = engine.stopping().clone();
        loop {
            let next = self.queue.peek().map(|due| due.0.at);
            tokio::select! {
                () = stop.cancelled() => return,
                Some(command) = self.incoming.recv() => self.obey(&engine, command),
                Some(ended) = self.polls.join_next_with_id() => self.ended(&engine, ended),
                () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    self.ask(&engine);
                }
            }
        }
    }

    fn obey(&mut self, engine: &Engine, command: Command) {
        match command {
            Command::Watch(run) => {
                if self.turns.get(run.id()).is_some_and(|turn| *turn >= run.turn()) {
                    return;
                }
                self.turns.insert(run.id().clone(), run.turn());
                self.queue.push(Reverse(Due { at: Instant::now() + run.first_pause(engine), run: *run }));
            }
            Command::Forget(id, turn) => {
                if self.turns.get(&id).is_some_and(|watched| *watched <= turn) {
                    self.turns.remove(&id);
                    engine.inner.notes.put(&id, None);
                }
            }
            Command::Changed(slug) => {
                let gone = engine.env(&slug).is_err();
                let now = Instant::now();
                let hurried = |due: &mut Due| {
                    if *due.run.environment() == slug && (gone || due.run.is_refused()) {
                        due.at = now;
                    }
                };
                let mut all = std::mem::take(&mut self.queue).into_vec();
                all.iter_mut().for_each(|Reverse(due)| hurried(due));
                self.queue = all.into();
            }
            Command::Unknown(held, answer) => {
                let known = |held: &Held| self.turns.get(&held.run).is_some_and(|turn| turn.lease >= held.lease);
                let unknown = held.into_iter().filter(|held| !known(held)).map(|held| held.run).collect();
                // Whoever asked may be gone.
                drop(answer.send(unknown));
            }
        }
    }

    fn ask(&mut self, engine: &Engine) {
        let Some(Reverse(Due { mut run, .. })) = self.queue.pop() else {
            return;
        };
        if !self.is_current(&run) {
            return;
        }
        let (engine, before) = (engine.clone(), run.clone());
        let task = self.polls.spawn(async move {
            let wait = run.poll(&engine).await;
            (run, wait)
        });
        self.asking.insert(task.id(), before);
    }

    fn ended(&mut self, engine: &Engine, ended: Result<(Id, Polled), JoinError>) {
        match ended {
            Ok((task, (run, wait))) => {
                self.asking.remove(&task);
                self.requeue(engine, run, wait);
            }
            Err(error) => {
                tracing::error!(%error, "a poll panicked; its run is asked about again later");
                if let Some(mut run) = self.asking.remove(&error.id()) {
                    let wait = run.panicked();
                    self.requeue(engine, run, Some(wait));
                }
            }
        }
    }

    fn requeue(&mut self, engine: &Engine, run: Watched, wait: Option<Duration>) {
        if !self.is_current(&run) {
            tracing::warn!(run = %run.id(), "an answer came after its run had ended or had been handed on; it counts for nothing");
            return;
        }
        match wait {
            Some(wait) => self.queue.push(Reverse(Due { at: Instant::now() + wait, run })),
            None => {
                self.turns.remove(run.id());
                engine.inner.notes.put(run.id(), None);
            }
        }
    }

    fn is_current(&self, run: &Watched) -> bool {
        self.turns.get(run.id()) == Some(&run.turn())
    }
}
