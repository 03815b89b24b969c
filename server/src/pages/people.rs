use app::{
    error::AppError,
    pages::settings::people::{People, PeopleForm, people},
    paths,
};
use axum::{extract::Query, http::StatusCode, response::Response};
use engine::{By, EngineError, Problem};
use model::{LinkId, Role};
use serde::Deserialize;

use crate::extractors::PageForm;

use super::{PageRequest, ReaderZone};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Saved {
    saved: String,
}

pub async fn show(zone: ReaderZone, request: PageRequest, Query(Saved { saved }): Query<Saved>) -> Response {
    let saved = match saved.as_str() {
        "withdrawn" => Some("The invitation is withdrawn. Its link does not work any more."),
        _ => None,
    };
    draw(zone, request, PeopleForm::default(), Outcome { saved, ..Outcome::default() }).await
}

pub async fn submit(zone: ReaderZone, request: PageRequest, PageForm(form): PageForm<PeopleForm>) -> Response {
    let (engine, by) = (&request.app.services.engine, By::Person(&request.who));
    let done = match form.act.as_str() {
        "invite" => {
            let invited = match role(&form.role) {
                Ok(role) => engine.invite(by, &form.email, role).await,
                Err(problem) => Err(problem.into()),
            };
            return match invited {
                Ok(link) => {
                    let link = request.app.link(&link);
                    draw(zone, request, PeopleForm::default(), Outcome { link: Some(link), ..Outcome::default() }).await
                }
                Err(error) => refuse(zone, request, form, error).await,
            };
        }
        "service" => match role(&form.role) {
            Ok(role) => engine.create_service_account(by, &form.name, role).await.map(|id| paths::person(&id)),
            Err(problem) => Err(problem.into()),
        },
        _ => withdraw(&request, &form).await.map(|()| format!("{}?saved=withdrawn", paths::PEOPLE)),
    };
    match done {
        Ok(path) => request.go(&path),
        Err(error) => refuse(zone, request, form, error).await,
    }
}

pub(super) fn role(word: &str) -> Result<Role, Problem> {
    word.parse().map_err(|()| Problem::BadValue("Choose a role.".to_owned()))
}

async fn withdraw(request: &PageRequest, form: &PeopleForm) -> Result<(), EngineError> {
    let id = LinkId::parse(form.invitation.as_str()).map_err(|_| Problem::LinkClosed)?;
    request.app.services.engine.withdraw_invitation(By::Person(&request.who), &id).await
}

#[derive(Default)]
struct Outcome {
    refused: Option<(StatusCode, AppError)>,
    saved: Option<&'static str>,
    link: Option<String>,
}

async fn refuse(zone: ReaderZone, request: PageRequest, form: PeopleForm, error: EngineError) -> Response {
    let refused = request.refused(error);
    draw(zone, request, form, Outcome { refused: Some(refused), ..Outcome::default() }).await
}

async fn draw(zone: ReaderZone, request: PageRequest, form: PeopleForm, outcome: Outcome) -> Response {
    match read(zone, &request, outcome.link).await {
        Ok(shown) => {
            let (status, error) =
                outcome.refused.map_or((StatusCode::OK, None), |(status, error)| (status, Some(error)));
            let page = people(&request.who, shown, &form, error, outcome.saved).with_status(status);
            request.draw(page).await
        }
        Err(error) => request.refuse(error).await,
    }
}

async fn read(zone: ReaderZone, request: &PageRequest, link: Option<String>) -> Result<People, EngineError> {
    let (engine, by) = (&request.app.services.engine, By::Person(&request.who));
    Ok(People { people: engine.people(by).await?, invitations: engine.invitations(by).await?, link, zone: zone.0 })
}
