//! One entry and its MAC.

use engine::store::AuditEntry;
use subtle::ConstantTimeEq;

use super::key::AuditKey;

pub type Mac = [u8; 32];

/// An entry as it stands in the database.
#[derive(Clone, Debug, Default)]
pub struct Sealable {
    /// Its place in the sealed trail, from 1.
    pub position: i64,
    /// Random, so that a copy of an entry can be told from a second deed of the same kind.
    pub nonce: Option<String>,
    pub at: i64,
    pub actor: Option<String>,
    pub action: String,
    pub subject: String,
    pub detail: String,
    /// None for entries from before there was a key.
    pub mac: Option<Vec<u8>>,
}

impl Sealable {
    /// An entry that is about to be written; the second value is its MAC.
    pub fn new(entry: AuditEntry, key: &AuditKey) -> (Self, Mac) {
        let mut new = Self {
            position: 0,
            nonce: Some(uuid::Uuid::new_v4().to_string()),
            at: entry.at,
            actor: entry.actor.map(String::from),
            action: entry.action.to_owned(),
            subject: entry.subject,
            detail: entry.detail,
            mac: None,
        };
        let mac = new.content_mac(key);
        new.mac = Some(mac.to_vec());
        (new, mac)
    }

    fn content_mac(&self, key: &AuditKey) -> Mac {
        let at = self.at.to_be_bytes();
        let or_nothing = |value: &'_ Option<String>| value.as_ref().map_or(&b""[..], |_| b"1").to_owned();
        let (has_nonce, has_actor) = (or_nothing(&self.nonce), or_nothing(&self.actor));
        let text = |value: &'_ Option<String>| value.clone().unwrap_or_default().into_bytes();
        let (nonce, actor) = (text(&self.nonce), text(&self.actor));
        key.mac(
            b"entry",
            [
                has_nonce.as_slice(),
                &nonce,
                &at,
                &has_actor,
                &actor,
                self.action.as_bytes(),
                self.subject.as_bytes(),
                self.detail.as_bytes(),
            ],
        )
    }

    /// Whether content and MAC belong together.
    pub(super) fn is_genuine(&self, key: &AuditKey) -> bool {
        self.mac.as_ref().is_some_and(|mac| bool::from(self.content_mac(key).ct_eq(mac.as_slice())))
    }

    /// What a seal covers: the MAC it was written with, or for an entry from before the key, one of its content.
    pub(super) fn sealed_mac(&self, key: &AuditKey) -> Vec<u8> {
        self.mac.clone().unwrap_or_else(|| self.content_mac(key).to_vec())
    }
}
