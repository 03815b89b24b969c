use engine::{Access, EngineError, RunQuery};
use model::EnvSlug;

use crate::{Theme, services::Services};

use super::Session;

/// What the frame around every page of this person shows.
///
/// # Errors
/// When the store cannot be read.
pub async fn session_of(services: &Services, who: Access, theme: Option<Theme>) -> Result<Session, EngineError> {
    let engine = &services.engine;
    let newest = engine.runs(&who, RunQuery { limit: Some(1), ..RunQuery::default() }).await?;
    let environments = engine.environments(&who);
    let known = |slug: &EnvSlug| environments.iter().any(|env| env.slug == *slug);
    let last = newest.items.into_iter().next().map(|run| run.environment).filter(known);
    let home = last.or_else(|| Some(environments.first()?.slug.clone()));
    let moving = engine.moving(&who).await?;
    let theme = theme.map_or("system", Theme::as_str).to_owned();
    let upstream_label = services.upstream_label.clone();
    let person = who.person;
    let initials = person.initials();
    Ok(Session { person, initials, environments, home, upstream_label, theme, now: engine.now(), moving })
}
