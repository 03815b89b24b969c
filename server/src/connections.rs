//! Connections: how many there may be, and what each may take its time with.
//!
//! HTTP/1.1 only. Browsers speak nothing newer without TLS, which is not ours to end, and what HTTP/2 can be
//! abused for (streams opened and reset, endless headers) is not there at all.

mod body;
mod files;
mod open;
mod progress;
mod stream;

use std::{convert::Infallible, future::poll_fn, io, net::SocketAddr, pin::pin, sync::Arc, task::Poll, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, sleep_until},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

pub use body::TooSlow;
pub use files::{affordable, raise_open_files};

use body::{Answering, Receiving};
use open::{Full, Open, Place};
use progress::Deadlines;
use stream::Stream;

/// Connections that may be open at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    pub total: usize,
    /// Of one address; not of trusted proxies, and not of this machine, where proxies may stand that nobody named.
    pub per_address: usize,
}

/// What a connection keeps of what it reads, a request's head with it.
const BUFFER: usize = 64 * 1024;
/// How long nothing is accepted after the system had no file left.
const PAUSE: Duration = Duration::from_millis(100);
/// How often at most the log says that connections are turned away.
const SAID_AGAIN: Duration = Duration::from_secs(60);
/// For whoever is turned away, as far as it arrives.
const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 58\r\nretry-after: 5\r\n\
    connection: close\r\n\r\nToo many connections are open; try again in a few seconds.";

/// What all connections of a server share.
pub struct Server {
    router: Router,
    open: Arc<Open>,
    deadlines: Deadlines,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    pub fn new(router: Router, caps: Caps, proxies: Arc<[IpNet]>, stop: CancellationToken) -> Self {
        let open = Arc::new(Open::new(caps, proxies));
        Self { router, open, deadlines: Deadlines::default(), stop, tasks: TaskTracker::new() }
    }

    #[cfg(test)]
    fn with_deadlines(self, deadlines: Deadlines) -> Self {
        Self { deadlines, ..self }
    }

    /// Answers until it is told to stop, then until the last connection is over.
    pub async fn serve(self, listener: TcpListener) {
        let mut said = None;
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.stop.cancelled() => break,
            };
            match accepted {
                Ok((stream, peer)) => match self.open.enter(peer.ip(), self.deadlines) {
                    Ok(place) => self.attend(stream, peer, place),
                    Err(full) => {
                        // Fails only when the peer is gone already.
                        let _ = stream.try_write(BUSY);
                        say(&mut said, &full);
                    }
                },
                Err(error) if is_of_one_peer(&error) => {}
                Err(error) => {
                    // Out of files: whoever waits in vain gives theirs back.
                    self.open.evict_one();
                    tracing::error!(error = &error as &dyn std::error::Error, "no connection could be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        drop(listener);
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn attend(&self, stream: TcpStream, peer: SocketAddr, place: Place) {
        // Answers are written whole; waiting for more to send along only delays them. Fails when the peer is gone.
        let _ = stream.set_nodelay(true);
        self.tasks.spawn(connection(stream, peer, place, self.router.clone(), self.stop.clone()));
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, place: Place, router: Router, stop: CancellationToken) {
    let progress = place.progress().clone();
    let of_requests = progress.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let progress = of_requests.clone();
        let mut request = request.map(|body| Body::new(Receiving::new(body, progress.clone())));
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().oneshot(request);
        async move {
            let answering = answer.await?.map(|body| Body::new(Answering::new(body, progress)));
            Ok::<_, Infallible>(answering)
        }
    });
    // The deadlines are ours: hyper's own does not tell waiting for a request from waiting for the rest of one.
    let served = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Stream::new(stream, progress.clone())), service);
    let (mut served, mut stopping) = (pin!(served), pin!(stop.cancelled()));
    let (mut evicted, mut late) = (pin!(place.evicted()), pin!(sleep_until(Instant::now())));
    let mut told = false;
    poll_fn(|context| {
        if !told && stopping.as_mut().poll(context).is_ready() {
            told = true;
            progress.hurry();
            served.as_mut().graceful_shutdown();
        }
        if served.as_mut().poll(context).is_ready() || evicted.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let Some(deadline) = progress.deadline() else { return Poll::Pending };
        if late.deadline() != deadline {
            late.as_mut().reset(deadline);
        }
        late.as_mut().poll(context)
    })
    .await;
}

/// Peers that are gone before they were met are no trouble of ours.
fn is_of_one_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

fn say(said: &mut Option<Instant>, full: &Full) {
    if said.is_none_or(|at| at.elapsed() > SAID_AGAIN) {
        *said = Some(Instant::now());
        tracing::warn!("connections are turned away: {full}");
    }
}

#[cfg(test)]
mod tests;
