//! For whoever operates the server.

use axum::{extract::State, http::StatusCode};

use crate::{App, routes::Routes};

pub fn routes() -> Routes {
    Routes::new().get("/healthz", alive).get("/readyz", ready)
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
