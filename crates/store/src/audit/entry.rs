//! One entry and its MAC.

use engine::store::AuditEntry;
use subtle::ConstantTimeEq;

use super::key::{AuditKey, AuditKeys};

pub(super) type Mac = [u8; 32];

/// An entry as it stands in the database.
#[derive(Clone, Debug, Default)]
pub struct Sealable {
    /// Its row, where somebody looks for it. The trail is numbered by position.
    pub id: i64,
    /// Its place in the sealed trail, from 1.
    pub position: i64,
    /// Random, so that a copy of an entry can be told from a second deed of the same kind.
    pub nonce: Option<String>,
    pub at: i64,
    pub actor: Option<String>,
    pub action: String,
    pub subject: String,
    pub detail: String,
    /// The master key whose audit key made the code.
    pub key_id: i64,
    /// None for entries from before there was a key.
    pub mac: Option<Vec<u8>>,
}

impl Sealable {
    /// An entry that is about to be written.
    pub fn new(entry: AuditEntry, keys: &AuditKeys) -> Self {
        let mut new = Self {
            id: 0,
            position: 0,
            nonce: Some(uuid::Uuid::new_v4().to_string()),
            at: entry.at,
            actor: entry.actor.map(String::from),
            action: entry.action.as_str().to_owned(),
            subject: entry.subject,
            detail: entry.detail,
            key_id: keys.current(),
            mac: None,
        };
        new.mac = keys.get(new.key_id).map(|key| new.content_mac(key).to_vec());
        new
    }

    fn content_mac(&self, key: &AuditKey) -> Mac {
        let at = self.at.to_be_bytes();
        // A missing text is not an empty one.
        let present = |value: &Option<String>| [u8::from(value.is_some())];
        let (has_nonce, has_actor) = (present(&self.nonce), present(&self.actor));
        let nonce = self.nonce.as_deref().unwrap_or_default();
        let actor = self.actor.as_deref().unwrap_or_default();
        let texts = [nonce, actor, &self.action, &self.subject, &self.detail].map(str::as_bytes);
        key.mac(b"entry", [&at[..], &has_nonce, &has_actor].into_iter().chain(texts))
    }

    /// Whether content and MAC belong together.
    pub(super) fn is_genuine(&self, keys: &AuditKeys) -> bool {
        let genuine = |(key, mac): (_, &Vec<u8>)| bool::from(self.content_mac(key).ct_eq(mac.as_slice()));
        keys.get(self.key_id).zip(self.mac.as_ref()).is_some_and(genuine)
    }

    /// What a seal covers: the MAC it was written with, or for an entry from before the key, one of its content.
    pub(super) fn sealed_mac(&self, key: &AuditKey) -> Vec<u8> {
        self.mac.clone().unwrap_or_else(|| self.content_mac(key).to_vec())
    }
}
