use app::{
    error::AppError,
    pages::settings::person::{Made, Person, PersonForm, person},
    paths,
};
use axum::{extract::Query, http::StatusCode, response::Response};
use engine::{By, EngineError, NewToken, Problem};
use model::{Grantee, TokenId, UserId};
use serde::Deserialize;

use crate::extractors::{PageForm, PagePath};

use super::{PageRequest, ReaderZone, grants, people::role};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Saved {
    saved: String,
}

pub async fn show(
    PagePath(id): PagePath<UserId>,
    zone: ReaderZone,
    request: PageRequest,
    Query(Saved { saved }): Query<Saved>,
) -> Response {
    let saved = match saved.as_str() {
        "name" => Some("The name is saved."),
        "role" => Some("The role is saved. It counts at once."),
        "sessions" => Some("All sessions are over."),
        "grant" => Some("Granted. It counts at once."),
        "grant-revoked" => Some("Taken back. It ended at once."),
        "revoked" => Some("The token is revoked. It works nowhere any more."),
        "disabled" => Some("The account is disabled. Nothing of it works any more."),
        "enabled" => Some("The account is enabled."),
        _ => None,
    };
    draw(&id, zone, request, PersonForm::default(), Outcome { saved, ..Outcome::default() }).await
}

pub async fn submit(
    PagePath(id): PagePath<UserId>,
    zone: ReaderZone,
    request: PageRequest,
    PageForm(form): PageForm<PersonForm>,
) -> Response {
    match act(&id, &request, &form).await {
        Ok(Done::Saved(saved)) => request.go(&format!("{}?saved={saved}", paths::person(&id))),
        Ok(Done::Made(made)) => {
            draw(&id, zone, request, PersonForm::default(), Outcome { made: Some(made), ..Outcome::default() }).await
        }
        Err(error) => {
            let refused = request.refused(error);
            draw(&id, zone, request, form, Outcome { refused: Some(refused), ..Outcome::default() }).await
        }
    }
}

enum Done {
    /// As the address says it.
    Saved(&'static str),
    Made(Made),
}

async fn act(id: &UserId, request: &PageRequest, form: &PersonForm) -> Result<Done, EngineError> {
    let (engine, by) = (&request.app.services.engine, By::Person(&request.who));
    let saved = match form.act.as_str() {
        "rename" => {
            engine.rename(by, id, &form.name).await?;
            "name"
        }
        "role" => {
            engine.set_role(by, id, role(&form.role)?).await?;
            "role"
        }
        "end_sessions" => {
            engine.end_sessions(by, id, None).await?;
            "sessions"
        }
        "reset" => {
            let link = engine.reset_password(by, id).await?;
            return Ok(Done::Made(Made::PasswordLink(request.app.link(&link))));
        }
        "token" => {
            let made = engine.create_token(by, id, NewToken::named(&form.token_name)).await?;
            return Ok(Done::Made(Made::Token(made.value)));
        }
        "grant" => {
            engine.grant(by, grants::grant(Grantee::Principal(id.clone()), &form.grant())?).await?;
            "grant"
        }
        "revoke_grant" => {
            engine.revoke(by, &Grantee::Principal(id.clone()), &grants::target(&form.grant())?).await?;
            "grant-revoked"
        }
        "disable" => {
            engine.disable(by, id).await?;
            "disabled"
        }
        "enable" => {
            engine.enable(by, id).await?;
            "enabled"
        }
        _ => {
            let token = TokenId::parse(form.token.as_str()).map_err(|_| Problem::NoSuchToken)?;
            engine.revoke_token(by, &token).await?;
            "revoked"
        }
    };
    Ok(Done::Saved(saved))
}

#[derive(Default)]
struct Outcome {
    refused: Option<(StatusCode, AppError)>,
    saved: Option<&'static str>,
    made: Option<Made>,
}

async fn draw(id: &UserId, zone: ReaderZone, request: PageRequest, form: PersonForm, outcome: Outcome) -> Response {
    match read(id, zone, &request, outcome.made).await {
        Ok(shown) => {
            let (status, error) =
                outcome.refused.map_or((StatusCode::OK, None), |(status, error)| (status, Some(error)));
            let page = person(&request.who, shown, &form, error, outcome.saved).with_status(status);
            request.draw(page).await
        }
        Err(error) => request.refuse(error).await,
    }
}

async fn read(id: &UserId, zone: ReaderZone, request: &PageRequest, made: Option<Made>) -> Result<Person, EngineError> {
    let (engine, by) = (&request.app.services.engine, By::Person(&request.who));
    // One's own account has a page of its own; this one is for whoever manages people.
    engine.people(by).await?;
    let mut groups = engine.groups(by).await?;
    groups.retain(|group| group.members.contains(id));
    Ok(Person {
        now: engine.now(),
        user: engine.account(by, id).await?,
        sessions: engine.sessions(by, id).await?,
        tokens: engine.tokens(by, Some(id)).await?,
        grants: engine.grants(by, Some(&Grantee::Principal(id.clone()))).await?,
        groups,
        environments: engine.environments(&request.who).into_iter().map(|env| env.slug).collect(),
        made,
        zone: zone.0,
    })
}
