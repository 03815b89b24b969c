//! What an environment offers: the instance's workflows, their skills, and those added by hand.

mod discovery;
mod merge;

use std::sync::Arc;

use model::{
    Activity, AuditAction, Catalog, EnvSlug, Notice, WorkflowCard, WorkflowDetail, WorkflowId, WorkflowSource,
};
use schema::{Form, FormSource, OutputField};

use crate::{
    Access, Engine, EngineError, Problem, key_state,
    policy::{self, Act},
    stats,
    store::AddedWorkflow,
    watch,
};

pub(crate) use discovery::Discovery;
use discovery::{Found, Waits};

/// A workflow as far as it is known, from whichever source.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub id: WorkflowId,
    pub name: String,
    pub description: String,
    pub source: WorkflowSource,
    pub cost: Option<f64>,
    pub form: Option<Form>,
    pub form_source: FormSource,
    pub outputs: Vec<OutputField>,
    pub about: Option<String>,
    pub scheduled: bool,
    /// Somebody added it here by hand.
    pub added: bool,
}

/// A workflow and what it takes, for programs.
#[derive(Clone, Debug)]
pub struct WorkflowForm {
    pub id: WorkflowId,
    pub name: String,
    pub description: String,
    pub source: WorkflowSource,
    pub form: Option<Form>,
}

impl From<&Entry> for WorkflowForm {
    fn from(entry: &Entry) -> Self {
        Self {
            id: entry.id.clone(),
            name: entry.name.clone(),
            description: entry.description.clone(),
            source: entry.source,
            form: entry.form.clone(),
        }
    }
}

/// A workflow that an operator adds by its id.
#[derive(Clone, Debug)]
pub struct AddWorkflow<'a> {
    pub environment: EnvSlug,
    pub id: &'a str,
    pub name: &'a str,
    /// A form schema as JSON text; empty for none.
    pub schema: &'a str,
}

impl Engine {
    /// # Errors
    /// [`Problem::NoSuchEnvironment`].
    pub async fn catalog(&self, who: &Access, slug: &EnvSlug) -> Result<Catalog, EngineError> {
        policy::check(who, Act::Enter(slug))?;
        let env = self.env(slug)?;
        let known = self.known(slug).await?;
        let mut workflows = Vec::with_capacity(known.entries.len());
        for entry in known.entries.iter().filter(|entry| who.scope.sees_workflow(slug, &entry.id)) {
            workflows.push(self.card(slug, entry).await?);
        }
        let outage = env.gate.outage().map(|outage| watch::outage_in_words(&outage, self.now()));
        let key = env
            .key
            .notice(env.public.source)
            .filter(|_| policy::allows(who, Act::ManageWorkflows { environment: slug }));
        let disabled = (!env.public.enabled).then(disabled);
        let expiry = env.discovery.key_expiry().and_then(|at| key_state::expiry(at, self.now(), env.public.source));
        let expiry = expiry.filter(|_| policy::allows(who, Act::ManageEnvironments));
        let state = env.discovery.state().and_then(|state| inactive(&state.activity));
        let ours = disabled
            .into_iter()
            .chain(state)
            .chain(outage)
            .chain(key)
            .chain(expiry)
            .chain(self.unverified_paths(slug)?);
        let notices = ours.chain(known.notices).collect();
        Ok(Catalog { environment: env.public(), workflows, notices, complete: known.complete })
    }

    /// The workflows with their forms and without their history.
    ///
    /// # Errors
    /// [`Problem::NoSuchEnvironment`].
    pub async fn workflow_forms(&self, who: &Access, slug: &EnvSlug) -> Result<Vec<WorkflowForm>, EngineError> {
        policy::check(who, Act::Enter(slug))?;
        let known = self.known(slug).await?;
        let entries = known.entries.iter().filter(|entry| who.scope.sees_workflow(slug, &entry.id));
        Ok(entries.map(WorkflowForm::from).collect())
    }

