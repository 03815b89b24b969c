use app::{
    pages::add_workflow::{AddWorkflowForm, page},
    paths,
};
use axum::response::Response;
use engine::{AddWorkflow, Problem, policy};
use model::EnvSlug;

use crate::extractors::{PageForm, PagePath};

use super::PageRequest;

pub async fn show(PagePath(environment): PagePath<EnvSlug>, request: PageRequest) -> Response {
    if !request.app.services.engine.environments(&request.who).iter().any(|known| known.slug == environment) {
        return request.refuse(Problem::NoSuchEnvironment(environment.to_string()).into()).await;
    }
    if let Err(problem) = policy::check(&request.who, policy::Act::ManageWorkflows { environment: &environment }) {
        return request.refuse(problem.into()).await;
    }
    request.draw(page(&environment, AddWorkflowForm::default(), None)).await
}

pub async fn submit(
    PagePath(environment): PagePath<EnvSlug>,
    request: PageRequest,
    PageForm(form): PageForm<AddWorkflowForm>,
) -> Response {
    let AddWorkflowForm { id, name, schema } = &form;
    let add = AddWorkflow { environment: environment.clone(), id, name, schema };
    match request.app.services.engine.add_workflow(&request.who, add).await {
        Ok(workflow) => request.go(&paths::workflow(&environment, &workflow)),
        Err(error) => {
            let (status, error) = request.refused(error);
            request.draw(page(&environment, form, Some(error)).with_status(status)).await
        }
    }
}
