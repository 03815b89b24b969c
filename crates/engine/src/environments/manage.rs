//! Adding, changing and removing environments.

use model::{AuditAction, EnvColour, EnvKind, EnvSlug, EnvSource, Environment, Millis};
use schema::{ErrorCode, FieldError};
use secrecy::SecretString;

use super::{ConnectError, EnvironmentKeys, EnvironmentSettings, KeyReport, KeySlot, KeyVerdict, verify::verify};
use crate::{
    Access, Engine, EngineError, Problem, ids,
    policy::{self, Act},
    store::{EnvironmentChange, EnvironmentRow, KeyChange, NewEnvironmentRow, NewKey},
};

/// Characters of a name.
const NAME: usize = 60;
/// More are a mistake of a program.
const MOST: usize = 100;

/// Keys as somebody gives them.
#[derive(Clone, Debug, Default)]
pub struct NewKeys {
    pub instance: Option<SecretString>,
    pub organization: Option<SecretString>,
    /// In place of the organization key: the name of one that was given for a list of instances.
    pub pending: Option<String>,
}

#[derive(Clone, Debug)]
pub struct NewEnvironment {
    pub slug: String,
    pub name: String,
    pub kind: EnvKind,
    pub colour: Option<EnvColour>,
    pub base_url: String,
    pub instance_id: String,
    pub keys: NewKeys,
}

/// What may be changed of an environment. Its slug stands in addresses and its instance is where its runs are.
#[derive(Clone, Debug)]
pub struct ChangeEnvironment {
    pub name: String,
    pub kind: EnvKind,
    pub colour: Option<EnvColour>,
    pub base_url: String,
    /// Needed with another base URL: a key is not sent to where it was not given for.
    pub keys: NewKeys,
}

/// An environment as those see it who may change it.
#[derive(Clone, Debug)]
pub struct ManagedEnvironment {
    pub environment: Environment,
    /// Empty for one of the settings.
    pub keys: Vec<ManagedKey>,
    /// Codika rejects its key.
    pub key_refused: bool,
    pub updated_at: Option<Millis>,
}

/// A key can be replaced, never read.
#[derive(Clone, Debug)]
pub struct ManagedKey {
    pub slot: KeySlot,
    pub suffix: String,
    pub set_at: Millis,
    pub expires_at: Option<Millis>,
}

impl Engine {
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn managed_environments(&self, who: &Access) -> Result<Vec<ManagedEnvironment>, EngineError> {
        policy::check(who, Act::ManageEnvironments)?;
        let stored = self.inner.store.environments().await?.rows;
        let members = self.inner.environments.members();
        let managed = members.values().map(|env| {
            let row = stored.iter().find(|row| row.settings.slug == env.public.slug);
            let row = row.filter(|_| env.public.source == EnvSource::Ui);
            let keys = row.map_or(&[][..], |row| &row.keys[..]).iter().map(|key| ManagedKey {
                slot: key.slot,
                suffix: key.suffix.clone(),
                set_at: key.set_at,
                expires_at: key.expires_at,
            });
            ManagedEnvironment {
                environment: env.public.clone(),
                keys: keys.collect(),
                key_refused: env.key.is_refused(),
                updated_at: row.map(|row| row.updated_at),
            }
        });
        Ok(managed.collect())
    }

