//! For whoever operates the server.

use axum::{Router, extract::State, http::StatusCode, routing::get};

use crate::App;

pub fn routes() -> Router<App> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

/// The process answers.
async fn alive() -> &'static str {
    "ok"
}

/// The process answers and its database can be read and written.
async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.services.engine.ready().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be used")
        }
    }
}
