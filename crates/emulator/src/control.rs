//! `/_emulator/…`: what the platform itself does not have. Not authenticated: a local emulator holds nothing worth a key.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{FromRequest, Path, Query, Request, State as Shared},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};

use crate::{
    clock::iso,
    config::described,
    execution::{ErrorDetails, Execution},
    faults::Fault,
    read,
    scenario::{ChangeError, InstanceChange, KeyChange, add_secret, change_instance, change_key},
    state::State,
    switches::Switches,
    world::SigningSecret,
    write,
};

/// Every member a fault may have.
const FAULT_MEMBERS: [&str; 23] = [
    "endpoint",
    "workflow",
    "nth",
    "next",
    "probability",
    "seed",
    "always",
    "delay_ms",
    "status",
    "body",
    "content_type",
    "headers",
    "body_bytes",
    "reset",
    "hang",
    "drip",
    "truncate",
    "redirect",
    "drop_reply",
    "duplicate_id",
    "gzip",
    "clock_skew_ms",
    "execute",
];

/// The routes below `/_emulator`.
pub fn routes() -> Router<State> {
    Router::new()
        .route("/config", get(config))
        .route("/fixtures", get(fixtures))
        .route("/ledger", get(ledger))
        .route("/executions", get(executions))
        .route("/executions/{id}", get(execution))
        .route("/files/{id}", get(file))
        .route("/faults", get(faults).post(add_faults).delete(clear_faults))
        .route("/restricted", post(restricted))
        .route("/switches", get(switches).post(turn_switches))
        .route("/instances/{id}", post(instance))
        .route("/keys", post(key))
        .route("/signing-secrets", post(signing_secret))
}

/// Why a request to the control routes was refused.
struct Wrong(StatusCode, String);

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

fn bad(error: impl ToString) -> Wrong {
    Wrong(StatusCode::BAD_REQUEST, error.to_string())
}

/// A JSON body, whatever its content type: `curl -d` says it is a form.
struct Body<T>(T);

impl<T: DeserializeOwned> FromRequest<State> for Body<T> {
    type Rejection = Wrong;

    async fn from_request(request: Request, state: &State) -> Result<Self, Wrong> {
        let bytes = Bytes::from_request(request, state).await.map_err(bad)?;
        serde_json::from_slice(&bytes).map(Self).map_err(bad)
    }
}

async fn config(Shared(state): Shared<State>) -> Response {
    Json(described(&state)).into_response()
}

async fn fixtures(Shared(state): Shared<State>) -> Json<Value> {
    let world = read(&state.world);
    let instances: Vec<Value> = world
        .instances
        .iter()
        .map(|instance| {
            json!({
                "process_instance_id": instance.id, "title": instance.title,
                "environment": instance.environment, "organization_id": instance.organization,
                "is_active": instance.is_active, "archived": instance.archived,
                "deployment_status": instance.deployment_status,
            })
        })
        .collect();
    let keys: Vec<Value> = world
        .keys
        .iter()
        .map(|key| {
            json!({
                "key": key.secret, "kind": key.kind.word(), "name": key.name,
                "organization_id": key.organization, "process_instance_id": key.instance,
                "scopes": key.scopes, "revoked": key.revoked, "expires_at": key.expires_at.map(iso),
            })
        })
        .collect();
    Json(json!({
        "instances": instances,
        "keys": keys,
        "signing_secrets": world.signing_secrets,
        "workflows": state.catalogue.iter().map(|workflow| &workflow.id).collect::<Vec<_>>(),
    }))
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    brief: Value,
    payload: &'a RawValue,
    result: Option<&'a RawValue>,
    error: Option<&'a ErrorDetails>,
}

#[derive(Deserialize)]
struct Limit {
    limit: Option<usize>,
}

async fn ledger(Shared(state): Shared<State>, Query(query): Query<Limit>) -> Json<Value> {
    Json(state.ledger.view(query.limit.unwrap_or(usize::MAX)))
}

async fn executions(Shared(state): Shared<State>, Query(query): Query<Limit>) -> Json<Value> {
    let limit = query.limit.unwrap_or(20).min(1000);
    Json(json!({ "executions": latest(&state, limit) }))
}

/// The newest executions, as the start page shows them.
pub fn latest(state: &State, limit: usize) -> Vec<Value> {
    state.newest(limit, |_| true).iter().map(|execution| brief(state, execution)).collect()
}

fn brief(state: &State, execution: &Execution) -> Value {
    let created = &execution.created;
    let world = read(&state.world);
    json!({
        "execution_id": created.id,
        "execution_secret": created.secret,
        "workflow": created.workflow,
        "process_instance_id": created.instance,
        "environment": world.instance(&created.instance).map(|instance| &instance.environment),
        "status": execution.status(),
        "created_at": iso(created.created_at),
        "duration": execution.finished().map(|finished| finished.duration),
    })
}

