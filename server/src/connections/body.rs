//! The bodies of requests and answers, as they tell how far they are.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{BoxError, body::Body as AxumBody};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use super::progress::Progress;

/// A request's body did not come in time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the body did not come in time")]
pub struct TooSlow;

/// A request's body, which has to be there in time once somebody wants it.
pub struct Receiving {
    inner: Incoming,
    progress: Arc<Progress>,
    wanted: Option<Wanted>,
}

struct Wanted {
    whole_by: Instant,
    late: Pin<Box<Sleep>>,
}

impl Receiving {
    pub fn new(inner: Incoming, progress: Arc<Progress>) -> Self {
        progress.asked(!inner.is_end_stream());
        Self { inner, progress, wanted: None }
    }
}

impl Body for Receiving {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let (now, wait) = (Instant::now(), this.progress.deadlines);
        let wanted = this.wanted.get_or_insert_with(|| {
            let whole_by = now + wait.body;
            Wanted { whole_by, late: Box::pin(sleep_until(whole_by.min(now + wait.silence))) }
        });
        match Pin::new(&mut this.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(_))) if now > wanted.whole_by => Poll::Ready(Some(Err(TooSlow.into()))),
            Poll::Ready(Some(Ok(frame))) => {
                wanted.late.as_mut().reset(wanted.whole_by.min(now + wait.silence));
                if this.inner.is_end_stream() {
                    this.progress.received();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(io::Error::other(error).into()))),
            Poll::Ready(None) => {
                this.progress.received();
                Poll::Ready(None)
            }
            Poll::Pending => wanted.late.as_mut().poll(context).map(|()| Some(Err(TooSlow.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body; its end is the request's.
pub struct Answering {
    inner: AxumBody,
    progress: Arc<Progress>,
}

impl Answering {
    pub fn new(inner: AxumBody, progress: Arc<Progress>) -> Self {
        Self { inner, progress }
    }
}

impl Body for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.progress.answered();
    }
}
