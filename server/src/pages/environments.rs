use app::{
    error::AppError,
    pages::settings::environments::{self as pages, EnvironmentForm},
    paths,
};
use axum::response::Response;
use engine::{ChangeEnvironment, EngineError, KeyReport, ManagedEnvironment, NewEnvironment, NewKeys, Problem, policy};
use model::{EnvKind, EnvSlug};
use secrecy::SecretString;

use crate::extractors::{PageForm, PagePath};

use super::{PageRequest, ReaderZone};

pub async fn list(request: PageRequest) -> Response {
    match request.app.services.engine.managed_environments(&request.who).await {
        Ok(environments) => {
            let page = pages::list(&request.who, environments);
            request.draw(page).await
        }
        Err(error) => request.refuse(error).await,
    }
}

pub async fn new(request: PageRequest) -> Response {
    if let Err(problem) = policy::check(&request.who, policy::Act::ManageEnvironments) {
        return request.refuse(problem.into()).await;
    }
    let form = EnvironmentForm { base_url: request.app.base_url.to_string(), ..EnvironmentForm::default() };
    let page = pages::new(&request.who, form, None, None);
    request.draw(page).await
}

pub async fn add(request: PageRequest, PageForm(mut form): PageForm<EnvironmentForm>) -> Response {
    let engine = request.app.services.engine.clone();
    let keys = take_keys(&mut form);
    if form.act == "list" {
        return list_instances(request, form, keys).await;
    }
    let new = NewEnvironment {
        slug: form.slug.clone(),
        name: form.name.clone(),
        kind: kind(&form),
        colour: form.colour.parse().ok(),
        base_url: form.base_url.clone(),
        instance_id: form.instance_id.clone(),
        keys,
    };
    match engine.add_environment(&request.who, new).await {
        Ok(environment) => request.go_anew(&paths::environment(&environment.slug)),
        Err(error @ EngineError::Problem(Problem::Forbidden)) => request.refuse(error).await,
        Err(error) => {
            let (status, error) = request.refused(error);
            let page = pages::new(&request.who, form, None, Some(error)).with_status(status);
            request.draw(page).await
        }
    }
}

async fn list_instances(request: PageRequest, mut form: EnvironmentForm, keys: NewKeys) -> Response {
    let engine = request.app.services.engine.clone();
    let listed = match keys.organization {
        Some(key) => engine.list_instances(&request.who, &form.base_url, key).await,
        None => engine.list_instances_again(&request.who, &form.base_url, &form.pending).await,
    };
    let page = match listed {
        Ok(listed) => {
            form.pending = listed.pending;
            pages::new(&request.who, form, Some(listed.choices), None)
        }
        Err(error @ EngineError::Problem(Problem::Forbidden)) => return request.refuse(error).await,
        Err(error) => {
            let (status, error) = request.refused(error);
            pages::new(&request.who, form, None, Some(error)).with_status(status)
        }
    };
    request.draw(page).await
}

pub async fn show(PagePath(slug): PagePath<EnvSlug>, zone: ReaderZone, request: PageRequest) -> Response {
    match managed(&request, &slug).await {
        Ok(managed) => draw(zone, request, managed, None, Vec::new(), None).await,
        Err(error) => request.refuse(error).await,
    }
}

pub async fn act(
    PagePath(slug): PagePath<EnvSlug>,
    zone: ReaderZone,
    request: PageRequest,
    PageForm(mut form): PageForm<EnvironmentForm>,
) -> Response {
    let (engine, who) = (request.app.services.engine.clone(), request.who.clone());
    let keys = take_keys(&mut form);
    let done = match form.act.as_str() {
        "verify" => {
            let reports = match engine.verify_keys(&who, &slug).await {
                Ok(reports) => reports,
                Err(error) => return request.refuse(error).await,
            };
            return match managed(&request, &slug).await {
                Ok(managed) => draw(zone, request, managed, None, reports, None).await,
                Err(error) => request.refuse(error).await,
            };
        }
        "change" => {
            let change = ChangeEnvironment {
                name: form.name.clone(),
                kind: kind(&form),
                colour: form.colour.parse().ok(),
                base_url: form.base_url.clone(),
                keys,
            };
            engine.change_environment(&who, &slug, change).await
        }
        "disable" => engine.disable_environment(&who, &slug).await,
        "enable" => engine.enable_environment(&who, &slug).await,
        "remove" if form.sure => {
            return match engine.remove_environment(&who, &slug).await {
                Ok(()) => request.go_anew(paths::ENVIRONMENTS),
                Err(error) => request.refuse(error).await,
            };
        }
        "remove" => Err(Problem::BadValue("Say that you are sure by ticking the box.".to_owned()).into()),
        _ => Err(Problem::BadValue("This page has no such button.".to_owned()).into()),
    };
    match done {
        Ok(()) => request.go_anew(&paths::environment(&slug)),
        Err(error) => match managed(&request, &slug).await {
            Ok(managed) => draw(zone, request, managed, Some(form), Vec::new(), Some(error)).await,
            Err(error) => request.refuse(error).await,
        },
    }
}

async fn managed(request: &PageRequest, slug: &EnvSlug) -> Result<ManagedEnvironment, EngineError> {
    let all = request.app.services.engine.managed_environments(&request.who).await?;
    let found = all.into_iter().find(|managed| managed.environment.slug == *slug);
    found.ok_or_else(|| Problem::NoSuchEnvironment(slug.to_string()).into())
}

async fn draw(
    zone: ReaderZone,
    request: PageRequest,
    managed: ManagedEnvironment,
    typed: Option<EnvironmentForm>,
    reports: Vec<KeyReport>,
    error: Option<EngineError>,
) -> Response {
    let error: Option<(_, AppError)> = error.map(|error| request.refused(error));
    let (status, error) = error.unzip();
    let form = typed.unwrap_or_else(|| stored(&managed));
    let page = pages::one(&request.who, managed, zone.0, form, reports, error);
    let page = match status {
        Some(status) => page.with_status(status),
        None => page,
    };
    request.draw(page).await
}

fn stored(managed: &ManagedEnvironment) -> EnvironmentForm {
    let environment = &managed.environment;
    EnvironmentForm {
        name: environment.name.clone(),
        kind: environment.kind.as_str().to_owned(),
        colour: environment.colour.map_or("", |colour| colour.as_str()).to_owned(),
        base_url: environment.upstream.clone(),
        ..EnvironmentForm::default()
    }
}

fn kind(form: &EnvironmentForm) -> EnvKind {
    form.kind.parse().unwrap_or(EnvKind::Dev)
}

/// What was typed is taken out of the form before any page is drawn with it.
fn take_keys(form: &mut EnvironmentForm) -> NewKeys {
    let instance = secret(std::mem::take(&mut form.instance_key));
    let organization = secret(std::mem::take(&mut form.org_key));
    NewKeys { instance, organization, pending: Some(form.pending.clone()).filter(|name| !name.is_empty()) }
}

/// An empty field is no key.
fn secret(typed: String) -> Option<SecretString> {
    (!typed.trim().is_empty()).then(|| SecretString::from(typed))
}
