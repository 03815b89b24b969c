//! Carries out what a fault does to an answer.

use std::{
    convert::Infallible,
    io::{self, Write},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use futures::{StreamExt, stream};
use tokio::{task::yield_now, time::sleep};

use crate::{
    connection::Connection,
    delay::Delay,
    endpoints::started,
    faults::{Effect, Reset},
    reply::{Family, respond},
    skew::{date, skewed},
    state::State,
};

/// Long enough for a client to see the headers as an event of their own.
const AFTER_HEADERS: Duration = Duration::from_millis(25);
const PIECE: usize = 64 * 1024;

/// The answer that leaves instead of `real`, which is the undamaged one if the call took effect.
/// `execution` is the id of the execution that the call created.
pub async fn damage(
    state: &State,
    connection: Option<&Connection>,
    effect: &Effect,
    real: Option<Response>,
    execution: Option<&str>,
) -> Response {
    if let Some(ms) = effect.delay_ms.and_then(Delay::fixed) {
        pause(state, Duration::from_millis(ms)).await;
    }
    if effect.hang {
        state.shutdown.cancelled().await;
    }
    let early = matches!(effect.reset, Some(Reset::BeforeBody | Reset::BeforeHeaders));
    if let Some(connection) = connection.filter(|_| early || effect.drop_reply || effect.hang) {
        if early {
            connection.reset_on_close();
        }
        connection.mute();
    }
    let mut response = match real {
        Some(real) if !effect.makes_up() => doubled(state, effect, execution).unwrap_or(real),
        _ => made_up(effect, execution),
    };
    if let Some(ms) = effect.clock_skew_ms {
        response = skewed(response, ms).await;
        date(&mut response, state.now_ms() + ms);
    }
    add_headers(effect, &mut response);
    if effect.gzip && effect.makes_up() {
        response = compressed(response).await;
    }
    if effect.drip.is_some() || effect.truncate.is_some() || effect.reset.is_some() {
        mangle(state, connection, effect, response).await
    } else {
        response
    }
}

/// The answer to a trigger with the id of the execution before the one it created, if there is one.
fn doubled(state: &State, effect: &Effect, execution: Option<&str>) -> Option<Response> {
    let own = state.execution(execution.filter(|_| effect.duplicate_id)?)?.created.number;
    let before = state.newest(1, |execution| execution.created.number < own).pop()?;
    Some(respond(started(&before.created.id), Family::Flat))
}

async fn pause(state: &State, time: Duration) {
    tokio::select! {
        () = state.shutdown.cancelled() => {}
        () = sleep(time) => {}
    }
}

fn made_up(effect: &Effect, execution: Option<&str>) -> Response {
    let default = match (&effect.redirect, &effect.body, effect.body_bytes) {
        (Some(_), ..) => StatusCode::TEMPORARY_REDIRECT,
        (None, None, None) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let mut response = Response::new(body(effect, execution));
    *response.status_mut() = effect.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(default);
    response
}

async fn compressed(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let mut pieces = body.into_data_stream();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    while let Some(Ok(piece)) = pieces.next().await {
        // Writing to memory does not fail.
        let _ = encoder.write_all(&piece);
        yield_now().await;
    }
    let gzip = HeaderValue::from_static("gzip");
    parts.headers.insert(header::CONTENT_ENCODING, gzip);
    Response::from_parts(parts, Body::from(encoder.finish().unwrap_or_default()))
}

fn add_headers(effect: &Effect, response: &mut Response) {
    let content_type = if effect.makes_up() {
        Some(effect.content_type.as_deref().unwrap_or("application/json"))
    } else {
        effect.content_type.as_deref()
    };
    let further = effect.headers.iter().flatten();
    let pairs = content_type
        .map(|value| (header::CONTENT_TYPE.as_str(), value))
        .into_iter()
        .chain(effect.redirect.iter().map(|to| (header::LOCATION.as_str(), to.as_str())))
        .chain(further.map(|(name, value)| (name.as_str(), value.as_str())));
    for (name, value) in pairs {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
}

fn body(effect: &Effect, execution: Option<&str>) -> Body {
    if let Some(bytes) = effect.body_bytes {
        return long_string(bytes);
    }
    match &effect.body {
        None => Body::empty(),
        Some(value) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Body::from(text.replace("{{executionId}}", execution.unwrap_or_default()))
        }
    }
}

/// `bytes` bytes that are one JSON string, made while they are sent.
fn long_string(bytes: u64) -> Body {
    let piece = Bytes::from(vec![b'a'; PIECE]);
    let quote = Bytes::from_static(b"\"");
    let inner = bytes.saturating_sub(2);
    let step = u64::try_from(PIECE).unwrap_or(1);
    let last = usize::try_from(inner % step).unwrap_or(0);
    let pieces = stream::iter(0..inner / step).map({
        let piece = piece.clone();
        move |_| piece.clone()
    });
    let quoted = stream::iter([quote.clone()]).chain(pieces).chain(stream::iter([piece.slice(..last), quote]));
    Body::from_stream(quoted.map(Ok::<_, Infallible>))
}

/// Keeps status and headers, announces the whole body, and then sends it slowly or not at all.
async fn mangle(state: &State, connection: Option<&Connection>, effect: &Effect, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Response::new(Body::empty());
    };
    // Something must be missing for the client to notice the end.
    let announced = bytes.len().max(1);
    parts.headers.insert(header::CONTENT_LENGTH, announced.into());
    let sent = match (effect.reset, effect.truncate) {
        (Some(Reset::MidBody), _) => bytes.len() / 2,
        (Some(_), _) => 0,
        (None, Some(kept)) => usize::try_from(kept).map_or(announced, |kept| kept.min(announced)),
        (None, None) => bytes.len(),
    };
    let whole = sent == announced;
    let sent = bytes.slice(..sent.min(bytes.len()));
    let connection = connection.cloned().unwrap_or_default();
    let resets = effect.reset.is_some();
    let cut = stream::once(async move {
        sleep(AFTER_HEADERS).await;
        if resets {
            connection.reset_on_close();
        }
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let pieces = dripping(state.clone(), sent, effect.drip).map(Ok);
    let body = if whole {
        Body::from_stream(pieces.map(|piece: io::Result<Bytes>| piece))
    } else {
        Body::from_stream(pieces.chain(cut))
    };
    Response::from_parts(parts, body)
}

fn dripping(state: State, bytes: Bytes, every_ms: Option<u64>) -> impl futures::Stream<Item = Bytes> + Send + 'static {
    let size = if every_ms.is_some() { 1 } else { PIECE };
    stream::unfold((state, bytes), move |(state, mut rest)| async move {
        if rest.is_empty() {
            return None;
        }
        if let Some(ms) = every_ms {
            pause(&state, Duration::from_millis(ms)).await;
        }
        let piece = rest.split_to(size.min(rest.len()));
        Some((piece, (state, rest)))
    })
}
