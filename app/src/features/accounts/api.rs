use leptos::prelude::*;

use crate::{error::AppError, wire::Json};

use super::Session;

/// None for guests.
#[server(input = Json, output = Json)]
pub async fn current_session() -> Result<Option<Session>, AppError> {
    use crate::services::{extension, refuse, services};

    let Some(person) = extension::<model::Principal>() else { return Ok(None) };
    let services = services()?;
    let newest = services.engine.runs(&person, engine::RunQuery { limit: Some(1), ..Default::default() }).await;
    let newest = newest.map_err(refuse)?.items.into_iter().next();
    let environments = services.engine.environments();
    let known = |slug: &model::EnvSlug| environments.iter().any(|env| env.slug == *slug);
    let home = newest.map(|run| run.environment).filter(known).or_else(|| Some(environments.first()?.slug.clone()));
    let moving = services.engine.moving(&person).await.map_err(refuse)?;
    let theme = extension::<crate::Theme>().map_or("system", crate::Theme::as_str).to_owned();
    let now = services.engine.now();
    Ok(Some(Session { person, environments, home, upstream_label: services.upstream_label, theme, now, moving }))
}
