use app::pages::settings::{self, about::About};
use axum::response::Response;

use super::PageRequest;

/// The settings begin with the first section that a person may use.
pub async fn first(request: PageRequest) -> Response {
    match settings::first(&request.who) {
        Some(path) => request.go(path),
        None => request.not_found("There are no settings for you.").await,
    }
}

pub async fn about(request: PageRequest) -> Response {
    let environments = request.app.services.engine.environments(&request.who);
    let page = settings::about::about(&request.who, About::clone(&request.app.about), environments);
    request.draw(page).await
}
