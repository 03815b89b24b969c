use model::{EnvSlug, WorkflowId};

#[cfg(feature = "ssr")]
use crate::error::AppError;
use crate::wire::calls;

use super::{Home, WorkflowRequest, WorkflowView};

calls! {
    pub async fn get_home(environment: EnvSlug) -> Result<Home, AppError> {
        use crate::services::{refuse, services, who};
        use engine::{RunQuery, policy};
        use model::RunStatus;

        let (who, engine) = (who()?, services()?.engine);
        let catalog = engine.catalog(&who, &environment).await.map_err(refuse)?;
        let query = |status, limit| RunQuery {
            environment: Some(environment.clone()),
            status,
            limit: Some(limit),
            ..RunQuery::default()
        };
        let open = vec![RunStatus::NotSent, RunStatus::Unconfirmed, RunStatus::Stalled];
        let attention = engine.runs(&who, query(open, 5)).await.map_err(refuse)?.items;
        let recent = engine.list_runs(&who, query(Vec::new(), 8)).await.map_err(refuse)?.items;
        let may_add = policy::allows(&who, policy::Act::ManageWorkflows { environment: &environment });
        Ok(Home { catalog, attention, recent, may_add })
    }

    pub async fn workflow_page(request: WorkflowRequest) -> Result<WorkflowView, AppError> {
        use crate::features::workflows::{Resubmission, curl, form};
        use crate::services::{refuse, services, who};
        use engine::policy;

        let (who, services) = (who()?, services()?);
        let engine = &services.engine;
        let WorkflowRequest { environment, workflow, draft, from, as_json } = request;
        let detail = engine.workflow(&who, &environment, &workflow).await.map_err(refuse)?;
        let draft = draft.filter(|key| !key.is_empty() && key.len() <= 64).unwrap_or_else(engine::draft_key);
        let used_by = engine.run_by_key(&who, &environment, &workflow, &draft).await.map_err(refuse)?;
        let returned = use_context::<Resubmission>()
            .or_else(|| services.drafts.get(&draft).map(|values| Resubmission { values, error: None }));
        let earlier = match &from {
            Some(run) => Some(engine.offer_again(&who, &environment, &workflow, run).await.map_err(refuse)?),
            None => None,
        };
        let (input, doubt) = earlier.map_or((None, None), |(input, doubt)| (Some(input), doubt));
        let (values, error) = match (returned, input) {
            (Some(returned), _) => (returned.values, returned.error),
            (None, Some(input)) => (form::filled(detail.form.as_ref(), &input, as_json), None),
            (None, None) => (form::fresh(detail.form.as_ref(), as_json), None),
        };
        let curl = curl::example(&services.public_url, &environment, &workflow, detail.form.as_ref());
        let as_json = form::is_json(&values) || detail.form.is_none();
        let may_remove = detail.added && policy::allows(&who, policy::Act::ManageWorkflows { environment: &environment });
        Ok(WorkflowView { detail, draft, used_by, from, doubt, values, as_json, curl, may_remove, error })
    }

    /// Only what was added by hand.
    pub async fn remove_workflow(environment: EnvSlug, id: WorkflowId) -> Result<(), AppError> {
        use crate::services::{refuse, services, who};

        let (who, engine) = (who()?, services()?.engine);
        engine.remove_workflow(&who, &environment, &id).await.map_err(refuse)
    }
}
