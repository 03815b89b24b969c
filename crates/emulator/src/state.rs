//! Everything one emulator knows.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
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
    files::Files,
    journal::Journal,
    ledger::Ledger,
    lock,
    n8n::N8n,
    read,
    switches::Switches,
    text::{Text, Texts},
    token,
    workflows::{Catalogue, Workflow},
    world::World,
};

/// How many executions stay in memory.
const KEPT: usize = 1_000_000;

/// How many of them keep their steps, which take more memory than all the rest.
const TRACED: usize = 100_000;

/// Shared by all requests and runs; cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Inner>);

/// The parts of a [`State`].
pub struct Inner {
    clock: Arc<dyn Clock>,
    pub world: RwLock<World>,
    pub catalogue: Catalogue,
    pub n8n: Option<N8n>,
    pub ledger: Ledger,
    pub faults: Faults,
    pub files: Files,
    pub switches: RwLock<Switches>,
    pub shutdown: CancellationToken,
    pub tasks: TaskTracker,
    /// Where clients reach this emulator; set once it listens.
    pub base_url: OnceLock<String>,
    pub texts: Texts,
    journal: Journal,
    executions: Mutex<Executions>,
}

#[derive(Default)]
struct Executions {
    by_number: BTreeMap<u64, Arc<Execution>>,
    numbers: HashMap<Text, u64>,
    /// Those that still have their steps, in the order they ended.
    traced: VecDeque<Arc<Execution>>,
}

/// What the data folder holds.
pub struct Kept {
    pub journal: Journal,
    pub files: Files,
    /// The executions of the journal, oldest first.
    pub past: Vec<Arc<Execution>>,
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
    /// A state that goes on with what was `kept`.
    pub fn new(
        clock: Arc<dyn Clock>,
        mut world: World,
        catalogue: Catalogue,
        n8n: Option<N8n>,
        switches: Switches,
        kept: Kept,
    ) -> Self {
        let Kept { journal, files, past } = kept;
        let ledger = Ledger::default();
        let mut executions = Executions::default();
        for execution in past {
            ledger.restore(&execution);
            world.mark_executed(&execution.created.instance, execution.created.created_at);
            executions.insert(Arc::clone(&execution));
            executions.trace(&execution, TRACED);
        }
        Self(Arc::new(Inner {
            clock,
            world: RwLock::new(world),
            catalogue,
            n8n,
            ledger,
            faults: Faults::default(),
            files,
            switches: RwLock::new(switches),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            base_url: OnceLock::new(),
            texts: Texts::default(),
            journal,
            executions: Mutex::new(executions),
        }))
    }

    /// Milliseconds since the Unix epoch, as far as this emulator knows: the skew switch moves them.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms() + read(&self.switches).clock_skew_ms
    }

    /// Creates an execution. It is readable when this returns; nobody carries it out yet.
    pub fn create(&self, new: NewExecution<'_>) -> Arc<Execution> {
        let mut executions = lock(&self.executions);
        let number = executions.by_number.last_key_value().map_or(1, |(last, _)| last + 1);
        let execution = Arc::new(Execution::new(Created {
            id: Uuid::now_v7().to_string().as_str().into(),
            number,
            instance: self.texts.share(new.instance),
            workflow: self.texts.share(&new.workflow.id),
            trigger_id: self.texts.share(&new.workflow.trigger_id(0)),
            payload: new.payload,
            received_at: new.received_at,
            created_at: self.now_ms(),
            secret: token().into(),
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
    pub fn finish(&self, execution: &Arc<Execution>, finished: Finished) -> bool {
        let first = execution.finish(finished);
        if first {
            self.journal.finished(execution);
            lock(&self.executions).trace(execution, TRACED);
        }
        first
    }

    /// Lets another emulator have the data folder; nothing may end any more.
    pub fn release(&self) {
        self.journal.release();
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

    /// Counts the steps of an execution that ended, and forgets those of the one that ended longest ago when
    /// more than `kept` have some. On the platform they expire too.
    fn trace(&mut self, execution: &Arc<Execution>, kept: usize) {
        if execution.finished().is_none_or(|finished| finished.trace.is_empty()) {
            return;
        }
        self.traced.push_back(Arc::clone(execution));
        if self.traced.len() > kept
            && let Some(finished) = self.traced.pop_front().as_ref().and_then(|oldest| oldest.finished())
        {
            finished.trace.forget();
        }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Executions;
    use crate::execution::{Created, Execution, Finished, Node, Runner, Trace};

    fn ended(number: u64) -> Arc<Execution> {
        let execution = Execution::new(Created {
            id: number.to_string().as_str().into(),
            number,
            instance: "i".into(),
            workflow: "w".into(),
            trigger_id: "t".into(),
            payload: Box::default(),
            received_at: 0,
            created_at: 0,
            secret: "s".into(),
            runner: Runner::Demo,
        });
        let node = Node {
            name: "Step".to_owned(),
            kind: "n8n-nodes-base.code".to_owned(),
            started_at: 0,
            took: 0,
            output: Vec::new(),
            error: None,
            sub: None,
        };
        execution.finish(Finished {
            finished_at: 0,
            duration: 0,
            n8n_execution_id: None,
            result: None,
            error: None,
            trace: Trace::of(&[node]),
        });
        Arc::new(execution)
    }

    #[test]
    fn the_steps_of_old_executions_are_forgotten_and_nothing_else() {
        let mut executions = Executions::default();
        let ended = [1, 2, 3].map(ended);
        for execution in &ended {
            executions.trace(execution, 2);
        }
        let steps = ended.each_ref().map(|execution| execution.finished().map(|end| end.trace.nodes().len()));
        assert_eq!(steps, [Some(0), Some(1), Some(1)]);
        assert_eq!(ended[0].status(), "success");
    }
}
