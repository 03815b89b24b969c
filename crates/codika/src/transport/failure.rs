use std::{error::Error, fmt::Write as _, io};

use http::StatusCode;

use crate::NotSentReason;

/// An exchange without a complete answer.
#[derive(Debug)]
pub(crate) struct Lost {
    pub failure: Failure,
    /// Known once the head of the answer was read.
    pub status: Option<StatusCode>,
    /// The causes, for logs: no URL, no header.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Not one byte of the request was written.
    NotSent(NotSentReason),
    Timeout,
    ConnectionLost,
    /// What came back was not HTTP, or not in the compression it claimed.
    Garbled,
    TooLarge,
}

impl Lost {
    pub fn new(error: &reqwest::Error, status: Option<StatusCode>, https: bool) -> Self {
        Self { failure: classify(error, https), status, detail: causes(error) }
    }
}

fn classify(error: &reqwest::Error, https: bool) -> Failure {
    if error.is_builder() {
        return Failure::NotSent(NotSentReason::Unsendable);
    }
    if error.is_connect() {
        return Failure::NotSent(connecting(error, https));
    }
    if error.is_timeout() {
        return Failure::Timeout;
    }
    let garbled = find(error, |cause| {
        let corrupt = io_kind(cause) == Some(io::ErrorKind::InvalidData);
        let not_http = cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse);
        corrupt || not_http
    });
    if garbled { Failure::Garbled } else { Failure::ConnectionLost }
}

fn connecting(error: &reqwest::Error, https: bool) -> NotSentReason {
    if error.is_dns() {
        return NotSentReason::Dns;
    }
    // A handshake that is cut off has no TLS error inside, only an early end.
    let handshake = |cause: &(dyn Error + 'static)| {
        cause.is::<rustls::Error>()
            || https && matches!(io_kind(cause), Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData))
    };
    if find(error, handshake) {
        NotSentReason::Tls
    } else if error.is_timeout() {
        NotSentReason::ConnectTimeout
    } else {
        NotSentReason::Connect
    }
}

fn io_kind(cause: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    cause.downcast_ref::<io::Error>().map(io::Error::kind)
}

/// Whether any cause fits.
fn find(error: &(dyn Error + 'static), fits: impl Fn(&(dyn Error + 'static)) -> bool) -> bool {
    let mut next = Some(error);
    while let Some(cause) = next {
        if fits(cause) {
            return true;
        }
        next = inside(cause);
    }
    false
}

/// `source()` of an I/O error skips the error it wraps.
fn inside<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => cause.source(),
    }
}

/// The messages below the HTTP client's own, which would repeat the URL.
fn causes(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut last = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let message = cause.to_string();
        // Wrappers often repeat what they wrap.
        if !last.contains(&message) {
            let separator = if text.is_empty() { "" } else { ": " };
            let _infallible = write!(text, "{separator}{message}");
            last = message;
        }
        next = cause.source();
    }
    if text.is_empty() { "the HTTP client gave no cause".to_owned() } else { text }
}
