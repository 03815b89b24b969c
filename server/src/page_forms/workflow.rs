use app::{
    error::AppError,
    features::workflows::{ALTHOUGH, Resubmission},
    paths,
};
use axum::{
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use engine::{Access, StartRun};
use leptos::context::provide_context;
use model::{Again, Door, EnvSlug, RunId, WorkflowId};

use crate::{
    App,
    extractors::{PagePath, SignedIn, Visitor},
    middleware::error_pages::Refusal,
    pages::{see, with_status},
};

use super::{pairs, value};

/// The no-wasm way to start a run: the same verb as the server function.
pub async fn run(
    State(app): State<App>,
    PagePath((environment, workflow)): PagePath<(EnvSlug, WorkflowId)>,
    visitor: Visitor,
    jar: CookieJar,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let typed = pairs(&headers, &body)?;
    let draft = draft_of(&uri);
    let Some(who) = visitor.who.clone() else { return Ok(keep_until_log_in(&app, &jar, &uri, &draft, typed).await) };
    let engine = &app.services.engine;
    let attempt = async {
        let detail = engine.workflow(&who, &environment, &workflow).await.map_err(|error| visitor.refused(error))?;
        let form = detail.form.as_ref();
        let decoded = schema::read_submission(form, &typed);
        let mistakes = form.map_or_else(|| decoded.errors.clone(), |form| decoded.check(form));
        if !mistakes.is_empty() {
            return Err((StatusCode::UNPROCESSABLE_ENTITY, AppError::invalid(mistakes)));
        }
        let again = from(&uri).map(|from| Again { confirmed: value(&typed, ALTHOUGH) == from.as_str(), from });
        let (input, door) = (decoded.input, Door::Dashboard);
        let request = StartRun { environment, workflow, input, key: draft, door, again };
        engine.start_run(&who, request).await.map_err(|error| visitor.refused(error))
    };
    match attempt.await {
        Ok(started) => Ok(see(&paths::run(&started.run.id))),
        // A browser that sends a used form again is led to its run.
        Err((_, AppError { run: Some(run), .. })) => Ok(see(&paths::run(&run))),
        Err((status, error)) => {
            let returned = Resubmission { values: typed, error: Some(error) };
            let page = visitor.asks_for(uri);
            Ok(with_status(app.render(page, move || provide_context(returned.clone())).await, status))
        }
    }
}

/// The session ended while somebody typed: the form waits for them.
async fn keep_until_log_in(
    app: &App,
    jar: &CookieJar,
    uri: &Uri,
    draft: &str,
    typed: Vec<(String, String)>,
) -> Response {
    // Only whoever was logged in before may leave something here.
    let known = match jar.get(app.cookie_name()) {
        Some(cookie) => app.services.engine.was_session(cookie.value()).await.unwrap_or(false),
        None => false,
    };
    if known {
        app.services.drafts.keep(draft, typed);
    }
    see(&paths::log_in_then(uri.path_and_query().map_or("/", |here| here.as_str())))
}

fn draft_of(uri: &Uri) -> String {
    asked(uri, "draft").unwrap_or_default()
}

/// The run whose input filled the form.
fn from(uri: &Uri) -> Option<RunId> {
    asked(uri, "from").and_then(|id| RunId::parse(id).ok())
}

fn asked(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

pub async fn remove(
    State(app): State<App>,
    PagePath((environment, workflow)): PagePath<(EnvSlug, WorkflowId)>,
    SignedIn(who): SignedIn,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    pairs(&headers, &body)?;
    app.services.engine.remove_workflow(&who, &environment, &workflow).await?;
    Ok(see(&paths::home(&environment)))
}

/// Whether this is the page of a workflow's form.
pub fn is_form_page(path: &str) -> bool {
    let mut segments = path.trim_start_matches('/').split('/');
    let segments = (segments.next(), segments.next(), segments.next(), segments.next());
    matches!(segments, (Some(_), Some("workflows"), Some(id), None) if !id.is_empty())
}

/// A form's page without a draft key gets one in its address, so that a doubled submit is one run.
pub async fn with_draft(request: Request, next: Next) -> Response {
    let uri = request.uri();
    let is_get = request.method() == Method::GET;
    let is_known = request.extensions().get::<Access>().is_some();
    if is_get && is_known && is_form_page(uri.path()) && draft_of(uri).is_empty() {
        let rest = uri.query().map(|query| format!("&{query}")).unwrap_or_default();
        return Redirect::to(&format!("{}?draft={}{rest}", uri.path(), engine::draft_key())).into_response();
    }
    next.run(request).await
}
