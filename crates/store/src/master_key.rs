//! The master key: a ring of keys in a file of its own, which is never in the database.
//!
//! The newest key that the database knows is the current one. It authenticates new audit entries and seals new
//! secrets; the older ones stay, so that what they have authenticated can be verified. Nothing uses a master key
//! itself: two keys are derived from it, and it is forgotten.

mod file;
mod seal;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use engine::StoreError;

use crate::audit::{AuditKey, AuditKeys, authenticate};

use seal::SealingKey;
pub use seal::{Place, Sealed, UnsealError};

/// Bytes of a key.
const BYTES: usize = 32;

/// Why there is no master key; one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    #[error("the master key {0} is missing, and the database was written with one; put it back from where you keep it")]
    Missing(PathBuf),
    #[error(
        "the master key {0} is no key: it must hold 64 hexadecimal digits, or after a rotation one key a line, each \
         behind its number"
    )]
    Malformed(PathBuf),
    #[error("the master key {path} may be read by others (mode {mode:o}); run: chmod 600 {path}")]
    Exposed { path: PathBuf, mode: u32 },
    #[error("the master key {path} cannot be used")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// Why the database cannot be written with this master key; one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    #[error(transparent)]
    Key(#[from] MasterKeyError),
    #[error("the master key {0} is not the one this database was written with; put that one back")]
    OtherKey(PathBuf),
    #[error(
        "the master key file {file} does not hold key {id}, which this database is written with; bring the file of the \
         program that rotated the key"
    )]
    Rotated { file: PathBuf, id: i64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All keys of a file, and which of them is current.
pub struct KeyRing {
    audit: AuditKeys,
    sealing: BTreeMap<i64, SealingKey>,
}

impl KeyRing {
    /// Reads the keys; makes a first one (0600, its folder 0700) where there is no file, unless the database needs the
    /// old one. The newest is current.
    ///
    /// # Errors
    /// [`MasterKeyError`].
    pub fn open(path: &Path, needed: bool) -> Result<Self, MasterKeyError> {
        match file::read(path) {
            Err(MasterKeyError::Missing(_)) if !needed => {
                file::make(path)?;
                file::read(path)
            }
            done => done,
        }
    }

    /// Adds a new key to the file, which becomes the newest. A program that is killed leaves the file as it was or
    /// with the whole new key.
    ///
    /// # Errors
    /// [`MasterKeyError`]; the file is as it was.
    pub fn add(path: &Path) -> Result<Self, MasterKeyError> {
        file::add(path)?;
        file::read(path)
    }

    fn of(keys: &BTreeMap<i64, secrecy::SecretBox<[u8; BYTES]>>) -> Option<Self> {
        use secrecy::ExposeSecret;
        let derived = |purpose: &'static str| {
            keys.iter().map(move |(id, key)| (*id, authenticate(key.expose_secret(), &[purpose.as_bytes()])))
        };
        Some(Self {
            audit: AuditKeys::new(derived("codika-dashboard audit 1").map(|(id, key)| (id, AuditKey::new(key))))?,
            sealing: derived("codika-dashboard secrets 1").map(|(id, key)| (id, SealingKey::new(key))).collect(),
        })
    }

    pub fn audit(&self) -> &AuditKeys {
        &self.audit
    }

    /// The number of the key that new entries and secrets get.
    pub fn current(&self) -> i64 {
        self.audit.current()
    }

    pub fn newest(&self) -> i64 {
        self.sealing.keys().next_back().copied().unwrap_or_default()
    }

    /// The same ring with another of its keys in use; none when it has no such key.
    pub fn with_current(self, id: i64) -> Option<Self> {
        Some(Self { audit: self.audit.with_current(id)?, ..self })
    }

    /// Tells one key from another without telling the key.
    pub fn fingerprint(&self, id: i64) -> Option<String> {
        self.audit.get(id).map(AuditKey::fingerprint)
    }

    /// Seals with the current key; it can be opened at this place only.
    pub fn seal(&self, place: &Place<'_>, secret: &[u8]) -> Result<Sealed, UnsealError> {
        let key = self.sealing.get(&self.current()).ok_or(UnsealError::NoKey(self.current()))?;
        key.seal(self.current(), place, secret)
    }

    /// # Errors
    /// [`UnsealError`] when it was sealed elsewhere, was changed, or its key is not in the ring.
    pub fn unseal(&self, place: &Place<'_>, sealed: &Sealed) -> Result<secrecy::SecretString, UnsealError> {
        let key = self.sealing.get(&sealed.key_id).ok_or(UnsealError::NoKey(sealed.key_id))?;
        key.unseal(place, sealed)
    }
}

/// What a rotation has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The number of the key that is in use now.
    pub key: i64,
    /// Secrets that were sealed again.
    pub secrets: usize,
}

/// The ring that a database is written with, once it was read. It may be read again after a rotation.
#[derive(Default)]
pub struct Keys(RwLock<Option<Unlocked>>);

#[derive(Clone)]
pub struct Unlocked {
    pub ring: Arc<KeyRing>,
    pub file: PathBuf,
}

impl Keys {
    pub fn get(&self) -> Option<Unlocked> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set(&self, ring: KeyRing, file: &Path) {
        let unlocked = Unlocked { ring: Arc::new(ring), file: file.to_owned() };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(unlocked);
    }
}

#[cfg(test)]
mod tests;
