//! Connections that can be reset on purpose.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// The handle a request has on the connection it came by.
#[derive(Debug, Clone, Default)]
pub struct Connection(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    /// No byte leaves any more.
    mute: AtomicBool,
    /// Closing sends RST instead of FIN.
    reset: AtomicBool,
}

impl Connection {
    /// Lets no further byte out: the connection ends instead of answering.
    pub fn mute(&self) {
        self.0.mute.store(true, Ordering::SeqCst);
    }

    /// Makes the end of the connection an RST.
    pub fn reset_on_close(&self) {
        self.0.reset.store(true, Ordering::SeqCst);
    }
}

/// Accepts connections and gives each one its handle.
pub struct Doorman(pub TcpListener);

impl Listener for Doorman {
    type Io = Watched;
    type Addr = Connection;

    async fn accept(&mut self) -> (Watched, Connection) {
        let (stream, _): (TcpStream, SocketAddr) = Listener::accept(&mut self.0).await;
        // Only latency suffers if this fails.
        let _ = stream.set_nodelay(true);
        let connection = Connection::default();
        let watched = Watched { stream, connection: connection.clone() };
        (watched, connection)
    }

    fn local_addr(&self) -> io::Result<Connection> {
        Ok(Connection::default())
    }
}

impl Connected<IncomingStream<'_, Doorman>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Doorman>) -> Self {
        stream.remote_addr().clone()
    }
}

/// A stream that obeys its [`Connection`].
pub struct Watched {
    stream: TcpStream,
    connection: Connection,
}

impl Watched {
    fn refused(&self) -> Option<io::Error> {
        let mute = self.connection.0.mute.load(Ordering::SeqCst);
        mute.then(|| io::Error::from(io::ErrorKind::ConnectionReset))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.connection.0.reset.load(Ordering::SeqCst) {
            // A connection that is gone already needs no reset.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.refused() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.refused() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.refused() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.stream).poll_shutdown(cx),
        }
    }
}
