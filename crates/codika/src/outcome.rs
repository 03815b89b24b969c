//! What one trigger call came to. The rules decide whether a person may safely send again.

use std::time::{Duration, SystemTime};

use http::StatusCode;

use crate::{
    ExecutionId,
    answer::{self, Complaint},
    json::{self, Members},
    retry_after,
    text::Cleaner,
    transport::{Answer, Failure, Lost},
};

/// What is known after one `POST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TriggerOutcome {
    /// An execution exists.
    Accepted {
        execution_id: ExecutionId,
        /// The answer names an execution and yet calls itself a failure: watch it, and say so.
        warning: Option<String>,
        request_id: Option<String>,
    },
    /// Upstream refused; nothing was started.
    Rejected {
        status: u16,
        message: String,
        /// Upstream's code or `HTTP_<status>`. For logs; never branch on it.
        code: String,
        request_id: Option<String>,
        /// At most five minutes; only after a 429.
        retry_after: Option<Duration>,
    },
    /// Not one byte of the request was written: safe to send again.
    NotSent { reason: NotSentReason, detail: String },
    /// It may have started. Never send it again without a person's word.
    Unconfirmed {
        reason: UnconfirmedReason,
        /// `None` when no answer began.
        status: Option<u16>,
        /// For people and logs: capped, no control characters, no key.
        detail: String,
        request_id: Option<String>,
    },
}

/// Why nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSentReason {
    Dns,
    Connect,
    ConnectTimeout,
    Tls,
    /// No key is configured that may trigger.
    NoKey,
    /// The workflow id is no path segment.
    Unsendable,
    /// The payload passes [`Caps::request`](crate::Caps::request).
    PayloadTooLarge,
}

/// Why it cannot be told whether the run started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnconfirmedReason {
    Timeout,
    ConnectionLost,
    /// What came back was not HTTP, or not in the compression it claimed.
    Garbled,
    /// A 2xx that is not JSON. The excerpt is capped; show it as text.
    NotJson {
        excerpt: String,
    },
    /// A 2xx in JSON that names no execution.
    NoExecutionId,
    /// The execution id is not one path segment.
    BadExecutionId,
    /// 5xx, 408 or 425.
    ServerError {
        status: u16,
    },
    /// Not followed.
    Redirect {
        status: u16,
    },
    TooLarge,
}

/// The verdict over a complete answer.
pub(crate) fn judge(answer: &Answer, cleaner: &Cleaner) -> TriggerOutcome {
    let status = answer.status.as_u16();
    let text = json::text_of(&answer.body);
    let members = text.as_deref().and_then(Members::of);
    let complaint = Complaint::of(answer, members.as_ref(), cleaner);
    let unconfirmed = |reason, detail: String| TriggerOutcome::Unconfirmed {
        reason,
        status: Some(status),
        detail,
        request_id: complaint.request_id.clone(),
    };
    let rejected = || TriggerOutcome::Rejected {
        status,
        message: complaint.message.clone(),
        code: complaint.code.clone(),
        request_id: complaint.request_id.clone(),
        retry_after: (status == 429).then(|| retry_after::parse(&answer.headers, SystemTime::now())).flatten(),
    };

    if answer.status.is_redirection() {
        return unconfirmed(UnconfirmedReason::Redirect { status }, "a redirect, not followed".to_owned());
    }
    let says_failure = members.as_ref().is_some_and(|members| members.read("success") == Some(false));
    let named = members.as_ref().and_then(|members| named(members, answer.status.is_success() && !says_failure));
    if let Some(Ok(execution_id)) = named {
        let failure = says_failure || !answer.status.is_success();
        return TriggerOutcome::Accepted {
            execution_id,
            warning: failure.then(|| complaint.message.clone()),
            request_id: complaint.request_id,
        };
    }
    match status {
        408 | 425 | 500.. => unconfirmed(UnconfirmedReason::ServerError { status }, complaint.message.clone()),
        400..=499 => rejected(),
        _ if named.is_some() => {
            unconfirmed(UnconfirmedReason::BadExecutionId, "the execution id is unusable".to_owned())
        }
        _ if says_failure => rejected(),
        _ if text.is_none() => {
            let excerpt = cleaner.excerpt(&answer.body);
            unconfirmed(UnconfirmedReason::NotJson { excerpt }, "the answer was not JSON".to_owned())
        }
        _ => unconfirmed(UnconfirmedReason::NoExecutionId, "accepted, but no execution was named".to_owned()),
    }
}

/// The execution the answer names, if it can be used.
///
/// Sample code of the vendor also accepts `id`. In a failure that may be the id of anything.
fn named(members: &Members<'_>, plain_success: bool) -> Option<Result<ExecutionId, ()>> {
    let fallback = || members.raw("id").filter(|_| plain_success);
    let raw = members.raw("executionId").or_else(fallback)?;
    let text: Option<String> = serde_json::from_str(raw).ok();
    if !plain_success && text.as_deref() == Some("") {
        return None;
    }
    Some(text.ok_or(()).and_then(|text| ExecutionId::parse(text).map_err(|_| ())))
}

/// The verdict when no complete answer came.
pub(crate) fn judge_lost(lost: Lost) -> TriggerOutcome {
    let reason = match lost.failure {
        Failure::NotSent(reason) => {
            return TriggerOutcome::NotSent { reason, detail: lost.detail };
        }
        Failure::Timeout => UnconfirmedReason::Timeout,
        Failure::ConnectionLost => UnconfirmedReason::ConnectionLost,
        Failure::Garbled => UnconfirmedReason::Garbled,
        Failure::TooLarge => UnconfirmedReason::TooLarge,
    };
    let head = lost.status.map(|status: StatusCode| format!("{}, then ", answer::status_line(status)));
    TriggerOutcome::Unconfirmed {
        reason,
        status: lost.status.map(|status| status.as_u16()),
        detail: format!("{}{}", head.unwrap_or_default(), lost.detail),
        request_id: None,
    }
}
