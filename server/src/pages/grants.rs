//! Reading a grant from its form.

use app::pages::settings::grants::GrantForm;
use engine::Problem;
use model::{EnvSlug, Grant, GrantTarget, GrantVerbs, Grantee, WorkflowId};

/// # Errors
/// [`Problem::BadValue`].
pub fn target(form: &GrantForm) -> Result<GrantTarget, Problem> {
    let bad = |words: &str| Problem::BadValue(words.to_owned());
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let environment = text(&form.environment).map(EnvSlug::parse).transpose();
    let workflow = text(&form.workflow).map(WorkflowId::parse).transpose();
    let environment = environment.map_err(|error| Problem::BadValue(error.to_string()))?;
    let workflow = workflow.map_err(|error| Problem::BadValue(error.to_string()))?;
    GrantTarget::new(environment, workflow).ok_or_else(|| bad("Choose the environment of this workflow."))
}

/// # Errors
/// [`Problem::BadValue`].
pub fn grant(to: Grantee, form: &GrantForm) -> Result<Grant, Problem> {
    let has = |word: &str| form.verbs.iter().any(|verb| verb == word);
    Ok(Grant { to, target: target(form)?, verbs: GrantVerbs { run: has("run"), see: has("see") } })
}
