//! What a person can do to a run that is there, for programs: the buttons of its page.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use model::{Door, RunAction, RunId};
use serde::{Deserialize, Serialize};

use crate::{App, extractors::SignedIn};

use super::{
    body,
    problem::{self, Problem},
    run::{Run, full, rfc3339},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    action: String,
    /// Only for `adopt`.
    execution_id: Option<String>,
}

/// 200 with the run as it is then; with `run_again_anyway` the new one.
pub async fn act(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Run>, Problem> {
    let Asked { action, execution_id } = body::read(&headers, &bytes, "“action”")?;
    let id = RunId::parse(id).map_err(|_| problem::no_such_run())?;
    let action = RunAction::of_words(&action, execution_id)
        .map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    let done = app.services.engine.act(&who, &id, action, Door::Api).await;
    full(&app, &who, done.map_err(problem::from_engine)?).await.map(Json)
}

#[derive(Serialize)]
pub struct Executions {
    items: Vec<Execution>,
    next: Option<String>,
    /// In words for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<String>,
}

#[derive(Serialize)]
struct Execution {
    execution_id: String,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
}

/// What an unconfirmed run may have become.
pub async fn executions(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Executions>, Problem> {
    let id = RunId::parse(id).map_err(|_| problem::no_such_run())?;
    let listed = app.services.engine.executions(&who, &id).await.map_err(problem::from_engine)?;
    let items = listed.found.into_iter().map(|one| Execution {
        execution_id: one.execution,
        status: one.status,
        created_at: one.created_at.map(rfc3339),
    });
    Ok(Json(Executions { items: items.collect(), next: None, why_not: listed.why_not }))
}
