use app::pages::set_up::{SetUpForm, page};
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use engine::{LogIn, SetUp};
use serde::Deserialize;

use crate::{
    App,
    extractors::{PageForm, Visitor},
    page_forms::account::logged_in,
};

use super::{document, see};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Link {
    token: String,
}

pub async fn show(State(app): State<App>, visitor: Visitor, link: Result<Query<Link>, QueryRejection>) -> Response {
    let token = link.map(|Query(link)| link.token).unwrap_or_default();
    let form = SetUpForm { token, ..SetUpForm::default() };
    document(&app, &visitor, page(form, None))
}

pub async fn submit(State(app): State<App>, visitor: Visitor, PageForm(form): PageForm<SetUpForm>) -> Response {
    let engine = &app.services.engine;
    let SetUpForm { token, name, email, password } = &form;
    let done = match engine.set_up(token, SetUp { email, name, password }).await {
        Ok(()) => engine.log_in(LogIn { email, password, ..visitor.logs_in() }).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(session) => logged_in(&app, see("/"), &session),
        Err(error) => {
            let (status, refused) = visitor.refused(error);
            document(&app, &visitor, page(form, Some(refused.message)).with_status(status))
        }
    }
}
