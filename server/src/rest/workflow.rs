use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use model::{EnvSlug, WorkflowSource};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{App, extractors::SignedIn};

use super::{
    input_schema::input_schema,
    problem::{self, Problem},
};

#[derive(Serialize)]
pub struct Items<T> {
    items: Vec<T>,
    next: Option<String>,
}

#[derive(Serialize)]
pub struct Environment {
    name: EnvSlug,
    kind: &'static str,
    process_instance_id: String,
}

pub async fn environments(State(app): State<App>, SignedIn(who): SignedIn) -> Json<Items<Environment>> {
    let items = app.services.engine.environments(&who).into_iter().map(|env| Environment {
        name: env.slug,
        kind: env.kind.as_str(),
        process_instance_id: env.instance_id,
    });
    Json(Items { items: items.collect(), next: None })
}

#[derive(Deserialize)]
pub struct Which {
    environment: EnvSlug,
}

#[derive(Serialize)]
pub struct Workflow {
    id: String,
    name: String,
    description: String,
    environment: EnvSlug,
    source: WorkflowSource,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_schema: Option<Value>,
}

pub async fn list(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    query: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Items<Workflow>>, Problem> {
    let Query(Which { environment }) =
        query.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "Name the environment: ?environment=dev"))?;
    let forms = app.services.engine.workflow_forms(&who, &environment).await.map_err(problem::from_engine)?;
    let items = forms.into_iter().map(|known| Workflow {
        id: known.id.to_string(),
        name: known.name,
        description: known.description,
        environment: environment.clone(),
        source: known.source,
        input_schema: known.form.as_ref().map(input_schema),
    });
    Ok(Json(Items { items: items.collect(), next: None }))
}
