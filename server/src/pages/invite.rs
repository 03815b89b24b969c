use app::pages::invite::{InviteForm, closed, page};
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::Response,
};
use engine::{AcceptInvitation, EngineError, LogIn, Problem};
use serde::Deserialize;

use crate::{
    App,
    extractors::{PageForm, Visitor},
    middleware::error_pages::Refusal,
    page_forms::account::logged_in,
};

use super::{document, see};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Link {
    token: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    link: Result<Query<Link>, QueryRejection>,
) -> Result<Response, Refusal> {
    let token = link.map(|Query(link)| link.token).unwrap_or_default();
    form_page(&app, &visitor, InviteForm { token, ..InviteForm::default() }, StatusCode::OK, None).await
}

pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    PageForm(form): PageForm<InviteForm>,
) -> Result<Response, Refusal> {
    let engine = &app.services.engine;
    let accept = AcceptInvitation { name: &form.name, password: &form.password };
    match engine.use_link(&form.token, accept).await {
        Ok(email) => {
            match engine.log_in(LogIn { email: &email, password: &form.password, ..visitor.logs_in() }).await {
                Ok(session) => Ok(logged_in(&app, see("/"), &session)),
                // It is done all the same; only the session is missing.
                Err(_) => Ok(see(app::paths::LOG_IN)),
            }
        }
        Err(error) => {
            let (status, refused) = visitor.refused(error);
            form_page(&app, &visitor, form, status, Some(refused.message)).await
        }
    }
}

async fn form_page(
    app: &App,
    visitor: &Visitor,
    form: InviteForm,
    status: StatusCode,
    message: Option<String>,
) -> Result<Response, Refusal> {
    let page = match app.services.engine.open_link(&form.token).await? {
        Some(link) => page(link, form, message).with_status(status),
        None => {
            let (status, _) = visitor.refused(EngineError::Problem(Problem::LinkClosed));
            closed().with_status(status)
        }
    };
    Ok(document(app, visitor, page))
}
