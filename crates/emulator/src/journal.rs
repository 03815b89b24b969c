//! The data folder: an append-only log of executions, rewritten without the superfluous at start.

use std::{
    collections::{HashMap, VecDeque},
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::{
    execution::{Created, Execution, Finished},
    text::Text,
};

const FILE: &str = "executions.jsonl";

/// How many executions survive a restart; the oldest go first.
const KEPT: usize = 100_000;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Created(Created),
    Finished { id: String, ending: Finished },
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum LineRef<'a> {
    Created(&'a Created),
    Finished { id: &'a str, ending: &'a Finished },
}

/// Whoever has locked this file of the data folder may write there. The lock goes with the process.
const LOCK: &str = "lock";

/// The log, or nothing when the emulator keeps its state in memory only.
#[derive(Debug, Default)]
pub struct Journal {
    log: Option<Mutex<File>>,
    lock: Mutex<Option<File>>,
}

impl Journal {
    /// Opens the log in `folder` and returns the executions it holds, oldest first.
    ///
    /// # Errors
    /// When the folder cannot be made, read or written.
    pub fn open(folder: Option<&Path>) -> io::Result<(Self, Vec<Arc<Execution>>)> {
        let Some(folder) = folder else {
            return Ok((Self::default(), Vec::new()));
        };
        fs::create_dir_all(folder)?;
        let lock = locked(&folder.join(LOCK))?;
        let path = folder.join(FILE);
        let Log { executions, unread } = read(&path, KEPT)?;
        // One line torn by a kill is what this log is made for; more of them are somebody's data.
        if unread > 1 {
            let kept = path.with_extension("jsonl.unread");
            fs::copy(&path, &kept)?;
            tracing::warn!(
                lines = unread, file = %path.display(), copy = %kept.display(),
                "some lines are no executions; the file as it was is kept as a copy",
            );
        }
        compact(&path, &executions)?;
        let file = OpenOptions::new().append(true).open(&path)?;
        Ok((Self { log: Some(Mutex::new(file)), lock: Mutex::new(Some(lock)) }, executions))
    }

    /// Lets another emulator have the data folder.
    pub fn release(&self) {
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Notes a new execution.
    pub fn created(&self, execution: &Execution) {
        self.append(&LineRef::Created(&execution.created));
    }

    /// Notes how an execution ended.
    pub fn finished(&self, execution: &Execution) {
        if let Some(ending) = execution.finished() {
            let id = &execution.created.id;
            self.append(&LineRef::Finished { id, ending });
        }
    }

    /// A full disk must not end the emulator: what cannot be written is forgotten at the next start.
    fn append(&self, line: &LineRef<'_>) {
        let Some(file) = &self.log else { return };
        let written =
            to_line(line).and_then(|bytes| file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&bytes));
        if let Err(error) = written {
            tracing::warn!(%error, "an execution could not be written to the data folder");
        }
    }
}

fn locked(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => io::Error::other("another emulator uses it"),
        TryLockError::Error(error) => error,
    })?;
    Ok(file)
}

fn to_line(line: &LineRef<'_>) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// What a log holds.
#[derive(Default)]
struct Log {
    /// The newest, oldest first.
    executions: Vec<Arc<Execution>>,
    /// Lines that are none.
    unread: usize,
}

/// The newest `kept` executions. A line torn by a kill is skipped.
fn read(path: &Path, kept: usize) -> io::Result<Log> {
    let mut executions: VecDeque<Arc<Execution>> = VecDeque::new();
    let mut known: HashMap<Text, Arc<Execution>> = HashMap::new();
    let mut unread = 0;
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Log::default()),
        Err(error) => return Err(error),
    };
    for line in BufReader::new(file).split(b'\n') {
        match serde_json::from_slice(&line?) {
            Ok(Line::Created(created)) => {
                let execution = Arc::new(Execution::new(created));
                known.insert(execution.created.id.clone(), Arc::clone(&execution));
                executions.push_back(execution);
                if executions.len() > kept
                    && let Some(oldest) = executions.pop_front()
                {
                    known.remove(&oldest.created.id);
                }
            }
            Ok(Line::Finished { id, ending }) => {
                if let Some(execution) = known.get(&*id) {
                    execution.finish(ending);
                }
            }
            Err(error) => {
                unread += 1;
                tracing::debug!(%error, "skipped a line of the data folder");
            }
        }
    }
    Ok(Log { executions: executions.into(), unread })
}

fn compact(path: &Path, executions: &[Arc<Execution>]) -> io::Result<()> {
    let fresh: PathBuf = path.with_extension("jsonl.new");
    let mut out = BufWriter::new(File::create(&fresh)?);
    for execution in executions {
        out.write_all(&to_line(&LineRef::Created(&execution.created))?)?;
        if let Some(ending) = execution.finished() {
            let id = &execution.created.id;
            out.write_all(&to_line(&LineRef::Finished { id, ending })?)?;
        }
    }
    out.flush()?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write};

    use super::{Journal, read};

    #[test]
    fn a_folder_has_one_writer() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || Journal::open(Some(folder.path()));
        let (journal, _) = open().expect("a journal");
        let error = open().expect_err("it is taken");
        assert_eq!(error.to_string(), "another emulator uses it");
        journal.release();
        open().expect("it is free");
    }

    #[test]
    fn a_log_of_something_else_is_not_lost() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("executions.jsonl");
        let foreign = "somebody's\nown file\n";
        fs::write(&path, foreign).expect("written");
        let (_journal, executions) = Journal::open(Some(folder.path())).expect("a journal");
        assert!(executions.is_empty());
        assert_eq!(fs::read_to_string(&path).expect("the log"), "");
        let copy = folder.path().join("executions.jsonl.unread");
        assert_eq!(fs::read_to_string(copy).expect("a copy"), foreign);
    }

    #[test]
    fn only_the_newest_are_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let mut log = fs::File::create(&path).expect("a log");
        for number in 1..=5 {
            let created = serde_json::json!({ "created": {
                "id": format!("e{number}"), "number": number, "instance": "i", "workflow": "w", "trigger_id": "t",
                "payload": {}, "received_at": 0, "created_at": 0, "secret": "s", "runner": "demo",
            } });
            writeln!(log, "{created}").expect("written");
        }
        for id in ["e2", "e4"] {
            let ending = serde_json::json!({ "finished_at": 1, "duration": 1, "result": { "of": id } });
            writeln!(log, "{}", serde_json::json!({ "finished": { "id": id, "ending": ending } })).expect("written");
        }
        let kept = read(&path, 3).expect("read");
        let seen: Vec<_> = kept.executions.iter().map(|one| (one.created.number, one.status())).collect();
        assert_eq!(seen, [(3, "pending"), (4, "success"), (5, "pending")]);
    }
}
