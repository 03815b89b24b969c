//! Stands between one dashboard and the emulator and notes which execution it asks about, and when. Or between
//! one dashboard and PostgreSQL, to cut it off.
//! Bytes, ends and resets of connections are passed on as they come.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    task::JoinHandle,
    time::Instant,
};

/// One question about one execution.
#[derive(Debug, Clone)]
pub struct Asked {
    pub execution: String,
    pub process: String,
    pub at: Instant,
}

#[derive(Default)]
struct Notes {
    process: String,
    asked: Vec<Asked>,
}

pub struct Relay {
    pub address: SocketAddr,
    notes: Arc<Mutex<Notes>>,
    /// Whether bytes get through.
    open: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Relay {
    /// # Errors
    /// When there is no free port.
    pub async fn start(upstream: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let notes: Arc<Mutex<Notes>> = Arc::default();
        let (open, gate) = watch::channel(true);
        let task = tokio::spawn({
            let notes = Arc::clone(&notes);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let process = lock(&notes).process.clone();
                    tokio::spawn(carry(stream, upstream, process, Arc::clone(&notes), gate.clone()));
                }
            }
        });
        Ok(Self { address, notes, open, task })
    }

    /// Nothing gets through any more.
    pub fn close(&self) {
        self.open.send_replace(false);
    }

    /// What waited gets through, and everything after it.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Whose connections come from now on.
    pub fn serves(&self, process: String) {
        lock(&self.notes).process = process;
    }

    /// Everything that was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.notes).asked.clone()
    }
}

fn lock(notes: &Mutex<Notes>) -> MutexGuard<'_, Notes> {
    notes.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn carry(
    mut dashboard: TcpStream,
    address: SocketAddr,
    process: String,
    notes: Arc<Mutex<Notes>>,
    mut gate: watch::Receiver<bool>,
) {
    // Without a gate the storm is over.
    let Ok(_) = gate.wait_for(|open| *open).await.map(drop) else { return };
    let Ok(mut upstream) = TcpStream::connect(address).await else { return };
    // Only latency suffers if this fails.
    let _ = (dashboard.set_nodelay(true), upstream.set_nodelay(true));
    let (dashboard_broke, upstream_broke) = {
        let (mut from_dashboard, mut to_dashboard) = dashboard.split();
        let (mut from_upstream, mut to_upstream) = upstream.split();
        let answers = pass_on(&mut from_upstream, &mut to_dashboard, gate.clone(), |_| {});
        let questions = pass_on(&mut from_dashboard, &mut to_upstream, gate.clone(), |bytes| {
            if let Some(execution) = asked_in(bytes) {
                lock(&notes).asked.push(Asked { execution, process: process.clone(), at: Instant::now() });
            }
        });
        tokio::pin!(answers, questions);
        tokio::select! {
            end = &mut answers => (false, end.is_err()),
            end = &mut questions => match end {
                // Nothing more is asked; what is under way is still answered.
                Ok(()) => (false, answers.await.is_err()),
                Err(_) => (true, false),
            },
        }
    };
    if upstream_broke {
        let _ = dashboard.set_zero_linger();
    }
    if dashboard_broke {
        let _ = upstream.set_zero_linger();
    }
}

/// Until the end of `from`; an error is a reset.
async fn pass_on(
    from: &mut ReadHalf<'_>,
    to: &mut WriteHalf<'_>,
    mut gate: watch::Receiver<bool>,
    mut seen: impl FnMut(&[u8]),
) -> std::io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        let _ = gate.wait_for(|open| *open).await;
        if length == 0 {
            // Whoever is gone needs no end.
            let _ = to.shutdown().await;
            return Ok(());
        }
        seen(&buffer[..length]);
        to.write_all(&buffer[..length]).await?;
    }
}

/// The execution of a status request; its head comes in one piece.
fn asked_in(bytes: &[u8]) -> Option<String> {
    let rest = bytes.strip_prefix(b"GET /")?;
    let end = rest.iter().position(|byte| matches!(byte, b' ' | b'?'))?;
    let path = std::str::from_utf8(&rest[..end]).ok()?;
    let (before, execution) = path.rsplit_once('/')?;
    let (before, _instance) = before.rsplit_once('/')?;
    (before.rsplit('/').next() == Some("status")).then(|| execution.to_owned())
}

#[cfg(test)]
mod tests {
    use super::asked_in;

    #[test]
    fn a_status_request_names_its_execution() {
        assert_eq!(asked_in(b"GET /status/inst/e-1 HTTP/1.1\r\nhost: x\r\n").as_deref(), Some("e-1"));
        for other in ["POST /webhook/a/b HTTP/1.1", "GET /skills/a/b HTTP/1.1", "GET /status/x HTTP/1.1", "", "GET /"] {
            assert_eq!(asked_in(other.as_bytes()), None, "{other}");
        }
    }
}
