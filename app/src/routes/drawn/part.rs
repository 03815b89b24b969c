//! What the server answers to a page that is open already: JSON in place of documents and redirects.

use leptos::prelude::document;
use serde_json::Value;

use super::no_page;
use crate::{
    error::{AppError, Kind},
    wire::{self, post},
};

/// Asks for a part, and is answered with the build that drew it.
const PART: &str = "codika-part";

pub enum Answer {
    Page {
        title: String,
        html: String,
    },
    Go {
        to: String,
        /// The frame changes with it.
        reload: bool,
    },
    /// A file, a page of another kind or of another build: it needs a document.
    Foreign,
}

/// Visits an address, or sends a form to it.
pub async fn ask(address: &str, form: Option<&str>) -> Result<Answer, AppError> {
    let body = form.map(|form| ("application/x-www-form-urlencoded", form));
    let Ok((answer, text)) = post::fetch(address, (PART, "1"), body).await else { return Err(post::unreachable()) };
    let Some(build) = answer.headers().get(PART).ok().flatten() else {
        return match answer.status() {
            200..300 => Ok(Answer::Foreign),
            404 => Err(no_page()),
            _ => Err(AppError::new(Kind::Unavailable, text)),
        };
    };
    let answer: Value = wire::read(&text).map_err(|_| AppError::not_understood())?;
    let word = |name: &str| answer.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    if let Some(to) = word("go") {
        return Ok(Answer::Go { to, reload: answer.get("reload").is_some() });
    }
    let (Some(title), Some(html)) = (word("title"), word("html")) else {
        return Err(wire::decode(&answer).unwrap_or_else(|_| AppError::not_understood()));
    };
    // A page of a newer server may need a newer script. What was typed is worth more than that.
    if form.is_none() && Some(build) != own_build() {
        return Ok(Answer::Foreign);
    }
    Ok(Answer::Page { title, html })
}

fn own_build() -> Option<String> {
    document().document_element()?.get_attribute("data-build")
}
