use app::{
    error::AppError,
    pages::settings::tokens::{Tokens, TokensForm, tokens},
    paths,
};
use axum::{extract::Query, http::StatusCode, response::Response};
use engine::{By, CreatedToken, EngineError, NewToken, Problem};
use model::{TokenId, TokenScopes};
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
        "revoked" => Some("The token is revoked. It works nowhere any more."),
        "longest" => Some("Saved. It counts for new tokens."),
        _ => None,
    };
    draw(zone, request, TokensForm::default(), Outcome { saved, ..Outcome::default() }).await
}

pub async fn submit(zone: ReaderZone, request: PageRequest, PageForm(form): PageForm<TokensForm>) -> Response {
    let done = match form.act.as_str() {
        "create" => {
            return match create(&request, &form).await {
                Ok(made) => {
                    draw(zone, request, TokensForm::default(), Outcome { made: Some(made.value), ..Outcome::default() })
                        .await
                }
                Err(error) => refuse(zone, request, form, error).await,
            };
        }
        "longest" => set_longest(&request, &form).await.map(|()| "longest"),
        _ => revoke(&request, &form).await.map(|()| "revoked"),
    };
    match done {
        Ok(saved) => request.go(&format!("{}?saved={saved}", paths::TOKENS)),
        Err(error) => refuse(zone, request, form, error).await,
    }
}

async fn create(request: &PageRequest, form: &TokensForm) -> Result<CreatedToken, EngineError> {
    let environments = form.environments.iter().map(|slug| format!("env:{slug}"));
    let workflows = form.workflows.split_whitespace().map(|id| format!("workflow:{id}"));
    // What every token may; without any act it would be good for all.
    let acts = std::iter::once("read".to_owned()).chain(form.acts.iter().cloned());
    let words: Vec<String> = acts.chain(environments).chain(workflows).collect();
    let new = NewToken {
        name: form.name.clone(),
        scopes: TokenScopes::from_words(words.iter().map(String::as_str)).map_err(Problem::BadValue)?,
        days: number(&form.days)?,
        runs_per_minute: number(&form.runs_per_minute)?,
    };
    let me = &request.who.person.id;
    request.app.services.engine.create_token(By::Person(&request.who), me, new).await
}

async fn revoke(request: &PageRequest, form: &TokensForm) -> Result<(), EngineError> {
    let id = TokenId::parse(form.token.as_str()).map_err(|_| Problem::NoSuchToken)?;
    request.app.services.engine.revoke_token(By::Person(&request.who), &id).await.map(drop)
}

async fn set_longest(request: &PageRequest, form: &TokensForm) -> Result<(), EngineError> {
    let days = number(&form.longest)?;
    request.app.services.engine.set_longest_token_life(By::Person(&request.who), days).await
}

/// None for an empty field.
fn number(text: &str) -> Result<Option<u32>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Problem::BadValue(format!("“{text}” is not a whole number."))),
    }
}

#[derive(Default)]
struct Outcome {
    refused: Option<(StatusCode, AppError)>,
    saved: Option<&'static str>,
    made: Option<String>,
}

async fn refuse(zone: ReaderZone, request: PageRequest, form: TokensForm, error: EngineError) -> Response {
    let refused = request.refused(error);
    draw(zone, request, form, Outcome { refused: Some(refused), ..Outcome::default() }).await
}

async fn draw(zone: ReaderZone, request: PageRequest, form: TokensForm, outcome: Outcome) -> Response {
    match read(zone, &request, outcome.made).await {
        Ok(shown) => {
            let (status, error) =
                outcome.refused.map_or((StatusCode::OK, None), |(status, error)| (status, Some(error)));
            let page = tokens(&request.who, shown, &form, error, outcome.saved).with_status(status);
            request.draw(page).await
        }
        Err(error) => request.refuse(error).await,
    }
}

async fn read(zone: ReaderZone, request: &PageRequest, made: Option<String>) -> Result<Tokens, EngineError> {
    let (engine, by) = (&request.app.services.engine, By::Person(&request.who));
    let everybody = engine.tokens(by, None).await;
    let tokens = match everybody {
        Err(EngineError::Problem(Problem::Forbidden)) => engine.tokens(by, Some(&request.who.person.id)).await?,
        tokens => tokens?,
    };
    Ok(Tokens {
        now: engine.now(),
        tokens,
        environments: engine.environments(&request.who).into_iter().map(|env| env.slug).collect(),
        longest: engine.longest_token_life().await?,
        made,
        zone: zone.0,
    })
}
