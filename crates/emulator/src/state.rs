//! Everything one emulator knows.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Deref,
    sync::{Arc, Mutex, OnceLock, RwLock},
};

use serde_json::value::RawValue;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    clock::Clock,
    execution::{Created, Execution, Finished, Runner},
    faults::Faults,
    journal::Journal,
    ledger::Ledger,
    lock,
    n8n::N8n,
    switches::Switches,
    token,
    workflows::{Catalogue, Workflow},
    world::World,
};

/// How many executions stay in memory. More than a client under load can have in flight, so that none is
/// forgotten before its end was read.
const KEPT: usize = 100_000;

/// Shared by all requests and runs; cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Inner>);

/// The parts of a [`State`].
pub struct Inner {
    pub clock: Arc<dyn Clock>,
    pub world: RwLock<World>,
    pub catalogue: Catalogue,
    pub n8n: Option<N8n>,
    pub ledger: Ledger,
    pub faults: Faults,
    pub switches: RwLock<Switches>,
    pub shutdown: CancellationToken,
    pub tasks: TaskTracker,
    /// Where clients reach this emulator; set once it listens.
    pub base_url: OnceLock<String>,
    journal: Journal,
    executions: Mutex<Executions>,
}

#[derive(Default)]
struct Executions {
    by_number: BTreeMap<u64, Arc<Execution>>,
    numbers: HashMap<String, u64>,
}

/// A trigger that was accepted.
pub struct NewExecution<'a> {
    pub instance: &'a str,
    pub workflow: &'a Workflow,
    pub payload: Box<RawValue>,
    /// Milliseconds since the Unix epoch.
    pub received_at: i64,
    pub runner: Runner,
}

impl Deref for State {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl State {
    /// A state that goes on with the `past` executions of a journal.
    pub fn new(
        clock: Arc<dyn Clock>,
        mut world: World,
        catalogue: Catalogue,
        n8n: Option<N8n>,
        switches: Switches,
        journal: Journal,
        past: Vec<Arc<Execution>>,
    ) -> Self {
        let ledger = Ledger::default();
        let mut executions = Executions::default();
        for execution in past {
            ledger.restore(&execution);
            world.mark_executed(&execution.created.instance, execution.created.created_at);
            executions.insert(execution);
        }
        Self(Arc::new(Inner {
            clock,
            world: RwLock::new(world),
            catalogue,
            n8n,
            ledger,
            faults: Faults::default(),
            switches: RwLock::new(switches),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            base_url: OnceLock::new(),
            journal,
            executions: Mutex::new(executions),
        }))
    }

    /// Creates an execution. It is readable when this returns; nobody carries it out yet.
    pub fn create(&self, new: NewExecution<'_>) -> Arc<Execution> {
        let mut executions = lock(&self.executions);
        let number = executions.by_number.last_key_value().map_or(1, |(last, _)| last + 1);
        let execution = Arc::new(Execution::new(Created {
            id: Uuid::now_v7().to_string(),
            number,
            instance: new.instance.to_owned(),
            workflow: new.workflow.id.clone(),
            trigger_id: new.workflow.trigger_id(0),
            payload: new.payload,
            received_at: new.received_at,
            created_at: self.clock.now_ms(),
            secret: token(),
            runner: new.runner,
        }));
        executions.insert(Arc::clone(&execution));
        executions.evict();
        drop(executions);
        self.journal.created(&execution);
        let created = &execution.created;
        crate::write(&self.world).mark_executed(&created.instance, created.created_at);
        execution
    }

    /// Ends an execution; `false` if it had ended before.
    pub fn finish(&self, execution: &Execution, finished: Finished) -> bool {
        let first = execution.finish(finished);
        if first {
            self.journal.finished(execution);
        }
        first
    }

    /// The execution with this id, whatever its instance.
    #[must_use]
    pub fn execution(&self, id: &str) -> Option<Arc<Execution>> {
        let executions = lock(&self.executions);
        let number = executions.numbers.get(id)?;
        executions.by_number.get(number).cloned()
    }

    /// At most `limit` executions that `wanted` accepts, newest first.
    pub fn newest(&self, limit: usize, wanted: impl Fn(&Execution) -> bool) -> Vec<Arc<Execution>> {
        lock(&self.executions)
            .by_number
            .values()
            .rev()
            .filter(|execution| wanted(execution))
            .take(limit)
            .cloned()
            .collect()
    }
}

impl Executions {
    fn insert(&mut self, execution: Arc<Execution>) {
        let created = &execution.created;
        self.numbers.insert(created.id.clone(), created.number);
        self.by_number.insert(created.number, execution);
    }

    /// Forgets the oldest finished execution when there are too many; pending ones are never forgotten.
    fn evict(&mut self) {
        const LOOKED_AT: usize = 64;
        if self.by_number.len() <= KEPT {
            return;
        }
        let oldest = self.by_number.iter().take(LOOKED_AT);
        let victim = oldest
            .filter(|(_, execution)| execution.finished().is_some())
            .map(|(number, execution)| (*number, execution.created.id.clone()))
            .next();
        if let Some((number, id)) = victim {
            self.by_number.remove(&number);
            self.numbers.remove(&id);
        }
    }
}
