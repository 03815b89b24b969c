//! What trouble means, in words for the person who ran the workflow.

use std::time::Duration;

use codika::{CallError, CallErrorKind, NotSentReason, UnconfirmedReason, wire::ErrorDetails};
use model::{Doubt, EnvSlug, ErrorKind, RunError, RunStatus, RunSummary};

fn error(kind: ErrorKind, message: impl Into<String>, hint: &str) -> RunError {
    RunError { kind, message: message.into(), hint: hint.to_owned(), request_id: None, failed_node: None, detail: None }
}

pub fn rejected(status: u16, words: String) -> RunError {
    let (kind, message, hint) = match status {
        401 => (
            ErrorKind::KeyRejected,
            "Key rejected: Codika does not accept the key of this environment.",
            "Nothing was started. The key may have been replaced or have expired: an administrator has to set a valid key.",
        ),
        403 => (
            ErrorKind::NoAccess,
            "Key rejected: the key of this environment has no access to this workflow.",
            "Nothing was started. An administrator has to check the key's scopes and the process instance id.",
        ),
        404 => (
            ErrorKind::NotFound,
            "Codika does not know this workflow.",
            "Nothing was started. It may have been renamed or removed, or the process instance id is wrong.",
        ),
        412 => (
            ErrorKind::NotActive,
            "The process instance at Codika is not active.",
            "Nothing was started. It may be paused or miss an integration: activate it at Codika, then run again.",
        ),
        429 => (
            ErrorKind::RateLimited,
            "Codika takes no more runs for the moment.",
            "Nothing was started. Wait a moment, then run again.",
        ),
        _ => (
            ErrorKind::BadRequest,
            "Codika refused the run.",
            "Nothing was started. Codika's own words are below; correct the input or ask the workflow's author.",
        ),
    };
    RunError { detail: Some(words), ..error(kind, message, hint) }
}

pub fn not_sent(reason: NotSentReason, detail: String) -> RunError {
    let (kind, message, hint) = match reason {
        NotSentReason::Tls => (
            ErrorKind::Unreachable,
            "TLS failed: the connection to Codika could not be trusted.",
            "Nothing was sent. An administrator has to check the certificate and the base URL; then it is safe to send it.",
        ),
        NotSentReason::NoKey => (
            ErrorKind::KeyRejected,
            "This environment has no key that can start workflows.",
            "Nothing was sent. An administrator has to set a key; then it is safe to send it.",
        ),
        NotSentReason::PayloadTooLarge | NotSentReason::Unsendable => {
            return RunError { detail: Some(detail), ..unsendable() };
        }
        NotSentReason::Dns | NotSentReason::Connect | NotSentReason::ConnectTimeout => {
            (ErrorKind::Unreachable, "Codika could not be reached.", "Nothing was sent, so it is safe to send it now.")
        }
    };
    RunError { detail: Some(detail), ..error(kind, message, hint) }
}

pub fn unconfirmed(reason: &UnconfirmedReason, detail: String) -> RunError {
    let (kind, message) = match reason {
        UnconfirmedReason::Timeout => (ErrorKind::Timeout, "Codika did not answer in time."),
        UnconfirmedReason::ConnectionLost => (ErrorKind::ConnectionLost, "The connection to Codika broke."),
        UnconfirmedReason::ServerError { .. } => {
            (ErrorKind::UpstreamError, "Codika answered with an error of its own.")
        }
        UnconfirmedReason::NoExecutionId => {
            (ErrorKind::NoExecutionId, "Codika accepted the run but did not say under which id.")
        }
        UnconfirmedReason::Redirect { .. }
        | UnconfirmedReason::NotJson { .. }
        | UnconfirmedReason::Garbled
        | UnconfirmedReason::TooLarge
        | UnconfirmedReason::BadExecutionId => {
            (ErrorKind::UnreadableAnswer, "The answer could not be understood as one of Codika's.")
        }
    };
    let detail = match reason {
        UnconfirmedReason::NotJson { excerpt } => format!("{detail}:\n{excerpt}"),
        _ => detail,
    };
    RunError { detail: Some(detail).filter(|detail| !detail.is_empty()), ..error(kind, message, MAY_HAVE_STARTED) }
}

const MAY_HAVE_STARTED: &str = "The run may have started all the same. Look at the executions of this workflow at \
                                Codika before you run it again; nothing is sent again by itself.";

pub fn interrupted() -> RunError {
    error(ErrorKind::Interrupted, "The dashboard stopped while it was sending this run.", MAY_HAVE_STARTED)
}

pub fn broke_off() -> RunError {
    error(ErrorKind::Interrupted, "The dashboard broke off while it was sending this run.", MAY_HAVE_STARTED)
}

pub fn no_environment(slug: &EnvSlug) -> RunError {
    error(
        ErrorKind::Unreachable,
        format!("The environment “{slug}” is not set up any more."),
        "Nothing was sent. When an administrator has set it up again it is safe to send it.",
    )
}

pub fn environment_disabled(slug: &EnvSlug) -> RunError {
    error(
        ErrorKind::Unreachable,
        format!("The environment “{slug}” is disabled."),
        "Nothing was sent. When an administrator has enabled it again it is safe to send it.",
    )
}

pub fn lease_over() -> RunError {
    error(
        ErrorKind::Unreachable,
        "The dashboard lost its database before it sent this run.",
        "Nothing was sent. It is safe to send it now.",
    )
}

pub fn never_begun() -> RunError {
    error(
        ErrorKind::Unreachable,
        "The dashboard stopped before it sent this run.",
        "Nothing was sent. It is safe to send it now.",
    )
}

pub fn not_stored() -> RunError {
    error(
        ErrorKind::Unreachable,
        "The database broke off while this run was stored.",
        "Nothing was sent. It is safe to send it now.",
    )
}

