//! The one write connection and the task that owns it.
//!
//! Writes that wait at the same time share one durable commit: a disk manages far fewer of those than
//! SQLite manages writes. Each has its own savepoint, so one that fails or panics takes nothing else with it, and
//! nobody is answered before the commit. A caller that goes away changes nothing.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
};

use futures::FutureExt;
use sqlx::{ConnectOptions, Connection, SqliteConnection, raw_sql, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::write::{BoxFuture, WriteError};

/// How many callers may wait before the next one has to.
const WAITING: usize = 1024;
/// How many writes share a commit at most.
const BATCH: usize = 128;

/// None once it is closed.
pub struct Writer(Mutex<Option<Open>>);

struct Open {
    jobs: mpsc::Sender<Box<dyn Job>>,
    task: JoinHandle<()>,
}

impl Writer {
    /// `connection` is the first one; after a failed transaction `options` give the next.
    pub fn start(options: SqliteConnectOptions, connection: SqliteConnection) -> Self {
        let (jobs, queue) = mpsc::channel(WAITING);
        let task = tokio::spawn(Task { options, connection: Some(connection), queue }.run());
        Self(Mutex::new(Some(Open { jobs, task })))
    }

    /// Runs `work` inside a transaction; `Ok` means that it is on the disk.
    pub async fn write<T, F>(&self, work: F) -> Result<T, WriteError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send + 'static,
    {
        let jobs = self.lock().as_ref().map(|open| open.jobs.clone()).ok_or(WriteError::Closed)?;
        let (answer, answered) = oneshot::channel();
        let job = Box::new(Write { work: Some(work), outcome: None, answer });
        jobs.send(job).await.map_err(|_| WriteError::Closed)?;
        answered.await.map_err(|_| WriteError::Closed)?
    }

    /// Waits until every write that was asked for is settled.
    pub async fn close(&self) {
        let Some(Open { jobs, task }) = self.lock().take() else {
            return;
        };
        drop(jobs);
        if let Err(error) = task.await {
            tracing::error!(%error, "the writing task of the database did not end well");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A write with its result type erased.
trait Job: Send {
    /// `false` when it failed and must be undone.
    fn run<'a>(&'a mut self, db: &'a mut SqliteConnection) -> BoxFuture<'a, bool>;
    fn answer(self: Box<Self>, committed: Result<(), Arc<sqlx::Error>>);
}

struct Write<T, F> {
    work: Option<F>,
    outcome: Option<Result<T, WriteError>>,
    answer: oneshot::Sender<Result<T, WriteError>>,
}

impl<T, F> Job for Write<T, F>
where
    T: Send,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send,
{
    fn run<'a>(&'a mut self, db: &'a mut SqliteConnection) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            if let Some(work) = self.work.take() {
                // What it leaves behind is the connection, and its savepoint puts that right.
                let done = AssertUnwindSafe(async { work(db).await }).catch_unwind().await;
                self.outcome = Some(done.map_or(Err(WriteError::Panicked), |done| done.map_err(WriteError::Refused)));
            }
            matches!(self.outcome, Some(Ok(_)))
        })
    }

    fn answer(self: Box<Self>, committed: Result<(), Arc<sqlx::Error>>) {
        let answer = match (self.outcome, committed) {
            (Some(Err(refused)), _) => Err(refused),
            (_, Err(failed)) => Err(WriteError::Transaction(failed)),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(WriteError::Closed),
        };
        // The caller may be gone; what it asked for is done all the same.
        drop(self.answer.send(answer));
    }
}

struct Task {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    queue: mpsc::Receiver<Box<dyn Job>>,
}

impl Task {
    async fn run(mut self) {
        while let Some(first) = self.queue.recv().await {
            let mut batch = vec![first];
            let committed = self.transaction(&mut batch).await.map_err(Arc::new);
            if let Err(error) = &committed {
                tracing::error!(%error, writes = batch.len(), "a transaction failed; nothing of it was written");
                // After a failed commit nobody knows the connection's state: the next batch gets a new one.
                self.connection = None;
            }
            for job in batch {
                job.answer(committed.clone());
            }
        }
        if let Some(connection) = self.connection
            && let Err(error) = connection.close().await
        {
            tracing::error!(%error, "the database did not close well");
        }
    }

    async fn transaction(&mut self, batch: &mut Vec<Box<dyn Job>>) -> Result<(), sqlx::Error> {
        let db = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(self.options.connect().await?),
        };
        raw_sql("BEGIN IMMEDIATE; SAVEPOINT job").execute(&mut *db).await?;
        while let Some(job) = batch.last_mut() {
            if !job.run(db).await {
                raw_sql("ROLLBACK TO job").execute(&mut *db).await?;
            }
            if batch.len() == BATCH {
                break;
            }
            let Ok(next) = self.queue.try_recv() else {
                break;
            };
            batch.push(next);
            raw_sql("RELEASE job; SAVEPOINT job").execute(&mut *db).await?;
        }
        raw_sql("COMMIT").execute(db).await?;
        Ok(())
    }
}
