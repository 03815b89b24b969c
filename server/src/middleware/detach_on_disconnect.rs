use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

/// What asks for a change is worked off to its end, also when whoever asked is gone by then: a closed tab must
/// not decide between two steps. (What did not arrive whole is refused by whoever reads it.)
pub async fn detach_on_disconnect(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    // Panics are caught further inside, so this fails only when the program ends.
    tokio::spawn(next.run(request)).await.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
}
