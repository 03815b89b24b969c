use app::{
    error::AppError,
    pages::{
        settings::profile::{Profile, ProfileForm, profile},
        zone::Zone,
    },
    paths,
};
use axum::{extract::Query, http::StatusCode, response::Response};
use axum_extra::extract::CookieJar;
use engine::{By, EngineError};
use serde::Deserialize;

use crate::{extractors::PageForm, page_forms::with_cookie};

use super::{PageRequest, ReaderZone};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Saved {
    saved: String,
}

pub async fn show(
    zone: ReaderZone,
    request: PageRequest,
    jar: CookieJar,
    Query(Saved { saved }): Query<Saved>,
) -> Response {
    let saved = match saved.as_str() {
        "name" => Some("Your name is saved."),
        "password" => Some("Your password is changed. Your other sessions are over."),
        "zone" => Some("Your time zone is saved."),
        "session" => Some("The session is over."),
        "sessions" => Some("All other sessions are over."),
        _ => None,
    };
    draw(zone, request, &jar, ProfileForm::default(), None, saved).await
}

pub async fn submit(
    zone: ReaderZone,
    request: PageRequest,
    jar: CookieJar,
    PageForm(form): PageForm<ProfileForm>,
) -> Response {
    if form.act == "zone" {
        let zone = Zone::named(&form.zone).unwrap_or_default();
        let cookie = request.app.zone_cookie(zone.name());
        return with_cookie(request.go(&format!("{}?saved=zone", paths::PROFILE)), &cookie);
    }
    match act(&request, &jar, &form).await {
        // The frame shows the name.
        Ok("name") => request.go_anew(&format!("{}?saved=name", paths::PROFILE)),
        Ok(saved) => request.go(&format!("{}?saved={saved}", paths::PROFILE)),
        Err(error) => {
            let refused = request.refused(error);
            draw(zone, request, &jar, form, Some(refused), None).await
        }
    }
}

/// What was done, as the address says it.
async fn act(request: &PageRequest, jar: &CookieJar, form: &ProfileForm) -> Result<&'static str, EngineError> {
    let (engine, by, me) = (&request.app.services.engine, By::Person(&request.who), &request.who.person.id);
    let session = session(request, jar);
    match form.act.as_str() {
        "password" => {
            engine.change_password(&request.who.person, &session, &form.old, &form.new).await?;
            Ok("password")
        }
        "end" => {
            engine.end_session(by, me, &form.session).await?;
            Ok("session")
        }
        "end_others" => {
            engine.end_sessions(by, me, Some(&session)).await?;
            Ok("sessions")
        }
        _ => {
            engine.rename(by, me, &form.name).await?;
            Ok("name")
        }
    }
}

fn session(request: &PageRequest, jar: &CookieJar) -> String {
    jar.get(request.app.cookie_name()).map(|cookie| cookie.value().to_owned()).unwrap_or_default()
}

async fn draw(
    zone: ReaderZone,
    request: PageRequest,
    jar: &CookieJar,
    form: ProfileForm,
    refused: Option<(StatusCode, AppError)>,
    saved: Option<&'static str>,
) -> Response {
    let engine = &request.app.services.engine;
    let sessions = match engine.sessions(By::Person(&request.who), &request.who.person.id).await {
        Ok(sessions) => sessions,
        Err(error) => return request.refuse(error).await,
    };
    let shown = Profile { sessions, session: session(&request, jar), theme: request.theme(), zone: zone.0 };
    let (status, error) = refused.map_or((StatusCode::OK, None), |(status, error)| (status, Some(error)));
    let page = profile(&request.who, shown, &form, error, saved).with_status(status);
    request.draw(page).await
}
