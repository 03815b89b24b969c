use app::{
    Theme,
    error::{AppError, Kind},
    pages::{Drawn, Page},
};
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, Uri, request::Parts},
    response::Response,
};
use engine::{Access, EngineError};
use leptos::context::provide_context;
use serde_json::json;

use crate::{
    App,
    extractors::{SignedIn, Visitor},
};

use super::{
    part::{as_part, varies, wants_part},
    see, with_status,
};

/// Somebody who is signed in visits a drawn page or sends its form. It is answered as they can read it.
pub struct PageRequest {
    pub who: Access,
    pub app: App,
    visitor: Visitor,
    uri: Uri,
    part: bool,
}

impl FromRequestParts<App> for PageRequest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let SignedIn(who) = SignedIn::from_request_parts(parts, app).await.map_err(varies)?;
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        Ok(Self { who, app: app.clone(), visitor, uri: parts.uri.clone(), part: wants_part(&parts.headers) })
    }
}

impl PageRequest {
    pub async fn draw(self, page: Page) -> Response {
        if self.part {
            return as_part(&self.app, page.status, json!({ "title": page.title, "html": &*page.html }));
        }
        let status = page.status;
        self.document(Drawn(Ok(page)), status).await
    }

    /// To another page.
    pub fn go(self, path: &str) -> Response {
        if self.part { as_part(&self.app, StatusCode::OK, json!({ "go": path })) } else { see(path) }
    }

    /// To another page in a new document: the frame is not what it was.
    pub fn go_anew(self, path: &str) -> Response {
        if self.part { as_part(&self.app, StatusCode::OK, json!({ "go": path, "reload": true })) } else { see(path) }
    }

    pub fn theme(&self) -> Option<Theme> {
        self.visitor.theme
    }

    /// What is refused, and why: in place of the page, or above it when a form was sent.
    pub async fn refuse(self, error: EngineError) -> Response {
        let (status, error) = self.visitor.refused(error);
        self.answer_error(status, error).await
    }

    pub async fn not_found(self, words: impl Into<String>) -> Response {
        self.answer_error(StatusCode::NOT_FOUND, AppError::new(Kind::NotFound, words)).await
    }

    /// Words and status of a refusal, for pages that show it themselves.
    pub fn refused(&self, error: EngineError) -> (StatusCode, AppError) {
        self.visitor.refused(error)
    }

    async fn answer_error(self, status: StatusCode, error: AppError) -> Response {
        if self.part {
            return as_part(&self.app, status, error);
        }
        self.document(Drawn(Err(error)), status).await
    }

    async fn document(self, drawn: Drawn, status: StatusCode) -> Response {
        let request = self.visitor.asks_for(self.uri);
        varies(with_status(self.app.render(request, move || provide_context(drawn.clone())).await, status))
    }
}
