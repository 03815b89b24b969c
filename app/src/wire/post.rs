//! The browser's requests to `/rpc/`.

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
        let Ok((ok, text)) = fetch(&format!("/rpc/{name}"), &body).await else {
            let words = "The server could not be reached. Check your connection and try again.";
            return Err(AppError::new(Kind::Network, words));
        };
        if ok {
            super::parse(&text).map_err(|_| AppError::not_understood())
        } else {
            Err(super::read(&text).unwrap_or_else(|_| AppError::not_understood()))
        }
    }))
}

/// Whether it went well, and the answer's text.
async fn fetch(path: &str, body: &str) -> Result<(bool, String), JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    headers.set("accept", "application/json")?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers_headers(&headers);
    request.set_body(&JsValue::from_str(body));
    let response = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await?;
    let response = response.unchecked_into::<Response>();
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.ok(), text.as_string().unwrap_or_default()))
}
