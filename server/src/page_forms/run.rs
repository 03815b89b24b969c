use app::paths;
use axum::{
    Extension,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::{Door, RunAction, RunId};

use crate::{
    App,
    extractors::{PagePath, SignedIn},
    middleware::error_pages::Refusal,
    pages::see,
    security::Policy,
};

use super::{pairs, value};

/// The buttons of a run, without wasm.
pub async fn act(
    State(app): State<App>,
    PagePath(id): PagePath<RunId>,
    SignedIn(who): SignedIn,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = pairs(&headers, &body)?;
    let page = paths::run(&id);
    let execution = Some(value(&form, "execution")).filter(|execution| !execution.is_empty());
    let action = RunAction::of_words(value(&form, "act"), execution.map(str::to_owned))
        .map_err(|error| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    match app.services.engine.act(&who, &id, action, Door::Dashboard).await {
        Ok(run) => Ok(see(&paths::run(&run.id))),
        Err(error) => {
            let refused = Refusal::from(error);
            // The state changed meanwhile: the page shows it as it is now.
            if refused.0 == StatusCode::CONFLICT { Ok(see(&page)) } else { Err(refused) }
        }
    }
}

/// The result as Codika sent it, as a download that no browser interprets.
pub async fn result(State(app): State<App>, PagePath(id): PagePath<RunId>, SignedIn(who): SignedIn) -> Response {
    match app.services.engine.run_result(&who, &id).await {
        Ok(Some(bytes)) => {
            let name = format!("attachment; filename=\"result-{}.json\"", id.short().to_lowercase());
            let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)];
            (Extension(Policy::Download), headers, Bytes::from_owner(bytes)).into_response()
        }
        Ok(None) => {
            Refusal::new(StatusCode::NOT_FOUND, "This run has no result, or it is no longer kept.").into_response()
        }
        Err(error) => Refusal::from(error).into_response(),
    }
}
