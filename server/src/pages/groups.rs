use app::{
    error::AppError,
    pages::settings::groups::{GroupForm, GroupView, GroupsForm, group, groups},
    paths,
};
use axum::{extract::Query, http::StatusCode, response::Response};
use engine::{By, EngineError, Problem};
use model::{Grantee, GroupId, UserId};
use serde::Deserialize;

use crate::extractors::{PageForm, PagePath};

use super::{PageRequest, grants};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Saved {
    saved: String,
}

pub async fn list(request: PageRequest, Query(Saved { saved }): Query<Saved>) -> Response {
    let saved = (saved == "removed").then_some("The group is removed.");
    draw_list(request, GroupsForm::default(), None, saved).await
}

pub async fn create(request: PageRequest, PageForm(form): PageForm<GroupsForm>) -> Response {
    match request.app.services.engine.create_group(By::Person(&request.who), &form.name).await {
        Ok(id) => request.go(&paths::group(&id)),
        Err(error) => {
            let refused = request.refused(error);
            draw_list(request, form, Some(refused), None).await
        }
    }
}

async fn draw_list(
    request: PageRequest,
    typed: GroupsForm,
    refused: Option<(StatusCode, AppError)>,
    saved: Option<&'static str>,
) -> Response {
    match request.app.services.engine.groups(By::Person(&request.who)).await {
        Ok(all) => {
            let (status, error) = refused.map_or((StatusCode::OK, None), |(status, error)| (status, Some(error)));
            let page = groups(&request.who, all, typed, error, saved).with_status(status);
            request.draw(page).await
        }
        Err(error) => request.refuse(error).await,
    }
}

pub async fn show(
    PagePath(id): PagePath<GroupId>,
    request: PageRequest,
    Query(Saved { saved }): Query<Saved>,
) -> Response {
    let saved = match saved.as_str() {
        "grant" => Some("Granted. It counts at once."),
        "revoked" => Some("Taken back. It ended at once."),
        "members" => Some("Saved."),
        _ => None,
    };
    draw(&id, request, GroupForm::default(), None, saved).await
}

pub async fn submit(
    PagePath(id): PagePath<GroupId>,
    request: PageRequest,
    PageForm(form): PageForm<GroupForm>,
) -> Response {
    match act(&id, &request, &form).await {
        Ok(path) => request.go(&path),
        Err(error) => {
            let refused = request.refused(error);
            draw(&id, request, form, Some(refused), None).await
        }
    }
}

/// Where it goes on.
async fn act(id: &GroupId, request: &PageRequest, form: &GroupForm) -> Result<String, EngineError> {
    let (engine, by) = (&request.app.services.engine, By::Person(&request.who));
    let saved = |word: &str| format!("{}?saved={word}", paths::group(id));
    let to = Grantee::Group(id.clone());
    match form.act.as_str() {
        "grant" => engine.grant(by, grants::grant(to, &form.grant())?).await.map(|()| saved("grant")),
        "revoke_grant" => engine.revoke(by, &to, &grants::target(&form.grant())?).await.map(|()| saved("revoked")),
        "add" => engine.add_to_group(by, id, &person(form)?).await.map(|()| saved("members")),
        "take_out" => engine.remove_from_group(by, id, &person(form)?).await.map(|()| saved("members")),
        "remove_group" => engine.remove_group(by, id).await.map(|()| format!("{}?saved=removed", paths::GROUPS)),
        _ => Err(Problem::BadValue("Press one of the buttons of this page.".to_owned()).into()),
    }
}

fn person(form: &GroupForm) -> Result<UserId, Problem> {
    UserId::parse(form.person.as_str()).map_err(|_| Problem::BadValue("Choose a person.".to_owned()))
}

async fn draw(
    id: &GroupId,
    request: PageRequest,
    typed: GroupForm,
    refused: Option<(StatusCode, AppError)>,
    saved: Option<&'static str>,
) -> Response {
    match read(id, &request).await {
        Ok(Some(shown)) => {
            let (status, error) = refused.map_or((StatusCode::OK, None), |(status, error)| (status, Some(error)));
            let page = group(&request.who, shown, typed, error, saved).with_status(status);
            request.draw(page).await
        }
        Ok(None) => request.not_found("There is no such group.").await,
        Err(error) => request.refuse(error).await,
    }
}

async fn read(id: &GroupId, request: &PageRequest) -> Result<Option<GroupView>, EngineError> {
    let (engine, by) = (&request.app.services.engine, By::Person(&request.who));
    let Some(group) = engine.groups(by).await?.into_iter().find(|group| group.id == *id) else { return Ok(None) };
    Ok(Some(GroupView {
        group,
        people: engine.people(by).await?.into_iter().map(|row| row.principal).collect(),
        grants: engine.grants(by, Some(&Grantee::Group(id.clone()))).await?,
        environments: engine.environments(&request.who).into_iter().map(|env| env.slug).collect(),
    }))
}
