//! The browser's requests: calls to `/rpc/`, and parts of drawn pages.

use leptos::prelude::window;
use send_wrapper::SendWrapper;
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use super::call::Pending;
use crate::error::{AppError, Kind};

pub fn post(name: &'static str, body: String) -> Pending<Value> {
    Box::pin(SendWrapper::new(async move {
        let accept = ("accept", "application/json");
        let answer = fetch(&format!("/rpc/{name}"), accept, Some(("application/json", &body))).await;
        let Ok((answer, text)) = answer else { return Err(unreachable()) };
        if answer.ok() {
            super::parse(&text).map_err(|_| AppError::not_understood())
        } else {
            Err(super::read(&text).unwrap_or_else(|_| AppError::not_understood()))
        }
    }))
}

pub fn unreachable() -> AppError {
    AppError::new(Kind::Network, "The server could not be reached. Check your connection and try again.")
}

/// The answer and its text. A POST if there is a body, of the content type before it.
pub async fn fetch(
    address: &str,
    (name, value): (&str, &str),
    body: Option<(&str, &str)>,
) -> Result<(Response, String), JsValue> {
    let headers = Headers::new()?;
    headers.set(name, value)?;
    let request = RequestInit::new();
    if let Some((kind, body)) = body {
        headers.set("content-type", kind)?;
        request.set_method("POST");
        request.set_body(&JsValue::from_str(body));
    }
    request.set_headers_headers(&headers);
    let response = JsFuture::from(window().fetch_with_str_and_init(address, &request)).await?;
    let response = response.unchecked_into::<Response>();
    let text = JsFuture::from(response.text()?).await?;
    Ok((response, text.as_string().unwrap_or_default()))
}