    /// # Errors
    /// [`Problem::Invalid`] names the fields that cannot be used.
    pub async fn add_environment(&self, who: &Access, new: NewEnvironment) -> Result<Environment, EngineError> {
        policy::check(who, Act::ManageEnvironments)?;
        let slug = EnvSlug::parse(new.slug.trim()).map_err(|error| invalid("slug", error.to_string()))?;
        let taken = || invalid("slug", format!("There is an environment “{slug}” already."));
        let members = self.inner.environments.members();
        if members.contains_key(&slug) {
            return Err(taken());
        }
        if members.len() >= MOST {
            return Err(invalid("slug", format!("There are {MOST} environments already, and more are not kept.")));
        }
        let settings = EnvironmentSettings {
            slug: slug.clone(),
            name: name(&new.name, &slug)?,
            kind: new.kind,
            colour: new.colour,
            base_url: base_url(&new.base_url),
            instance_id: new.instance_id.trim().to_owned(),
            enabled: true,
        };
        self.inner.upstreams.check_address(&settings.base_url).await.map_err(refused)?;
        let pending = new.keys.pending.clone();
        let keys = self.with_pending(who, &settings.base_url, new.keys)?;
        let keys = self.usable_keys(&settings, keys).await?;
        let what = format!("instance {} at {}", settings.instance_id, settings.base_url);
        let audit = self.audit(Some(&who.person), AuditAction::EnvironmentAdded, subject(&slug), what);
        let row = NewEnvironmentRow { id: ids::environment(), settings, keys, at: self.now() };
        self.finish_environments(
            move |engine| async move { Ok(engine.inner.store.add_environment(row, audit).await?) },
        )
        .await?
        .then_some(())
        .ok_or_else(taken)?;
        if let Some(pending) = pending {
            self.inner.pending_keys.forget(&pending);
        }
        Ok(self.env(&slug)?.public())
    }

    /// # Errors
    /// [`Problem::Invalid`] names the fields that cannot be used; [`Problem::EnvironmentReadOnly`] for one of the
    /// settings; [`Problem::WrongState`] when somebody else has changed it meanwhile.
    pub async fn change_environment(
        &self,
        who: &Access,
        slug: &EnvSlug,
        change: ChangeEnvironment,
    ) -> Result<(), EngineError> {
        let row = self.managed_row(who, slug).await?;
        let settings = EnvironmentSettings {
            name: name(&change.name, slug)?,
            kind: change.kind,
            colour: change.colour,
            base_url: base_url(&change.base_url),
            ..row.settings.clone()
        };
        let moved = settings.base_url != row.settings.base_url;
        let given = change.keys;
        let keys = if moved {
            if given.instance.is_none() && given.organization.is_none() {
                let words = "Give the key again: it is not sent to an address that it was not given for.";
                return Err(invalid("instance_key", words.to_owned()));
            }
            self.inner.upstreams.check_address(&settings.base_url).await.map_err(refused)?;
            KeyChange::All(self.usable_keys(&settings, given).await?)
        } else {
            self.replaced_keys(&settings, &row, given).await?
        };
        let mut what = Vec::new();
        if moved {
            what.push(format!("base URL {} instead of {}", settings.base_url, row.settings.base_url));
        }
        if settings.name != row.settings.name {
            what.push(format!("name “{}” instead of “{}”", settings.name, row.settings.name));
        }
        if settings.kind != row.settings.kind {
            what.push(format!("kind {} instead of {}", settings.kind.as_str(), row.settings.kind.as_str()));
        }
        if let KeyChange::Replace(keys) | KeyChange::All(keys) = &keys {
            what.extend(keys.iter().map(in_words));
        }
        self.store_change(who, row, settings, keys, (AuditAction::EnvironmentChanged, what.join("; "))).await
    }

    /// Puts new keys in the place of old ones; what is under way goes on with them.
    ///
    /// # Errors
    /// Like [`Self::change_environment`].
    pub async fn replace_keys(&self, who: &Access, slug: &EnvSlug, new: NewKeys) -> Result<(), EngineError> {
        let row = self.managed_row(who, slug).await?;
        let settings = row.settings.clone();
        let KeyChange::Replace(keys) = self.replaced_keys(&settings, &row, new).await? else {
            return Err(invalid("instance_key", "Give a key.".to_owned()));
        };
        let what: Vec<_> = keys.iter().map(in_words).collect();
        let audit = (AuditAction::EnvironmentKeyReplaced, what.join("; "));
        self.store_change(who, row, settings, KeyChange::Replace(keys), audit).await
    }

    /// From now on nothing is started in it; what is under way is watched to its end.
    ///
    /// # Errors
    /// Like [`Self::change_environment`].
    pub async fn disable_environment(&self, who: &Access, slug: &EnvSlug) -> Result<(), EngineError> {
        self.set_enabled(who, slug, false).await
    }