/// One execution with what went in and what came out, as text: results may be JSON that no library reads.
async fn execution(Shared(state): Shared<State>, Path(id): Path<String>) -> Result<Response, Wrong> {
    let execution =
        state.execution(&id).ok_or_else(|| Wrong(StatusCode::NOT_FOUND, format!("there is no execution {id}")))?;
    let finished = execution.finished();
    let shown = Shown {
        brief: brief(&state, &execution),
        payload: &execution.created.payload,
        result: finished.and_then(|finished| finished.result.as_deref()),
        error: finished.and_then(|finished| finished.error.as_deref()),
    };
    Ok(Json(shown).into_response())
}

/// A file that a workflow put out. A browser saves it and never shows it.
async fn file(Shared(state): Shared<State>, Path(id): Path<String>) -> Result<Response, Wrong> {
    let document =
        state.files.get(&id).ok_or_else(|| Wrong(StatusCode::NOT_FOUND, "no such file (any more)".to_owned()))?;
    let name = utf8_percent_encode(&document.about.name, NON_ALPHANUMERIC);
    // What an upload calls its type need not fit into a header.
    let is_header = document.about.mime.parse::<header::HeaderValue>().is_ok();
    let mime = if is_header { document.about.mime.as_str() } else { "application/octet-stream" };
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, document.bytes).into_response())
}

async fn faults(Shared(state): Shared<State>) -> Json<Value> {
    Json(json!({ "faults": state.faults.view() }))
}

async fn add_faults(Shared(state): Shared<State>, Body(body): Body<Value>) -> Result<Json<Value>, Wrong> {
    arm(&state, body).map_err(bad)?;
    Ok(Json(json!({ "faults": state.faults.view() })))
}

/// Arms all of the faults, or none if one is wrong.
///
/// # Errors
/// What is wrong with the first wrong one.
pub fn arm(state: &State, body: Value) -> Result<(), String> {
    let faults = parse_faults(body)?;
    for workflow in faults.iter().filter_map(|fault| fault.workflow.as_deref()) {
        if state.catalogue.find(workflow).is_none() {
            let known: Vec<&str> = state.catalogue.iter().map(|workflow| workflow.id.as_str()).collect();
            return Err(format!("there is no workflow '{workflow}'; there are {}", known.join(", ")));
        }
    }
    for fault in faults {
        state.faults.add(fault);
    }
    Ok(())
}

/// One fault, an array of them, or `{"faults": […]}`.
///
/// # Errors
/// When a member is unknown, has the wrong type, or could not be obeyed.
fn parse_faults(mut body: Value) -> Result<Vec<Fault>, String> {
    if let Some(faults) = body.get_mut("faults") {
        body = faults.take();
    }
    let list = match body {
        Value::Array(list) => list,
        one => vec![one],
    };
    list.into_iter().map(parse_fault).collect()
}

fn parse_fault(value: Value) -> Result<Fault, String> {
    let members = value.as_object().ok_or("a fault is a JSON object")?;
    let known = |name: &&String| FAULT_MEMBERS.contains(&name.as_str());
    if let Some(name) = members.keys().find(|name| !known(name)) {
        return Err(format!("a fault has no member '{name}'"));
    }
    let fault: Fault = serde_json::from_value(value).map_err(|error| error.to_string())?;
    fault.check()?;
    Ok(fault)
}

async fn clear_faults(Shared(state): Shared<State>) -> Json<Value> {
    state.faults.clear();
    Json(json!({ "faults": [] }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restricted {
    restricted: bool,
}

async fn restricted(Shared(state): Shared<State>, Body(body): Body<Restricted>) -> Json<Value> {
    write(&state.switches).restricted = body.restricted;
    Json(json!({ "restricted": body.restricted }))
}

async fn switches(Shared(state): Shared<State>) -> Json<Switches> {
    Json(read(&state.switches).clone())
}

async fn turn_switches(
    Shared(state): Shared<State>,
    Body(body): Body<serde_json::Map<String, Value>>,
) -> Result<Json<Switches>, Wrong> {
    let mut switches = write(&state.switches);
    let mut merged = serde_json::to_value(&*switches).map_err(bad)?;
    for (name, value) in body {
        merged[name] = value;
    }
    let turned: Switches = serde_json::from_value(merged).map_err(bad)?;
    turned.check().map_err(bad)?;
    *switches = turned;
    Ok(Json(switches.clone()))
}

async fn instance(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    Body(change): Body<InstanceChange>,
) -> Result<Json<Value>, Wrong> {
    done(change_instance(&mut write(&state.world), &id, change))
}

async fn key(Shared(state): Shared<State>, Body(change): Body<KeyChange>) -> Result<Json<Value>, Wrong> {
    done(change_key(&mut write(&state.world), change))
}

async fn signing_secret(Shared(state): Shared<State>, Body(secret): Body<SigningSecret>) -> Result<Json<Value>, Wrong> {
    done(add_secret(&mut write(&state.world), secret))
}

fn done(changed: Result<(), ChangeError>) -> Result<Json<Value>, Wrong> {
    match changed {
        Ok(()) => Ok(Json(json!({ "success": true }))),
        Err(error @ ChangeError::Wrong(_)) => Err(bad(error)),
        Err(error) => Err(Wrong(StatusCode::NOT_FOUND, error.to_string())),
    }
}
