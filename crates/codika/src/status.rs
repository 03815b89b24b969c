use bytes::Bytes;

use crate::{
    CallError, ExecutionState, answer,
    json::{self, Members},
    text::Cleaner,
    transport::Answer,
    wire::{ErrorDetails, StatusWord},
};

/// The state of one execution.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusReply {
    pub state: ExecutionState,
    /// The word as upstream spells it; empty when it sent none.
    pub word: StatusWord,
    /// The execution the answer says it is about.
    pub execution_id: Option<String>,
    /// ISO 8601, upstream's clock.
    pub created_at: Option<String>,
    pub duration_ms: Option<u64>,
    /// `resultData` byte for byte as received. It may be any JSON, or hold bytes that JSON forbids.
    pub result: Option<Bytes>,
    pub error_details: Option<ErrorDetails>,
}

pub(crate) fn parse(answer: &Answer, cleaner: &Cleaner) -> Result<StatusReply, CallError> {
    let text = answer::success(answer, cleaner)?;
    let Some(execution) = Members::of(&text).and_then(|members| members.object("execution")) else {
        return Err(answer::misshapen(answer, cleaner, "there is no execution in it"));
    };
    let word: StatusWord = execution.read("status").unwrap_or_default();
    let duration = execution.read::<f64>("duration").filter(|ms| ms.is_finite() && *ms >= 0.0);
    Ok(StatusReply {
        state: word.state(),
        word,
        execution_id: execution.text("executionId"),
        created_at: execution.text("createdAt"),
        duration_ms: duration.map(|ms| ms.round() as u64),
        result: execution.raw("resultData").map(|part| json::bytes_of(&answer.body, &text, part)),
        error_details: execution.raw("errorDetails").map(|raw| details(raw, cleaner)),
    })
}

fn details(raw: &str, cleaner: &Cleaner) -> ErrorDetails {
    let mut details = ErrorDetails::from_raw(raw);
    details.message = details.message.map(|message| cleaner.lines(&message));
    for short in [&mut details.code, &mut details.kind, &mut details.failed_node_name] {
        *short = short.take().map(|text| cleaner.message(&text));
    }
    details
}
