use std::{fmt, time::Duration};

use crate::{
    NotSentReason,
    transport::{Failure, Lost},
};

/// A call other than a trigger that brought nothing usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct CallError {
    pub kind: CallErrorKind,
    /// Upstream's words or the cause: at most 2,000 characters, no control characters, no key.
    pub message: String,
    /// Upstream's code, else `HTTP_<status>`, else `NO_ANSWER`. For logs; never branch on it.
    pub code: String,
    pub request_id: Option<String>,
    /// `None` when no answer began.
    pub status: Option<u16>,
    /// Whether the platform itself answered, in JSON: a 403 or 404 page of a proxy says nothing
    /// about keys and executions.
    pub from_api: bool,
}

/// What kind of failure it is, told from the HTTP status or the network alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallErrorKind {
    /// The call needs a key that is not configured; nothing was sent.
    KeyMissing,
    /// 401
    KeyRejected,
    /// 403: a scope is missing, or the instance is not shared with the key's owner.
    Forbidden,
    /// 404
    NotFound,
    /// 412: paused, archived, or not deployed.
    Inactive,
    /// 429. The wait is at most five minutes; `None` when upstream named none that is usable.
    RateLimited {
        retry_after: Option<Duration>,
    },
    /// Any other 4xx, or `success: false` under a 2xx.
    Refused,
    /// 5xx, 408, 425
    Server,
    Timeout,
    /// No connection, or one that broke.
    Unreachable,
    /// No trusted connection. It is never made without trust.
    Tls,
    /// A 2xx that is not a JSON object.
    NotJson,
    /// The answer passes the configured cap.
    TooLarge,
    /// A redirect, something that is not HTTP, or JSON without the documented members.
    Protocol,
    /// An argument that cannot be sent, such as an id that is no path segment.
    Argument,
}

impl CallErrorKind {
    /// Whether the same call may well succeed later with nothing changed on this side.
    pub fn is_transient(self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Server
            | Self::Timeout
            | Self::Unreachable
            | Self::Tls
            | Self::NotJson
            | Self::Protocol => true,
            Self::KeyMissing
            | Self::KeyRejected
            | Self::Forbidden
            | Self::NotFound
            | Self::Inactive
            | Self::Refused
            | Self::TooLarge
            | Self::Argument => false,
        }
    }
}

impl fmt::Display for CallErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyMissing => "no key for this call",
            Self::KeyRejected => "key rejected",
            Self::Forbidden => "access denied",
            Self::NotFound => "not found",
            Self::Inactive => "instance not active",
            Self::RateLimited { .. } => "too many requests",
            Self::Refused => "refused",
            Self::Server => "temporarily unavailable",
            Self::Timeout => "timed out",
            Self::Unreachable => "unreachable",
            Self::Tls => "TLS failed",
            Self::NotJson => "not JSON",
            Self::TooLarge => "answer too large",
            Self::Protocol => "unexpected answer",
            Self::Argument => "cannot be sent",
        })
    }
}

impl From<Lost> for CallError {
    fn from(lost: Lost) -> Self {
        let kind = match lost.failure {
            Failure::NotSent(NotSentReason::NoKey) => CallErrorKind::KeyMissing,
            Failure::NotSent(NotSentReason::Tls) => CallErrorKind::Tls,
            Failure::NotSent(NotSentReason::ConnectTimeout) | Failure::Timeout => CallErrorKind::Timeout,
            Failure::NotSent(NotSentReason::Unsendable | NotSentReason::PayloadTooLarge) => CallErrorKind::Argument,
            Failure::NotSent(NotSentReason::Dns | NotSentReason::Connect) | Failure::ConnectionLost => {
                CallErrorKind::Unreachable
            }
            Failure::Garbled => CallErrorKind::Protocol,
            Failure::TooLarge => CallErrorKind::TooLarge,
        };
        let status = lost.status.map(|status| status.as_u16());
        Self {
            kind,
            message: lost.detail,
            code: status.map_or_else(|| "NO_ANSWER".to_owned(), |status| format!("HTTP_{status}")),
            request_id: None,
            status,
            from_api: false,
        }
    }
}
