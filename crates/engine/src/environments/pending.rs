//! Keys that somebody has given and not stored yet: whoever picks an instance gives the key once, and no page gets it
//! back.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::UserId;
use secrecy::SecretString;
use tokio::time::Instant;

use crate::ids;

/// How long somebody may take to pick one.
const LASTS: Duration = Duration::from_secs(15 * 60);
const MOST: usize = 100;

#[derive(Default)]
pub struct PendingKeys(Mutex<HashMap<String, Pending>>);

struct Pending {
    owner: UserId,
    /// The key is for this address only.
    base_url: String,
    key: SecretString,
    since: Instant,
}

impl PendingKeys {
    /// The name under which its owner gets it back.
    pub fn keep(&self, owner: &UserId, base_url: &str, key: SecretString) -> String {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, pending| pending.since.elapsed() < LASTS);
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, pending)| pending.since).map(|(name, _)| name.clone())
        {
            all.remove(&oldest);
        }
        let name = ids::secret();
        let pending = Pending { owner: owner.clone(), base_url: base_url.to_owned(), key, since: Instant::now() };
        all.insert(name.clone(), pending);
        name
    }

    pub fn get(&self, owner: &UserId, base_url: &str, name: &str) -> Option<SecretString> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = all.get(name).filter(|pending| pending.since.elapsed() < LASTS)?;
        (pending.owner == *owner && pending.base_url == base_url).then(|| pending.key.clone())
    }

    pub fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}