    /// # Errors
    /// [`Problem::NoSuchWorkflow`] when the instance's list was read and does not have it.
    pub async fn workflow(&self, who: &Access, slug: &EnvSlug, id: &WorkflowId) -> Result<WorkflowDetail, EngineError> {
        policy::check(who, Act::Enter(slug))?;
        let env = self.env(slug)?;
        policy::check(who, Act::Open { environment: slug, workflow: id })?;
        let entry = self.entry(slug, id, Waits::Anything).await?;
        let card = self.card(slug, &entry).await?;
        let newest = crate::RunQuery {
            environment: Some(slug.clone()),
            workflow: Some(id.clone()),
            limit: Some(1),
            ..crate::RunQuery::default()
        };
        let last_run = self.runs(who, newest).await?.items.into_iter().next();
        Ok(WorkflowDetail {
            card,
            environment: env.public(),
            added: entry.added,
            form: entry.form,
            form_source: entry.form_source,
            about_html: entry.about.as_deref().map(crate::manual_to_html),
            scheduled: entry.scheduled,
            last_run,
        })
    }

    /// # Errors
    /// [`Problem::BadValue`] for an id, a name or a schema that cannot be used.
    pub async fn add_workflow(&self, who: &Access, add: AddWorkflow<'_>) -> Result<WorkflowId, EngineError> {
        policy::check(who, Act::ManageWorkflows { environment: &add.environment })?;
        self.env(&add.environment)?;
        let id = WorkflowId::parse(add.id.trim()).map_err(|error| invalid("id", error.to_string()))?;
        // Replacing one is for whoever has seen it: it is removed on its own page.
        if self.inner.store.added_workflows(&add.environment).await?.iter().any(|known| known.id == id) {
            let words = "A workflow with this id was added already. Its page can remove it.";
            return Err(invalid("id", words.to_owned()));
        }
        let name = if add.name.trim().is_empty() { id.as_str() } else { add.name.trim() };
        if name.chars().count() > 200 {
            return Err(invalid("name", "Use at most 200 characters.".to_owned()));
        }
        let schema = add.schema.trim();
        if !schema.is_empty() {
            if schema::Values::count(schema.as_bytes()).all > schema::MAX_VALUES {
                return Err(invalid("schema", format!("This JSON has more than {} values.", schema::MAX_VALUES)));
            }
            let value = serde_json::from_str(schema)
                .map_err(|error| invalid("schema", format!("This is not valid JSON: {error}.")))?;
            Form::parse(&value).map_err(|error| invalid("schema", error.to_string()))?;
        }
        let audit = self.audit(
            Some(&who.person),
            AuditAction::WorkflowAdded,
            format!("workflow:{}/{id}", add.environment),
            format!("“{name}”"),
        );
        let added = AddedWorkflow {
            environment: add.environment,
            id: id.clone(),
            name: name.to_owned(),
            description: String::new(),
            schema: (!schema.is_empty()).then(|| schema.to_owned()),
        };
        self.inner.store.put_workflow(added, audit).await?;
        Ok(id)
    }

    /// # Errors
    /// [`Problem::NoSuchWorkflow`] when it was not added by hand.
    pub async fn remove_workflow(&self, who: &Access, slug: &EnvSlug, id: &WorkflowId) -> Result<(), EngineError> {
        policy::check(who, Act::ManageWorkflows { environment: slug })?;
        let audit =
            self.audit(Some(&who.person), AuditAction::WorkflowRemoved, format!("workflow:{slug}/{id}"), String::new());
        if self.inner.store.remove_workflow(slug, id, audit).await? { Ok(()) } else { Err(no_such(slug, id)) }
    }

    /// The entry a run may be started for. An id is unknown only when the instance's own list was read.
    pub(crate) async fn workflow_entry(&self, slug: &EnvSlug, id: &WorkflowId) -> Result<Entry, EngineError> {
        self.entry(slug, id, Waits::Nothing).await
    }