    /// # Errors
    /// Like [`Self::change_environment`].
    pub async fn enable_environment(&self, who: &Access, slug: &EnvSlug) -> Result<(), EngineError> {
        self.set_enabled(who, slug, true).await
    }

    async fn set_enabled(&self, who: &Access, slug: &EnvSlug, enabled: bool) -> Result<(), EngineError> {
        let row = self.managed_row(who, slug).await?;
        if row.settings.enabled == enabled {
            return Ok(());
        }
        let settings = EnvironmentSettings { enabled, ..row.settings.clone() };
        let action = if enabled { AuditAction::EnvironmentEnabled } else { AuditAction::EnvironmentDisabled };
        self.store_change(who, row, settings, KeyChange::Keep, (action, String::new())).await
    }

    /// Its runs stay; those that are open come to rest and say why.
    ///
    /// # Errors
    /// [`Problem::EnvironmentReadOnly`] for one of the settings.
    pub async fn remove_environment(&self, who: &Access, slug: &EnvSlug) -> Result<(), EngineError> {
        let row = self.managed_row(who, slug).await?;
        let what = format!("instance {} at {}", row.settings.instance_id, row.settings.base_url);
        let audit = self.audit(Some(&who.person), AuditAction::EnvironmentRemoved, subject(slug), what);
        let gone = slug.clone();
        let removed = self
            .finish_environments(move |engine| async move {
                Ok(engine.inner.store.remove_environment(&row.id, &gone, audit).await?)
            })
            .await?;
        if removed { Ok(()) } else { Err(Problem::NoSuchEnvironment(slug.to_string()).into()) }
    }

    async fn managed_row(&self, who: &Access, slug: &EnvSlug) -> Result<EnvironmentRow, EngineError> {
        policy::check(who, Act::ManageEnvironments)?;
        if self.env(slug).is_ok_and(|env| env.public.source == EnvSource::Env) {
            return Err(Problem::EnvironmentReadOnly(slug.to_string()).into());
        }
        let rows = self.inner.store.environments().await?.rows;
        let row = rows.into_iter().find(|row| row.settings.slug == *slug);
        row.ok_or_else(|| Problem::NoSuchEnvironment(slug.to_string()).into())
    }

    async fn store_change(
        &self,
        who: &Access,
        row: EnvironmentRow,
        settings: EnvironmentSettings,
        keys: KeyChange,
        (action, what): (AuditAction, String),
    ) -> Result<(), EngineError> {
        let audit = self.audit(Some(&who.person), action, subject(&settings.slug), what);
        let change = EnvironmentChange { id: row.id, revision: row.revision, settings, keys, at: self.now() };
        let changed = self
            .finish_environments(move |engine| async move {
                Ok(engine.inner.store.change_environment(change, audit).await?)
            })
            .await?;
        if changed { Ok(()) } else { Err(Problem::WrongState("changed by somebody else").into()) }
    }

