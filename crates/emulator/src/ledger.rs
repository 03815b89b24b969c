//! What the emulator was asked for: the evidence that tests reconcile with.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Value, json, value::RawValue};

use crate::{clock::iso, execution::Execution, lock, text::Text};

/// Older entries are dropped; the counts go on.
const KEPT: usize = 1_000_000;

/// One trigger request, whatever became of it.
#[derive(Debug)]
pub struct Entry {
    /// Milliseconds since the Unix epoch.
    pub received_at: i64,
    pub instance: Text,
    pub workflow: Text,
    /// What was sent, if it was read and is JSON.
    pub payload: Mutex<Option<Box<RawValue>>>,
    /// The execution it created, if it did.
    pub execution: std::sync::OnceLock<Arc<Execution>>,
}

impl Entry {
    /// As `/_emulator/ledger` shows it.
    #[must_use]
    pub fn view(&self) -> Value {
        let execution = self.execution.get();
        let payload = match execution {
            Some(execution) => serde_json::to_value(&execution.created.payload).ok(),
            None => lock(&self.payload).as_ref().and_then(|raw| serde_json::to_value(raw).ok()),
        };
        json!({
            "execution_id": execution.map(|execution| &execution.created.id),
            "process_instance_id": self.instance,
            "workflow": self.workflow,
            "payload": payload,
            "received_at": iso(self.received_at),
            "finished_at": execution
                .and_then(|execution| execution.finished())
                .map(|finished| iso(finished.finished_at)),
            "status": execution.map(|execution| execution.status()),
            "result_sha256": execution.and_then(|execution| execution.result_sha256()),
        })
    }
}

/// All trigger requests and the number of polls.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Mutex<VecDeque<Arc<Entry>>>,
    triggers: AtomicU64,
    polls: AtomicU64,
}

impl Ledger {
    /// Notes a trigger request the moment its head was read.
    pub fn trigger(&self, received_at: i64, instance: Text, workflow: Text) -> Arc<Entry> {
        self.triggers.fetch_add(1, Ordering::Relaxed);
        let entry = Arc::new(Entry {
            received_at,
            instance,
            workflow,
            payload: Mutex::new(None),
            execution: std::sync::OnceLock::new(),
        });
        let mut entries = lock(&self.entries);
        if entries.len() >= KEPT {
            entries.pop_front();
        }
        entries.push_back(Arc::clone(&entry));
        entry
    }

    /// Puts back the entry of an execution that an earlier process created.
    pub fn restore(&self, execution: &Arc<Execution>) {
        let created = &execution.created;
        let entry = self.trigger(created.received_at, created.instance.clone(), created.workflow.clone());
        // The cell of a fresh entry is empty.
        let _ = entry.execution.set(Arc::clone(execution));
    }

    /// Notes a status request.
    pub fn poll(&self) {
        self.polls.fetch_add(1, Ordering::Relaxed);
    }

    /// `{"triggers": […], "counts": {…}}`, oldest first, at most the newest `limit`.
    #[must_use]
    pub fn view(&self, limit: usize) -> Value {
        let entries: Vec<_> = {
            let entries = lock(&self.entries);
            let skipped = entries.len().saturating_sub(limit);
            entries.iter().skip(skipped).cloned().collect()
        };
        json!({
            "triggers": entries.iter().map(|entry| entry.view()).collect::<Vec<_>>(),
            "counts": {
                "triggers": self.triggers.load(Ordering::Relaxed),
                "polls": self.polls.load(Ordering::Relaxed),
            },
        })
    }
}
