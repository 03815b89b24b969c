use axum::{
    Json,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::{Access, RunQuery, StartRun};
use jiff::Timestamp;
use model::{Door, EnvSlug, ErrorKind, EventKind, LiveEvent, Millis, RunId, RunStatus, RunSummary, WorkflowId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use crate::{App, extractors::SignedIn};

use super::{
    body,
    problem::{self, Problem},
};

#[derive(Serialize)]
pub struct Run {
    id: RunId,
    environment: EnvSlug,
    workflow: WorkflowId,
    status: RunStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Value>,
    /// As Codika sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RunError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_id: Option<String>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<i64>,
}

#[derive(Serialize)]
struct RunError {
    kind: ErrorKind,
    message: String,
    hint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl From<RunSummary> for Run {
    fn from(run: RunSummary) -> Self {
        Self {
            error: run.error.map(|error| RunError {
                kind: error.kind,
                message: error.message,
                hint: error.hint,
                request_id: error.request_id,
            }),
            id: run.id,
            environment: run.environment,
            workflow: run.workflow,
            status: run.status,
            input: None,
            result: None,
            execution_id: run.execution_id,
            created_at: rfc3339(run.created_at),
            submitted_at: run.accepted_at.map(rfc3339),
            finished_at: run.finished_at.map(rfc3339),
            duration_ms: run.duration_ms,
        }
    }
}

pub fn rfc3339(at: Millis) -> String {
    Timestamp::from_millisecond(at).map(|at| format!("{at:.3}")).unwrap_or_default()
}

/// An event as programs read it: its run looks as it does in lists.
pub fn event_json(event: &LiveEvent) -> String {
    #[derive(Serialize)]
    struct Change {
        seq: i64,
        kind: EventKind,
        run: Run,
    }
    let change = Change { seq: event.seq, kind: event.kind, run: Run::from(event.run.clone()) };
    serde_json::to_string(&change).unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    environment: String,
    workflow: String,
    input: Value,
}

/// Says that the key had started this run before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// 202 with the run; the same key gives the same run again.
pub async fn start(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Problem> {
    let Start { environment, workflow, input } = body::read(&headers, &bytes, "“environment”, “workflow” and “input”")?;
    let environment = EnvSlug::parse(environment.as_str())
        .map_err(|_| Problem::new(StatusCode::NOT_FOUND, format!("There is no environment “{environment}”.")))?;
    let workflow = WorkflowId::parse(workflow)
        .map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    let key = match headers.get("idempotency-key") {
        None => engine::draft_key(),
        Some(key) => key
            .to_str()
            .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "The Idempotency-Key must be printable ASCII."))?
            .to_owned(),
    };
    let request = StartRun { environment, workflow, input: input.clone(), key, door: Door::Api, again: None };
    let started = app.services.engine.start_run(&who, request).await.map_err(problem::from_engine)?;
    let location = format!("/api/v1/runs/{}", started.run.id);
    let run = if started.new {
        Run { input: Some(input), ..Run::from(started.run) }
    } else {
        full(&app, &who, started.run).await?
    };
    let mut response = (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(run)).into_response();
    if !started.new {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

pub async fn one(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Run>, Problem> {
    let id = RunId::parse(id).map_err(|_| problem::no_such_run())?;
    let summary = app.services.engine.run_summary(&who, &id).await.map_err(problem::from_engine)?;
    full(&app, &who, summary).await.map(Json)
}

pub(super) async fn full(app: &App, who: &Access, summary: RunSummary) -> Result<Run, Problem> {
    let engine = &app.services.engine;
    let input = engine.run_input(who, &summary.id).await.map_err(problem::from_engine)?;
    let bytes = match summary.status {
        RunStatus::Success => engine.run_result(who, &summary.id).await.map_err(problem::from_engine)?,
        _ => None,
    };
    let result = bytes.and_then(|bytes| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        RawValue::from_string(text.clone()).or_else(|_| serde_json::value::to_raw_value(&text)).ok()
    });
    Ok(Run { input: Some(input), result, ..Run::from(summary) })
}

#[derive(Serialize)]
pub struct Runs {
    items: Vec<Run>,
    next: Option<String>,
}

/// Newest first, without inputs and results.
pub async fn list(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Json<Runs>, Problem> {
    let query = wanted(query.as_deref().unwrap_or_default())?;
    let page = app.services.engine.runs(&who, query).await.map_err(problem::from_engine)?;
    Ok(Json(Runs { items: page.items.into_iter().map(Run::from).collect(), next: page.next }))
}

/// `status` may be repeated or hold several words with commas between.
fn wanted(query: &str) -> Result<RunQuery, Problem> {
    let refuse = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail);
    let mut wanted = RunQuery::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "status" => {
                for word in value.split(',').filter(|word| !word.is_empty()) {
                    wanted.status.push(word.parse().map_err(|()| refuse(format!("“{word}” is not a status.")))?);
                }
            }
            "environment" => {
                wanted.environment = Some(EnvSlug::parse(&*value).map_err(|error| refuse(error.to_string()))?);
            }
            "workflow" => {
                wanted.workflow = Some(WorkflowId::parse(&*value).map_err(|error| refuse(error.to_string()))?);
            }
            "after" => {
                RunId::parse(&*value).map_err(|_| refuse("“after” is not the next of a page.".to_owned()))?;
                wanted.after = Some(value.into_owned());
            }
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=100).contains(limit));
                wanted.limit = Some(limit.ok_or_else(|| refuse("The limit is a number from 1 to 100.".to_owned()))?);
            }
            other => return Err(refuse(format!("There is no filter “{other}”."))),
        }
    }
    Ok(wanted)
}
