//! The REST API under `/api/v1`: bearer tokens, JSON, problem documents.

pub mod problem;
mod run;
mod workflow;

use axum::{
    Extension, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use model::{Principal, RunId};

use crate::{App, events, middleware::session};

use problem::Problem;

pub fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/environments", get(workflow::environments))
        .route("/workflows", get(workflow::list))
        .route("/runs", get(run::list).post(run::start))
        .route("/runs/{id}", get(run::one))
        .route("/runs/{id}/events", get(run_events))
        .route("/events", get(all_events))
        .layer(from_fn_with_state(app.clone(), session::require_token))
        .route("/openapi.json", get(description))
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "There is no such address in this API."))
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "This address does not take this method.")
        })
}

async fn description() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], include_str!("rest/openapi.json")).into_response()
}

async fn all_events(State(app): State<App>, Extension(who): Extension<Principal>) -> Response {
    events::for_programs(app, who, None)
}

async fn run_events(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = RunId::parse(id).map_err(|_| problem::no_such_run())?;
    app.services.engine.run_summary(&who, &id).await.map_err(problem::from_engine)?;
    Ok(events::for_programs(app, who, Some(id)))
}
