//! A peer's stream that tells what moves on it.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::progress::Progress;

/// How much of what nobody wants a peer is let send.
const HEARD_OUT: usize = 32_000_000;

pub struct Stream {
    inner: TcpStream,
    progress: Arc<Progress>,
    closing: Closing,
}

enum Closing {
    Open,
    /// Bytes that were forgotten.
    HearingOut(usize),
}

impl Stream {
    pub fn new(inner: TcpStream, progress: Arc<Progress>) -> Self {
        Self { inner, progress, closing: Closing::Open }
    }

    fn noted<T>(&self, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match &written {
            Poll::Pending => self.progress.stuck(),
            Poll::Ready(_) => self.progress.wrote(),
        }
        written
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, into))?;
        if into.filled().len() > before {
            self.progress.heard();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.noted(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(context, parts);
        self.noted(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    /// Whoever is still sending has to be heard out, or the connection breaks before the answer is read.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut heard = match self.closing {
            Closing::HearingOut(heard) => heard,
            Closing::Open => {
                ready!(Pin::new(&mut self.inner).poll_shutdown(context))?;
                if !self.progress.closed() {
                    return Poll::Ready(Ok(()));
                }
                0
            }
        };
        while heard < HEARD_OUT {
            self.closing = Closing::HearingOut(heard);
            let mut bytes = [0; 8 * 1024];
            let mut into = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.inner).poll_read(context, &mut into))?;
            if into.filled().is_empty() {
                break;
            }
            heard += into.filled().len();
        }
        Poll::Ready(Ok(()))
    }
}
