//! One watcher asks Codika about every pending run, whoever looks at it.
//!
//! A due-time queue decides when; at most `Limits::polls` questions are under way at once.

mod poll;
mod schedule;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    sync::Arc,
};

use model::RunId;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::{Duration, Instant},
};

use crate::{Engine, Limits, store::RunRow};

use poll::Watched;

enum Command {
    Watch(Watched),
    Forget(RunId),
}

/// Where runs are handed to the watcher and taken from it.
#[derive(Clone)]
pub struct WatcherHandle(mpsc::Sender<Command>);

impl WatcherHandle {
    /// Starts asking about this run; it has an execution id.
    pub async fn watch(&self, row: RunRow) {
        if let Some(run) = Watched::new(row) {
            self.send(Command::Watch(run)).await;
        }
    }

    pub async fn forget(&self, id: RunId) {
        self.send(Command::Forget(id)).await;
    }

    async fn send(&self, command: Command) {
        // The watcher only stops together with the engine; the next start reads the runs again.
        let _ = self.0.send(command).await;
    }
}

/// A run in the queue. `turn` tells a run that was resumed from its former self.
struct Due {
    at: Instant,
    turn: u64,
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
    calls: Arc<Semaphore>,
    queue: BinaryHeap<Reverse<Due>>,
    turns: HashMap<RunId, u64>,
    turn: u64,
}

/// A poll that has ended: the run, and how long to wait until the next one, if any.
type Polled = (u64, Watched, Option<Duration>);

impl Watcher {
    pub fn new(limits: Limits) -> (WatcherHandle, Self) {
        let (sender, incoming) = mpsc::channel(1_024);
        let watcher = Self {
            incoming,
            calls: Arc::new(Semaphore::new(limits.polls)),
            queue: BinaryHeap::new(),
            turns: HashMap::new(),
            turn: 0,
        };
        (WatcherHandle(sender), watcher)
    }

    pub async fn run(mut self, engine: Engine) {
        let mut polls: JoinSet<Polled> = JoinSet::new();
        let stop = engine.stopping().clone();
        loop {
            let next = self.queue.peek().map(|due| due.0.at);
            tokio::select! {
                () = stop.cancelled() => return,
                Some(command) = self.incoming.recv() => self.obey(&engine, command),
                Some(ended) = polls.join_next(), if !polls.is_empty() => match ended {
                    Ok(polled) => self.requeue(polled),
                    Err(error) => tracing::error!(%error, "a poll panicked; a restart watches its run again"),
                },
                () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    if let Some(Reverse(due)) = self.queue.pop()
                        && self.turns.get(due.run.id()) == Some(&due.turn)
                    {
                        polls.spawn(ask(engine.clone(), self.calls.clone(), due));
                    }
                }
            }
        }
    }

    fn obey(&mut self, engine: &Engine, command: Command) {
        match command {
            Command::Watch(run) => {
                self.turn += 1;
                self.turns.insert(run.id().clone(), self.turn);
                let at = Instant::now() + schedule::delay(engine.now() - run.accepted_at());
                self.queue.push(Reverse(Due { at, turn: self.turn, run }));
            }
            Command::Forget(id) => {
                self.turns.remove(&id);
            }
        }
    }

    fn requeue(&mut self, (turn, run, wait): Polled) {
        if self.turns.get(run.id()) != Some(&turn) {
            return;
        }
        match wait {
            Some(wait) => self.queue.push(Reverse(Due { at: Instant::now() + wait, turn, run })),
            None => {
                self.turns.remove(run.id());
            }
        }
    }
}

async fn ask(engine: Engine, calls: Arc<Semaphore>, due: Due) -> Polled {
    let Due { turn, mut run, .. } = due;
    let wait = match calls.acquire().await {
        Ok(_permit) => run.poll(&engine).await,
        Err(_) => None,
    };
    (turn, run, wait)
}
