//! What authenticates entries and seals. Derived from the master key.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

const BYTES: usize = 32;

/// Authenticates entries and seals.
pub struct AuditKey(SecretBox<[u8; BYTES]>);

impl AuditKey {
    pub fn new(key: [u8; BYTES]) -> Self {
        Self(SecretBox::new(Box::new(key)))
    }

    /// The MAC of `parts`, each with its length, so that moving a byte from one to the next changes it.
    pub(super) fn mac<'a>(&self, purpose: &'a [u8], parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; BYTES] {
        let mut all = vec![purpose];
        all.extend(parts);
        authenticate(self.0.expose_secret(), &all)
    }

    /// Tells one key from another without telling the key.
    pub fn fingerprint(&self) -> String {
        hex(&self.mac(b"fingerprint", [])[..8])
    }
}

/// The audit keys of every master key there has been. Old ones verify what they were used for.
pub struct AuditKeys {
    keys: BTreeMap<i64, AuditKey>,
    current: i64,
}

impl AuditKeys {
    /// The newest is current; none without any key.
    pub fn new(keys: impl IntoIterator<Item = (i64, AuditKey)>) -> Option<Self> {
        let keys: BTreeMap<_, _> = keys.into_iter().collect();
        let current = *keys.keys().next_back()?;
        Some(Self { keys, current })
    }

    pub fn with_current(self, current: i64) -> Option<Self> {
        self.keys.contains_key(&current).then_some(Self { current, ..self })
    }

    /// The number of the key that new entries get.
    pub const fn current(&self) -> i64 {
        self.current
    }

    pub fn get(&self, id: i64) -> Option<&AuditKey> {
        self.keys.get(&id)
    }
}

/// One key made of another, or the code of a message.
pub fn authenticate(key: &[u8; BYTES], parts: &[&[u8]]) -> [u8; BYTES] {
    let mut mac = match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
