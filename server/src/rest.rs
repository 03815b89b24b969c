//! The REST API under `/api/v1`: bearer tokens, JSON, problem documents.

mod action;
mod body;
mod input_schema;
pub mod problem;
pub mod run;
mod workflow;

use axum::{
    Extension, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
};
use model::RunId;

use crate::{
    App,
    events::{self, Asked, Credential},
    extractors::SignedIn,
    middleware::{
        bodies,
        session::{self, ApiToken},
    },
    routes::Routes,
};

use problem::Problem;

pub const PREFIX: &str = "/api/v1";

pub fn routes(app: &App) -> Router<App> {
    let guarded = guarded()
        .into_router()
        .layer(from_fn_with_state(app.clone(), bodies::receive))
        .layer(from_fn_with_state(app.clone(), session::require_token));
    guarded
        .merge(open().into_router())
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "There is no such address in this API."))
}

/// What takes a token.
pub fn guarded() -> Routes {
    Routes::new()
        .get("/environments", workflow::environments)
        .get("/workflows", workflow::list)
        .get("/runs", run::list)
        .post("/runs", run::start)
        .get("/runs/{id}", run::one)
        .post("/runs/{id}/actions", action::act)
        .get("/runs/{id}/executions", action::executions)
        .get("/runs/{id}/events", run_events)
        .get("/events", all_events)
}

/// What anybody may read.
pub fn open() -> Routes {
    Routes::new().get("/openapi.json", description)
}

async fn description() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], include_str!("rest/openapi.json")).into_response()
}

async fn all_events(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Extension(token): Extension<ApiToken>,
    asked: Asked,
) -> Response {
    events::of_all_runs(app, who, Credential::Token(token.0), asked).await
}

async fn run_events(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Extension(token): Extension<ApiToken>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let id = RunId::parse(id).map_err(|_| problem::no_such_run())?;
    events::of_one_run(app, who, Credential::Token(token.0), &id, asked).await.map_err(problem::from_engine)
}
