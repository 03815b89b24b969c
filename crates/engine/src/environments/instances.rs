//! The instances of an organization, for whoever picks one instead of typing its id.

use std::time::Duration;

use codika::{CallErrorKind, wire::InstanceSummary};
use model::{EnvKind, EnvSlug};
use secrecy::SecretString;
use tokio::time::timeout;

use super::{EnvironmentKeys, EnvironmentSettings, manage};
use crate::{
    Access, Engine, EngineError,
    policy::{self, Act},
};

const PATIENCE: Duration = Duration::from_secs(8);
/// Stands for the instance while none is chosen; no question is about it.
const NONE_YET: &str = "none";

/// An instance that can become an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceChoice {
    pub instance_id: String,
    pub title: String,
    pub kind: EnvKind,
    pub version: Option<String>,
    pub active: bool,
    /// The environment that it is already.
    pub environment: Option<EnvSlug>,
}

/// What an organization key sees.
#[derive(Clone, Debug)]
pub struct Instances {
    pub choices: Vec<InstanceChoice>,
    /// Stands for the key in [`NewKeys::pending`](crate::NewKeys::pending).
    pub pending: String,
}

impl Engine {
    /// The same list again with a key that was given for it before; see [`Instances::pending`].
    ///
    /// # Errors
    /// Like [`Self::list_instances`].
    pub async fn list_instances_again(
        &self,
        who: &Access,
        base_url: &str,
        pending: &str,
    ) -> Result<Instances, EngineError> {
        policy::check(who, Act::ManageEnvironments)?;
        let key = self.inner.pending_keys.get(&who.person.id, &manage::base_url(base_url), pending);
        let key = key.ok_or_else(|| manage::invalid("org_key", "Give an organization key.".to_owned()))?;
        self.inner.pending_keys.forget(pending);
        self.list_instances(who, base_url, key).await
    }

    /// The instances that an organization key sees, active ones first.
    ///
    /// # Errors
    /// [`Problem::Invalid`](crate::Problem::Invalid) names the field that is to blame.
    pub async fn list_instances(
        &self,
        who: &Access,
        base_url: &str,
        organization: SecretString,
    ) -> Result<Instances, EngineError> {
        policy::check(who, Act::ManageEnvironments)?;
        let settings = EnvironmentSettings {
            slug: EnvSlug::parse(NONE_YET).map_err(|_| EngineError::Internal("not a slug"))?,
            name: String::new(),
            kind: EnvKind::Dev,
            colour: None,
            base_url: manage::base_url(base_url),
            instance_id: NONE_YET.to_owned(),
            enabled: true,
        };
        self.inner.upstreams.check_address(&settings.base_url).await.map_err(manage::refused)?;
        let keys = EnvironmentKeys { instance: None, organization: Some(organization.clone()) };
        let upstream = self.inner.upstreams.connect(&settings, &keys).map_err(manage::refused)?;
        let listed = match timeout(PATIENCE, upstream.instances()).await {
            Ok(Ok(listed)) => listed,
            Ok(Err(error)) => {
                let (field, words) = match error.kind {
                    CallErrorKind::KeyRejected => ("org_key", "Codika does not accept this key.".to_owned()),
                    CallErrorKind::Forbidden => {
                        ("org_key", "This key may not list instances: it lacks the scope instances:read.".to_owned())
                    }
                    CallErrorKind::Unreachable | CallErrorKind::Tls | CallErrorKind::Timeout => {
                        ("base_url", "Codika could not be reached at this address.".to_owned())
                    }
                    _ => ("base_url", format!("Codika answered with an error: {}", error.message)),
                };
                return Err(manage::invalid(field, words));
            }
            Err(_) => return Err(manage::invalid("base_url", "Codika did not answer in time.".to_owned())),
        };
        let members = self.inner.environments.members();
        let known = |id: &str| {
            let env = members.values().find(|env| env.public.instance_id == id)?;
            Some(env.public.slug.clone())
        };
        let mut choices: Vec<_> = listed.into_iter().map(|one| choice(one, &known)).collect();
        choices.sort_by_key(|choice| !choice.active);
        let pending = self.inner.pending_keys.keep(&who.person.id, &settings.base_url, organization);
        Ok(Instances { choices, pending })
    }
}

fn choice(listed: InstanceSummary, known: &impl Fn(&str) -> Option<EnvSlug>) -> InstanceChoice {
    InstanceChoice {
        environment: known(&listed.process_instance_id),
        title: listed.title.unwrap_or_else(|| listed.process_instance_id.clone()),
        kind: listed.environment.and_then(|word| word.parse().ok()).unwrap_or(EnvKind::Dev),
        version: listed.current_version,
        active: listed.is_active.unwrap_or(true) && !listed.archived.unwrap_or(false),
        instance_id: listed.process_instance_id,
    }
}
