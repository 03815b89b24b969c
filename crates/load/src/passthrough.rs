//! The least a program between browser and Codika can do: hand the request on, hand the answer back.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use reqwest::Client;
use tokio::net::TcpListener;

#[derive(Clone)]
struct Upstream {
    client: Client,
    url: String,
    key: String,
}

pub async fn serve(listen: SocketAddr, url: String, key: String) -> anyhow::Result<()> {
    let upstream = Upstream { client: Client::builder().no_proxy().build()?, url, key };
    let app = Router::new().route("/run", post(hand_on)).route("/ready", axum::routing::get(|| async {}));
    let listener = TcpListener::bind(listen).await?;
    Ok(axum::serve(listener, app.with_state(upstream)).await?)
}

async fn hand_on(State(upstream): State<Upstream>, body: Bytes) -> Response {
    let request = upstream.client.post(&upstream.url).header("x-api-key", &upstream.key);
    let sent = request.header("content-type", "application/json").body(body).send().await;
    match sent {
        Ok(answer) => (answer.status(), answer.bytes().await.unwrap_or_default()).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
