//! §7.2: a running workflow uploads a file and gets a document id to put into its result.

use std::{collections::HashMap, convert::Infallible};

use axum::{body::Bytes, http::header};
use futures::stream;
use multer::Multipart;

use super::{Asked, callbacks};
use crate::{
    files::{About, Document, receipt},
    reply::{Answer, Refusal, Reply},
    state::State,
};

const MAX_FILE: usize = 100 * 1024 * 1024;

#[derive(Default)]
struct Form {
    texts: HashMap<String, String>,
    file: Option<File>,
}

struct File {
    name: String,
    mime: String,
    bytes: Bytes,
}

pub async fn answer(state: &State, asked: &Asked) -> Answer {
    let mut form = read(asked).await?;
    let text = |name: &str| form.texts.get(name).map(String::as_str);
    let id = text("executionId").ok_or_else(|| missing("executionId"))?;
    let secret = text("executionSecret").ok_or_else(|| missing("executionSecret"))?;
    let execution = callbacks::open(state, id, secret)?;
    let file = form.file.take().ok_or_else(|| missing("file"))?;
    if file.bytes.len() > MAX_FILE {
        return Err(Refusal::invalid("The file is larger than 100 MB"));
    }
    let name = text("fileName").unwrap_or(&file.name).to_owned();
    let mime = text("mimeType").unwrap_or(&file.mime).to_owned();
    let document = Document { about: About { name, mime }, bytes: file.bytes };
    let execution = &execution.created.id;
    let id = state
        .files
        .put(execution, document.clone())
        .map_err(|error| Refusal::internal(format!("The file could not be kept: {error}")))?;
    Reply::json(&receipt(execution, &id, &document))
}

async fn read(asked: &Asked) -> Result<Form, Refusal> {
    let unreadable = |error: multer::Error| Refusal::invalid(format!("Invalid multipart: {error}"));
    let boundary = asked
        .parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| Refusal::invalid("Expected multipart/form-data"))
        .and_then(|content_type| multer::parse_boundary(content_type).map_err(unreadable))?;
    let body = stream::iter([Ok::<_, Infallible>(asked.body.clone())]);
    let mut parts = Multipart::new(body, boundary);
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            form.file = Some(File {
                name: part.file_name().unwrap_or("file").to_owned(),
                mime: part.content_type().map_or("application/octet-stream", |mime| mime.as_ref()).to_owned(),
                bytes: part.bytes().await.map_err(unreadable)?,
            });
        } else {
            let text = part.text().await.map_err(unreadable)?;
            form.texts.insert(name, text);
        }
    }
    Ok(form)
}

fn missing(part: &str) -> Refusal {
    Refusal::invalid(format!("The part '{part}' is missing"))
}