    async fn entry(&self, slug: &EnvSlug, id: &WorkflowId, waits: Waits) -> Result<Entry, EngineError> {
        let found = self.env(slug)?.discovery.found(waits).await;
        let known = self.with_added(slug, &found).await?;
        match known.entries.iter().find(|entry| entry.id == *id) {
            Some(entry) => Ok(entry.clone()),
            None if known.complete => Err(no_such(slug, id)),
            None => Ok(Entry::by_id_only(id)),
        }
    }

    /// Like [`Self::workflow_entry`] for runs of the past, whose workflow may be gone.
    pub(crate) async fn known_workflow(&self, slug: &EnvSlug, id: &WorkflowId) -> Option<Entry> {
        self.workflow_entry(slug, id).await.ok()
    }

    /// What to know before relying on an upstream whose paths nobody has verified.
    ///
    /// # Errors
    /// [`Problem::NoSuchEnvironment`].
    pub fn unverified_paths(&self, slug: &EnvSlug) -> Result<Option<Notice>, EngineError> {
        let env = self.env(slug)?;
        Ok((!env.upstream.paths_verified()).then(|| Notice {
            title: "The connection to Codika is unverified".to_owned(),
            why: format!(
                "{} has not answered in any of the spellings that Codika's addresses are known in. Runs are sent in the first of them; whether they arrive is not certain.",
                env.public.upstream
            ),
            hint: "The operator checks CODIKA_BASE_URL and, if Codika's documentation names other addresses, sets CODIKA_PATH_STYLE to short, function or documented.".to_owned(),
            warning: true,
        }))
    }

    async fn known(&self, slug: &EnvSlug) -> Result<Known, EngineError> {
        let found = self.env(slug)?.discovery.found(Waits::News).await;
        self.with_added(slug, &found).await
    }

    async fn with_added(&self, slug: &EnvSlug, found: &Found) -> Result<Known, EngineError> {
        let added = self.inner.store.added_workflows(slug).await?;
        let entries =
            if added.is_empty() { found.entries.clone() } else { Arc::new(merge::with_added(&found.entries, &added)) };
        Ok(Known { entries, notices: found.notices.clone(), complete: found.complete })
    }

    async fn card(&self, slug: &EnvSlug, entry: &Entry) -> Result<WorkflowCard, EngineError> {
        let recent = self.inner.store.recent(slug, &entry.id, stats::WINDOW).await?;
        Ok(WorkflowCard {
            id: entry.id.clone(),
            name: entry.name.clone(),
            description: entry.description.clone(),
            source: entry.source,
            cost: entry.cost,
            usual: stats::usual(&recent),
            recent: stats::spark(&recent),
        })
    }
}

struct Known {
    entries: Arc<Vec<Entry>>,
    notices: Vec<Notice>,
    complete: bool,
}

impl Entry {
    fn by_id_only(id: &WorkflowId) -> Self {
        Self {
            id: id.clone(),
            name: id.to_string(),
            description: String::new(),
            source: WorkflowSource::Operator,
            cost: None,
            form: None,
            form_source: FormSource::None,
            outputs: Vec::new(),
            about: None,
            scheduled: false,
            added: false,
        }
    }
}

fn inactive(activity: &Activity) -> Option<Notice> {
    Some(Notice {
        title: format!("This environment is {}", activity.label()),
        why: activity.refusal()?,
        hint: "Nothing is started in it until its instance is active again.".to_owned(),
        warning: true,
    })
}

fn disabled() -> Notice {
    Notice {
        title: "This environment is disabled".to_owned(),
        why: "An administrator has disabled it: nothing is started in it.".to_owned(),
        hint: "Runs that are under way are watched to their end.".to_owned(),
        warning: true,
    }
}

fn no_such(slug: &EnvSlug, id: &WorkflowId) -> EngineError {
    Problem::NoSuchWorkflow { workflow: id.to_string(), environment: slug.to_string() }.into()
}

fn invalid(field: &str, message: String) -> EngineError {
    Problem::Invalid(vec![schema::FieldError { path: field.to_owned(), code: schema::ErrorCode::InvalidJson, message }])
        .into()
}
