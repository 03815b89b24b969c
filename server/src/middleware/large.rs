//! Bodies that are too large.

use std::time::Duration;

use axum::{
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::StreamExt;

/// Inputs may have a million bytes; what is larger than this is not even kept while it arrives.
pub const MAX_BODY: usize = 4_000_000;
/// How much of it is heard out, and for how long.
const HEARD_OUT: usize = 32_000_000;
const PATIENCE: Duration = Duration::from_secs(10);

/// Whoever is still sending does not read the answer and sees a broken connection instead, so what
/// announces itself as too large is received, forgotten, and then refused.
pub async fn drain_oversized_body(request: Request, next: Next) -> Response {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced = announced.and_then(|length| length.parse::<usize>().ok()).unwrap_or(0);
    if announced <= MAX_BODY {
        return next.run(request).await;
    }
    let mut body = request.into_body().into_data_stream();
    let hearing = async {
        let mut heard = 0;
        while let (true, Some(Ok(part))) = (heard < HEARD_OUT, body.next().await) {
            heard += part.len();
        }
    };
    // Past this time the connection may as well break.
    let _ = tokio::time::timeout(PATIENCE, hearing).await;
    StatusCode::PAYLOAD_TOO_LARGE.into_response()
}
