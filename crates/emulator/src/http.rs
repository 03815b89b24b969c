//! The front door: every path of the platform ends here, faults included.

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, State as Shared},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{
    call::{Call, Endpoint},
    connection::Connection,
    control,
    damage::damage,
    endpoints::{self, Asked},
    faults::{Effect, Reset},
    lock, page, read,
    reply::{Family, Refusal, respond},
    skew,
    state::State,
};

/// Uploads are the largest bodies: 100 MB and their wrapping.
const MAX_BODY: usize = 101 * 1024 * 1024;

/// The whole emulator as a service. Resets need the listener of [`crate::Emulator`].
pub fn router(state: State) -> Router {
    Router::new().merge(page::routes()).nest("/_emulator", control::routes()).fallback(platform).with_state(state)
}

async fn platform(Shared(state): Shared<State>, request: Request) -> Response {
    let mut response = answered(&state, request).await;
    let is_skewed = read(&state.switches).clock_skew_ms != 0;
    if is_skewed && !response.headers().contains_key(header::DATE) {
        skew::date(&mut response, state.now_ms());
    }
    response
}

async fn answered(state: &State, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(call) = Call::parse(&parts.uri) else {
        let refusal = Refusal::not_found("NOT_FOUND", "Not found");
        return respond(Err(refusal), Family::Flat);
    };
    if !read(&state.switches).path_styles.contains(&call.style) {
        return load_balancer_404();
    }
    let family = family(state, &call.endpoint);
    if parts.method != call.endpoint.method() {
        return respond(Err(Refusal::method()), family);
    }
    serve(state, call.endpoint, parts, body, family).await
}

async fn serve(state: &State, endpoint: Endpoint, parts: Parts, body: Body, family: Family) -> Response {
    let connection = parts.extensions.get::<ConnectInfo<Connection>>().map(|info| info.0.clone());
    let mut asked = Asked::new(state, endpoint, parts);
    let effect = state.faults.strike(&asked.endpoint, asked.workflow().as_deref());
    if let Some(effect) = effect.as_ref().filter(|effect| stops_at_head(effect)) {
        return damage(state, connection.as_ref(), effect, None, None).await;
    }
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return respond(Err(Refusal::invalid("Request body could not be read")), family);
    };
    asked.body = body;
    let real = if effect.as_ref().is_none_or(Effect::executes) {
        Some(respond(endpoints::answer(state, &asked).await, family))
    } else {
        asked.note_payload();
        None
    };
    match (effect, real) {
        (None, Some(real)) => real,
        (effect, real) => {
            let effect = effect.unwrap_or_default();
            let execution = asked.execution_id();
            damage(state, connection.as_ref(), &effect, real, execution.as_deref()).await
        }
    }
}

fn stops_at_head(effect: &Effect) -> bool {
    effect.reset == Some(Reset::BeforeBody) && !effect.executes()
}

fn family(state: &State, endpoint: &Endpoint) -> Family {
    match endpoint {
        Endpoint::Skills { .. } => read(&state.switches).skills_errors,
        other => other.family(),
    }
}

/// What stands before the real platform answers in HTML where it knows no route.
fn load_balancer_404() -> Response {
    const PAGE: &str = "<!DOCTYPE html><html><title>Error 404 (Not Found)</title><h1>404. That's an error.</h1></html>";
    let html = [(header::CONTENT_TYPE, "text/html; charset=UTF-8")];
    (StatusCode::NOT_FOUND, html, PAGE).into_response()
}

impl Asked {
    fn new(state: &State, endpoint: Endpoint, parts: Parts) -> Self {
        let workflow = match &endpoint {
            Endpoint::Trigger { workflow, .. } => Some(workflow.clone()),
            Endpoint::Status { execution, .. } | Endpoint::Details { execution, .. } => {
                state.execution(execution).map(|execution| execution.created.workflow.to_string())
            }
            _ => None,
        };
        let entry = match &endpoint {
            Endpoint::Trigger { instance, workflow } => {
                let (instance, workflow) = (state.texts.find(instance), state.texts.find(workflow));
                Some(state.ledger.trigger(state.now_ms(), instance, workflow))
            }
            Endpoint::Status { .. } => {
                state.ledger.poll();
                None
            }
            _ => None,
        };
        Self { endpoint, parts, body: Bytes::new(), entry, workflow }
    }

    fn workflow(&self) -> Option<String> {
        self.workflow.clone()
    }

    fn execution_id(&self) -> Option<String> {
        let execution = self.entry.as_ref()?.execution.get()?;
        Some(execution.created.id.to_string())
    }

    fn note_payload(&self) {
        if let Some(entry) = &self.entry {
            *lock(&entry.payload) = serde_json::from_slice(&self.body).ok();
        }
    }
}