    /// Does a change to its end, and acts on it here, also when whoever asked for it goes away.
    async fn finish_environments<F>(&self, change: impl FnOnce(Self) -> F + Send + 'static) -> Result<bool, EngineError>
    where
        F: Future<Output = Result<bool, EngineError>> + Send + 'static,
    {
        let engine = self.clone();
        self.finish(async move {
            let done = change(engine.clone()).await;
            // Also after a failure, which may only have lost the answer.
            engine.load_environments().await?;
            done
        })
        .await
    }

    fn with_pending(&self, who: &Access, base_url: &str, keys: NewKeys) -> Result<NewKeys, EngineError> {
        let NewKeys { organization: None, pending: Some(name), .. } = &keys else { return Ok(keys) };
        match self.inner.pending_keys.get(&who.person.id, base_url, name) {
            Some(key) => Ok(NewKeys { organization: Some(key), ..keys }),
            None => {
                Err(invalid("org_key", "Give the key again: it is not kept for longer than 15 minutes.".to_owned()))
            }
        }
    }

    /// Keys that make a client, and that Codika does not refuse.
    async fn usable_keys(&self, settings: &EnvironmentSettings, new: NewKeys) -> Result<Vec<NewKey>, EngineError> {
        let NewKeys { instance, organization, .. } = new;
        if instance.is_none() && organization.is_none() {
            return Err(invalid("instance_key", "Give a key.".to_owned()));
        }
        let keys = EnvironmentKeys { instance: instance.clone(), organization: organization.clone() };
        let reports = self.tried(settings, &keys, |_| true).await?;
        Ok(self.new_keys(instance, organization, &reports))
    }

    /// Those that are given, together with those that stay, make a client.
    async fn replaced_keys(
        &self,
        settings: &EnvironmentSettings,
        row: &EnvironmentRow,
        NewKeys { instance, organization, .. }: NewKeys,
    ) -> Result<KeyChange, EngineError> {
        if instance.is_none() && organization.is_none() {
            return Ok(KeyChange::Keep);
        }
        let kept = |slot: KeySlot| row.keys.iter().find(|key| key.slot == slot).and_then(|key| key.secret.clone());
        let keys = EnvironmentKeys {
            instance: instance.clone().or_else(|| kept(KeySlot::Instance)),
            organization: organization.clone().or_else(|| kept(KeySlot::Organization)),
        };
        let given = |slot| match slot {
            KeySlot::Instance => instance.is_some(),
            KeySlot::Organization => organization.is_some(),
        };
        let reports = self.tried(settings, &keys, given).await?;
        Ok(KeyChange::Replace(self.new_keys(instance, organization, &reports)))
    }

    /// What Codika says about the keys. One that is given and that it refuses is not taken; that it cannot be asked
    /// is no reason.
    async fn tried(
        &self,
        settings: &EnvironmentSettings,
        keys: &EnvironmentKeys,
        is_given: impl Fn(KeySlot) -> bool,
    ) -> Result<Vec<KeyReport>, EngineError> {
        let upstream = self.inner.upstreams.connect(settings, keys).map_err(refused)?;
        let reports = verify(&upstream).await;
        for report in reports.iter().filter(|report| is_given(report.slot)) {
            if let KeyVerdict::Refused(why) = &report.verdict {
                return Err(invalid(report.slot.field(), why.clone()));
            }
        }
        Ok(reports)
    }

    fn new_keys(
        &self,
        instance: Option<SecretString>,
        organization: Option<SecretString>,
        reports: &[KeyReport],
    ) -> Vec<NewKey> {
        let slots = [(KeySlot::Instance, instance), (KeySlot::Organization, organization)];
        let new = slots.into_iter().filter_map(|(slot, secret)| Some((slot, secret?)));
        new.map(|(slot, secret)| NewKey {
            suffix: self.inner.upstreams.suffix(&secret),
            slot,
            secret,
            expires_at: reports.iter().find(|report| report.slot == slot).and_then(|report| report.expires_at),
        })
        .collect()
    }
}

fn subject(slug: &EnvSlug) -> String {
    format!("environment:{slug}")
}

fn in_words(key: &NewKey) -> String {
    format!("{} key …{}", key.slot.as_str(), key.suffix)
}

pub(super) fn base_url(given: &str) -> String {
    given.trim().trim_end_matches('/').to_owned()
}

fn name(given: &str, slug: &EnvSlug) -> Result<String, EngineError> {
    let name = given.trim();
    if name.chars().count() > NAME {
        return Err(invalid("name", format!("Use at most {NAME} characters.")));
    }
    Ok(if name.is_empty() { slug.to_string() } else { name.to_owned() })
}

pub(super) fn refused(error: ConnectError) -> EngineError {
    invalid(error.field, error.message)
}

pub(super) fn invalid(field: &str, message: String) -> EngineError {
    Problem::Invalid(vec![FieldError { path: field.to_owned(), code: ErrorCode::InvalidJson, message }]).into()
}
