//! The browser's files, inside the binary (read from `dist/` in debug builds).

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use axum::{
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use crate::routes::Routes;

#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct Dist;

const SCRIPT: &str = "codika.js";
const WASM: &str = "codika_bg.wasm";
const STYLE: &str = "app.css";
/// Browsers may keep what has a fingerprint in its address for a year.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const FOR_AN_HOUR: &str = "public, max-age=3600";

/// Addresses that change whenever any of the files does.
pub fn addresses() -> app::Assets {
    let address = |name: &str| format!("/pkg/{}/{name}", *PRINT);
    app::Assets { script: address(SCRIPT), wasm: address(WASM), style: address(STYLE), sheet: sheet() }
}

/// Not in debug builds, where the file may change while the server runs.
fn sheet() -> Option<Arc<str>> {
    let file = Dist::get(STYLE).filter(|_| !cfg!(debug_assertions))?;
    let sheet = str::from_utf8(&file.data).ok()?;
    // What would end the element early has no place in a style sheet.
    (!sheet.contains("</")).then(|| sheet.into())
}

/// Of all files together, as they were at start: script and wasm only work as a pair.
static PRINT: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for name in [SCRIPT, WASM, STYLE] {
        if let Some(file) = Dist::get(name) {
            digest.update(file.metadata.sha256_hash());
        }
    }
    hex(&digest.finalize()[..8])
});

/// `/pkg/{print}/…` for the bundle, and the files of `public/` under their own names.
pub fn routes() -> Routes {
    let mut routes = Routes::new().get("/pkg/{print}/{*file}", bundled);
    for name in public_files() {
        let path = format!("/{name}");
        routes = routes.get(&path, async move |headers: HeaderMap| respond(&name, &headers, FOR_AN_HOUR));
    }
    routes
}

/// A page of an earlier version asks for files of that version: better none than a mixture.
async fn bundled(Path((print, file)): Path<(String, String)>, headers: HeaderMap) -> Response {
    if print == *PRINT { respond(&file, &headers, FOR_EVER) } else { StatusCode::NOT_FOUND.into_response() }
}

fn public_files() -> Vec<String> {
    let own = [SCRIPT, WASM, STYLE, "index.html"];
    Dist::iter()
        .map(Cow::into_owned)
        .filter(|name| !own.contains(&name.as_str()) && !name.contains('/'))
        .filter(|name| !name.ends_with(".br") && !name.ends_with(".gz"))
        .collect()
}

fn respond(name: &str, headers: &HeaderMap, keep: &'static str) -> Response {
    let Some(plain) = Dist::get(name) else { return StatusCode::NOT_FOUND.into_response() };
    let tag = format!("\"{}\"", hex(&plain.metadata.sha256_hash()[..12]));
    let same = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let (file, encoding) = if same { (plain, None) } else { packed(name, plain, headers) };
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(match file.data {
            Cow::Borrowed(bytes) => bytes::Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes::Bytes::from(bytes),
        }))
    };
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.insert(header::ETAG, tag);
    }
    if let Some(encoding) = encoding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The smallest form that the browser takes.
fn packed(name: &str, plain: EmbeddedFile, headers: &HeaderMap) -> (EmbeddedFile, Option<&'static str>) {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes =
        |encoding: &str| accepted.split(',').any(|offer| offer.split(';').next().map(str::trim) == Some(encoding));
    for (encoding, suffix) in [("br", "br"), ("gzip", "gz")] {
        if takes(encoding)
            && let Some(file) = Dist::get(&format!("{name}.{suffix}"))
        {
            return (file, Some(encoding));
        }
    }
    (plain, None)
}

fn content_type(name: &str) -> &'static str {
    let types = BTreeMap::from([
        ("js", "text/javascript; charset=utf-8"),
        ("wasm", "application/wasm"),
        ("css", "text/css; charset=utf-8"),
        ("svg", "image/svg+xml"),
        ("txt", "text/plain; charset=utf-8"),
        ("png", "image/png"),
        ("woff2", "font/woff2"),
    ]);
    let ending = name.rsplit('.').next().unwrap_or_default();
    types.get(ending).copied().unwrap_or("application/octet-stream")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
