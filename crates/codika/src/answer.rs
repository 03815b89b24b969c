//! The one parser of upstream's answers: both error families, and bodies that are no JSON at all.

use std::{borrow::Cow, time::SystemTime};

use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::{
    CallError, CallErrorKind,
    json::{self, Members},
    retry_after,
    text::Cleaner,
    transport::Answer,
};

/// What an error answer says about itself.
pub(crate) struct Complaint {
    pub message: String,
    /// `HTTP_<status>` when upstream gave none.
    pub code: String,
    pub request_id: Option<String>,
}

impl Complaint {
    /// `members` is `None` when the body is not a JSON object.
    pub fn of(answer: &Answer, members: Option<&Members<'_>>, cleaner: &Cleaner) -> Self {
        let inner = members.and_then(|members| members.object("error"));
        let member = |name| members.and_then(|members| members.text(name));
        let inside = |name| inner.as_ref().and_then(|inner| inner.text(name));
        let filled = |text: String| (!text.trim().is_empty()).then_some(text);
        let message = member("error")
            .and_then(filled)
            .or_else(|| inside("message").and_then(filled))
            .or_else(|| member("message").and_then(filled))
            .unwrap_or_else(|| status_line(answer.status));
        let code = member("code")
            .or_else(|| inside("code"))
            .and_then(filled)
            .unwrap_or_else(|| format!("HTTP_{}", answer.status.as_u16()));
        Self {
            message: cleaner.message(&message),
            code: cleaner.message(&code),
            request_id: request_id(answer, members, cleaner),
        }
    }
}

/// The body's `requestId`, else the header of that name.
pub(crate) fn request_id(answer: &Answer, members: Option<&Members<'_>>, cleaner: &Cleaner) -> Option<String> {
    let header = || answer.headers.get("x-request-id")?.to_str().ok().map(str::to_owned);
    let id = members.and_then(|members| members.text("requestId")).or_else(header)?;
    Some(cleaner.message(&id)).filter(|id| !id.is_empty())
}

/// The text of a 2xx JSON object without `success: false`.
pub(crate) fn success<'a>(answer: &'a Answer, cleaner: &Cleaner) -> Result<Cow<'a, str>, CallError> {
    let text = json::text_of(&answer.body);
    let members = text.as_deref().and_then(Members::of);
    let complaint = Complaint::of(answer, members.as_ref(), cleaner);
    let error = |kind, message| {
        Err(CallError {
            kind,
            message,
            code: complaint.code.clone(),
            request_id: complaint.request_id.clone(),
            status: Some(answer.status.as_u16()),
            from_api: members.is_some(),
        })
    };
    if !answer.status.is_success() {
        return error(kind(answer), complaint.message.clone());
    }
    let Some(found) = &members else {
        let message = format!("the answer was not a JSON object: {}", cleaner.excerpt(&answer.body));
        return error(CallErrorKind::NotJson, message);
    };
    if found.read("success") == Some(false) {
        return error(CallErrorKind::Refused, complaint.message.clone());
    }
    drop(members);
    // Members were found in it, so the text is there.
    Ok(text.unwrap_or_default())
}

/// A success of shape `T`.
pub(crate) fn parse<T: DeserializeOwned>(answer: &Answer, cleaner: &Cleaner) -> Result<T, CallError> {
    let text = success(answer, cleaner)?;
    serde_json::from_str(&text).map_err(|error| misshapen(answer, cleaner, &error.to_string()))
}

/// A success that lacks what was asked for.
pub(crate) fn misshapen(answer: &Answer, cleaner: &Cleaner, why: &str) -> CallError {
    let text = json::text_of(&answer.body);
    let members = text.as_deref().and_then(Members::of);
    CallError {
        kind: CallErrorKind::Protocol,
        message: cleaner.message(&format!("the answer does not have the documented form: {why}")),
        code: format!("HTTP_{}", answer.status.as_u16()),
        request_id: request_id(answer, members.as_ref(), cleaner),
        status: Some(answer.status.as_u16()),
        from_api: true,
    }
}

/// By HTTP status only: upstream's codes are not documented.
fn kind(answer: &Answer) -> CallErrorKind {
    match answer.status.as_u16() {
        401 => CallErrorKind::KeyRejected,
        403 => CallErrorKind::Forbidden,
        404 => CallErrorKind::NotFound,
        412 => CallErrorKind::Inactive,
        429 => CallErrorKind::RateLimited { retry_after: retry_after::parse(&answer.headers, SystemTime::now()) },
        408 | 425 | 500.. => CallErrorKind::Server,
        400..=499 => CallErrorKind::Refused,
        _ => CallErrorKind::Protocol,
    }
}

pub(crate) fn status_line(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("HTTP {} {reason}", status.as_u16()),
        None => format!("HTTP {}", status.as_u16()),
    }
}
