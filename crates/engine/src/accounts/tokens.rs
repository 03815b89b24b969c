//! Tokens for the REST API.

use model::{AuditAction, Millis, TokenAct, TokenId, TokenScopes, UserId};

use super::{By, subject};
use crate::{
    Access, Engine, EngineError, Problem, TokenUse, ids,
    store::{LastUse, TokenRow, UserRow},
};

/// The setting that bounds how many days a new token lives.
const LONGEST_LIFE: &str = "tokens.longest_life_days";
const DAY_MS: Millis = 24 * 60 * 60 * 1000;
/// Nobody means more than a century.
const MOST_DAYS: u32 = 36_500;
const MAX_NAME: usize = 100;

#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    pub scopes: TokenScopes,
    /// None: as long as the dashboard's setting lets it, else for ever.
    pub days: Option<u32>,
    /// None: not limited.
    pub runs_per_minute: Option<u32>,
}

impl NewToken {
    /// Good for everything that its owner may, for as long as it can be.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), scopes: TokenScopes::all(), days: None, runs_per_minute: None }
    }
}

pub struct CreatedToken {
    pub id: TokenId,
    /// The token itself, which is shown this once.
    pub value: String,
    pub expires_at: Option<Millis>,
}

impl Engine {
    /// The person behind an API token while it is valid, as far as the token goes.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub async fn who_by_api_token(&self, token: &str) -> Result<Option<Access>, EngineError> {
        let found = self.inner.store.token(&ids::fingerprint(token)).await?;
        let now = self.now();
        let good = found.filter(|(token, owner)| token.is_alive(now) && owner.disabled_at.is_none());
        let Some((token, owner)) = good else { return Ok(None) };
        let access = self.access(owner.principal).await?;
        let scope = access.scope.limited(token.scopes);
        let token = TokenUse { id: token.id, runs_per_minute: token.runs_per_minute };
        Ok(Some(Access { scope, token: Some(token), ..access }))
    }

    /// Writes down that a valid token was used, at most once a minute and without waiting for it.
    pub fn token_used(&self, token: &str, address: &str) {
        let (fingerprint, last) = (ids::fingerprint(token), LastUse { at: self.now(), address: address.to_owned() });
        if self.inner.last_uses.is_due(&fingerprint, last.at) {
            let store = self.inner.store.clone();
            tokio::spawn(async move {
                if let Err(error) = store.token_used(&fingerprint, last).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the use of a token was not noted");
                }
            });
        }
    }

    /// Makes a token for the REST API; it is shown this once.
    ///
    /// # Errors
    /// [`Problem::BadValue`], also for a longer life than the dashboard's setting allows; [`Problem::Forbidden`] for
    /// somebody else's account; [`Problem::NoSuchAccount`].
    pub async fn create_token(&self, by: By<'_>, owner: &UserId, new: NewToken) -> Result<CreatedToken, EngineError> {
        if self.account(by, owner).await?.disabled_at.is_some() {
            return Err(Problem::BadValue("This account is disabled.".to_owned()).into());
        }
        let name = new.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
            return Err(Problem::BadValue("Say what the token is for, in at most 100 characters.".to_owned()).into());
        }
        let mut scopes = new.scopes;
        // Whoever starts a run wants to know what becomes of it.
        if !scopes.acts.contains(&TokenAct::Read) {
            scopes.acts.insert(0, TokenAct::Read);
        }
        let now = self.now();
        let days = life(new.days, self.longest_token_life().await?)?;
        let value = format!("cdt_{}", ids::secret());
        let row = TokenRow {
            id: ids::token(),
            fingerprint: ids::fingerprint(&value),
            owner: owner.clone(),
            name: name.to_owned(),
            suffix: value[value.len() - 4..].to_owned(),
            scopes,
            runs_per_minute: new.runs_per_minute,
            created_at: now,
            expires_at: days.map(|days| now + Millis::from(days) * DAY_MS),
            revoked_at: None,
            last_used_at: None,
            address: String::new(),
        };
        let detail = format!(
            "“{name}” of {}, good for {}, {}",
            subject(owner),
            row.scopes,
            days.map_or_else(|| "for ever".to_owned(), |days| format!("for {days} days")),
        );
        let audit = self.audit(by.person(), AuditAction::TokenCreated, format!("token:{}", row.id), detail);
        let (id, expires_at) = (row.id.clone(), row.expires_at);
        self.inner.store.create_token(row, audit).await?;
        Ok(CreatedToken { id, value, expires_at })
    }

    /// Tokens with their owners, the newest first: of one owner, or of all.
    ///
    /// # Errors
    /// [`Problem::Forbidden`] for those of others.
    pub async fn tokens(&self, by: By<'_>, owner: Option<&UserId>) -> Result<Vec<(TokenRow, UserRow)>, EngineError> {
        match owner {
            Some(owner) => by.may_manage(owner)?,
            None => by.may_manage_people()?,
        }
        Ok(self.inner.store.tokens(owner).await?)
    }

    /// Ends a token for good. One that has ended is no error.
    ///
    /// # Errors
    /// [`Problem::NoSuchToken`], also for one of somebody else.
    pub async fn revoke_token(&self, by: By<'_>, id: &TokenId) -> Result<TokenRow, EngineError> {
        let (token, _) = self.inner.store.token_by_id(id).await?.ok_or(Problem::NoSuchToken)?;
        by.may_manage(&token.owner).map_err(|_| Problem::NoSuchToken)?;
        let detail = format!("“{}” of {}", token.name, subject(&token.owner));
        let audit = self.audit(by.person(), AuditAction::TokenRevoked, format!("token:{id}"), detail);
        self.inner.store.revoke_token(id, audit).await?;
        self.rights_changed().await;
        Ok(token)
    }

    /// How many days a new token lives at most; none: as long as its maker likes.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub async fn longest_token_life(&self) -> Result<Option<u32>, EngineError> {
        Ok(self.inner.store.setting(LONGEST_LIFE).await?.and_then(|days| days.parse().ok()))
    }

    /// Sets how many days a new token lives at most. Those that are there stay as they are.
    ///
    /// # Errors
    /// [`Problem::Forbidden`], [`Problem::BadValue`].
    pub async fn set_longest_token_life(&self, by: By<'_>, days: Option<u32>) -> Result<(), EngineError> {
        by.may_manage_people()?;
        if days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
            return Err(Problem::BadValue(format!("Choose 1 to {MOST_DAYS} days.")).into());
        }
        let before = self.longest_token_life().await?;
        let words = |days: Option<u32>| days.map_or_else(|| "no limit".to_owned(), |days| format!("{days} days"));
        let detail = format!("{}, before: {}", words(days), words(before));
        let audit = self.audit(by.person(), AuditAction::SettingChanged, format!("setting:{LONGEST_LIFE}"), detail);
        Ok(self.inner.store.set_setting(LONGEST_LIFE, days.map(|days| days.to_string()), audit).await?)
    }
}

/// How many days a new token lives.
fn life(wanted: Option<u32>, longest: Option<u32>) -> Result<Option<u32>, Problem> {
    match (wanted, longest) {
        (Some(0), _) => Err(Problem::BadValue("A token lives at least a day.".to_owned())),
        (Some(days), Some(longest)) if days > longest => {
            Err(Problem::BadValue(format!("Tokens live at most {longest} days here.")))
        }
        (Some(days), _) if days > MOST_DAYS => Err(Problem::BadValue(format!("Choose 1 to {MOST_DAYS} days."))),
        (wanted, longest) => Ok(wanted.or(longest)),
    }
}