pub fn unsendable() -> RunError {
    error(
        ErrorKind::BadRequest,
        "The input cannot be sent to Codika as it is.",
        "Nothing was sent. Run again with another input.",
    )
}

pub fn already_tracked(execution_id: &str) -> RunError {
    RunError {
        detail: Some(format!("Execution {execution_id}")),
        ..error(
            ErrorKind::AlreadyTracked,
            "Codika answered with an execution that already belongs to another run.",
            MAY_HAVE_STARTED,
        )
    }
}

pub fn said_not_started(who: &str) -> RunError {
    error(
        ErrorKind::Unreachable,
        format!("{who} checked with Codika and says that this run did not start."),
        "You can send it again.",
    )
}

pub fn workflow_failed(details: Option<&ErrorDetails>) -> RunError {
    let known = details.and_then(|details| details.kind.as_deref());
    let hint = match known {
        Some("validation_error") => "The workflow did not accept the input. Correct it and run again.",
        Some("external_api_error") => {
            "A service that the workflow calls did not play along. It may work later: run again, or ask the workflow's author."
        }
        Some("timeout") => "A step took too long. Try a smaller input, or run again later.",
        _ => "A step of the workflow failed. Ask the workflow's author if it happens again with the same input.",
    };
    let message = details.and_then(|details| details.message.clone()).filter(|message| !message.trim().is_empty());
    RunError {
        failed_node: details.and_then(|details| details.failed_node_name.clone()),
        detail: details.and_then(|details| details.code.clone()).map(|code| format!("Code {code}")),
        ..error(
            ErrorKind::WorkflowFailed,
            message.unwrap_or_else(|| "The workflow reported an error without saying which.".to_owned()),
            hint,
        )
    }
}

pub fn watch_limit(limit: Duration) -> RunError {
    error(
        ErrorKind::WatchLimit,
        format!("No answer within {}.", words(limit)),
        "The run is probably stuck: often the workflow has no Submit Result step on the path it took. It has not failed; \
         you can look again at any time.",
    )
}

fn words(limit: Duration) -> String {
    match limit.as_secs() {
        60 => "a minute".to_owned(),
        seconds @ 0..60 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds / 60),
    }
}

pub fn unknown_execution(upstream: &CallError) -> RunError {
    with_upstream(
        error(
            ErrorKind::UnknownExecution,
            "Codika does not know this execution any more.",
            "It may have been removed there, or the environment now points at another process instance. You can look again.",
        ),
        upstream,
    )
}

pub fn watch_refused(upstream: &CallError) -> RunError {
    let kind = if upstream.kind == CallErrorKind::KeyRejected { ErrorKind::KeyRejected } else { ErrorKind::NoAccess };
    with_upstream(
        error(
            kind,
            "Key rejected: Codika does not accept the key of this environment any more.",
            "The run itself goes on. When an administrator has set a valid key, look again.",
        ),
        upstream,
    )
}

pub fn watch_without_key(upstream: &CallError) -> RunError {
    with_upstream(
        error(
            ErrorKind::KeyRejected,
            "This environment has no key any more.",
            "The run itself goes on. When an administrator has set a key, look again.",
        ),
        upstream,
    )
}

pub fn watch_without_environment(slug: &EnvSlug) -> RunError {
    error(
        ErrorKind::StoppedWatching,
        format!("The environment “{slug}” is not set up any more."),
        "The run itself goes on. When an administrator has set the environment up again, look again.",
    )
}

pub fn result_too_large(upstream: &CallError) -> RunError {
    with_upstream(
        error(
            ErrorKind::ResultTooLarge,
            "Too large: the result is bigger than this dashboard accepts.",
            "The run itself has ended. An administrator can raise the limit, then look again.",
        ),
        upstream,
    )
}

pub fn stopped_watching() -> RunError {
    error(
        ErrorKind::StoppedWatching,
        "Nobody is waiting for the answer at the moment.",
        "The run goes on at Codika, which cannot be stopped from here. You can look again at any time.",
    )
}

pub fn closed(by: &str) -> RunError {
    error(
        ErrorKind::Closed,
        format!("{by} closed this run without an answer."),
        "It may still be going on at Codika. You can look again at any time.",
    )
}

/// Before the input of an earlier run is sent again; nothing when everybody knows what became of that one.
pub fn doubt(earlier: &RunSummary) -> Option<Doubt> {
    let run = earlier.id.short();
    let ended = earlier.error.as_ref().is_some_and(|error| error.kind == ErrorKind::ResultTooLarge);
    let (title, why, known) = match earlier.status {
        RunStatus::Unconfirmed => (
            format!("Run {run} may have started"),
            "Running this again may do it twice, and Codika cannot take back either. Find out first what became of that run.",
            format!("{run} may have started"),
        ),
        RunStatus::Stalled if ended => (
            format!("Run {run} has ended, only its result was too large"),
            "Running this again does it a second time.",
            String::new(),
        ),
        RunStatus::Stalled => (
            format!("Run {run} has not answered yet"),
            "It may still be going on, or have ended unseen. Running this again may do it twice.",
            format!("{run} has not answered yet"),
        ),
        status if status.is_moving() => (
            format!("Run {run} is still under way"),
            "Running this again does it twice.",
            format!("{run} is still under way"),
        ),
        _ => return None,
    };
    Some(Doubt {
        run: earlier.id.clone(),
        title,
        why: why.to_owned(),
        confirm: (!known.is_empty()).then(|| format!("Run it although {known}")),
    })
}

fn with_upstream(base: RunError, upstream: &CallError) -> RunError {
    RunError { request_id: upstream.request_id.clone(), detail: Some(upstream.message.clone()), ..base }
}
