//! The master key in its file, and what is derived from it.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

const BYTES: usize = 32;

/// 32 random bytes that stand in a file of their own, as hexadecimal digits.
pub struct MasterKey(SecretBox<[u8; BYTES]>);

/// Why there is no master key; one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    #[error("the master key {0} is missing, and the database was written with one; put it back from where you keep it")]
    Missing(PathBuf),
    #[error("the master key {0} is no key: it must hold 64 hexadecimal digits")]
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

impl MasterKey {
    /// Reads the key; makes it (0600, its folder 0700) where there is none, unless the database needs the old one.
    ///
    /// # Errors
    /// [`MasterKeyError`].
    pub fn open(path: &Path, needed: bool) -> Result<Self, MasterKeyError> {
        match Self::read(path) {
            Err(MasterKeyError::Missing(_)) if !needed => Self::make(path),
            done => done,
        }
    }

    fn read(path: &Path) -> Result<Self, MasterKeyError> {
        let io = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => MasterKeyError::Missing(path.to_owned()),
            _ => MasterKeyError::Io { path: path.to_owned(), source },
        };
        let mode = fs::metadata(path).map_err(io)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyError::Exposed { path: path.to_owned(), mode });
        }
        let text = fs::read_to_string(path).map_err(io)?;
        Self::parse(text.trim()).ok_or_else(|| MasterKeyError::Malformed(path.to_owned()))
    }

    fn parse(digits: &str) -> Option<Self> {
        let mut bytes = [0; BYTES];
        if digits.len() != 2 * BYTES || !digits.is_ascii() {
            return None;
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).ok()?;
        }
        Some(Self(SecretBox::new(Box::new(bytes))))
    }

    /// Written beside its place and then linked there: two that start at once end with the same key, and one
    /// that is killed leaves no half of a key.
    fn make(path: &Path) -> Result<Self, MasterKeyError> {
        let io = |source| MasterKeyError::Io { path: path.to_owned(), source };
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|error| io(io::Error::other(error.to_string())))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io)?;
        let draft = folder.join(format!(".master-key-{}", uuid::Uuid::new_v4()));
        let written =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).and_then(|mut file| {
                writeln!(file, "{}", hex(&bytes))?;
                file.sync_all()
            });
        let linked = written.and_then(|()| fs::hard_link(&draft, path));
        // The draft has served either way.
        let _ = fs::remove_file(&draft);
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(io(error)),
            _ => {}
        }
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
        Self::read(path)
    }

    pub fn audit(&self) -> AuditKey {
        AuditKey(SecretBox::new(Box::new(authenticate(self.0.expose_secret(), &[b"codika-dashboard audit 1"]))))
    }
}

/// Authenticates entries and seals.
pub struct AuditKey(SecretBox<[u8; BYTES]>);

impl AuditKey {
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

fn authenticate(key: &[u8; BYTES], parts: &[&[u8]]) -> [u8; BYTES] {
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

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(path: &Path, needed: bool) -> Result<String, String> {
        MasterKey::open(path, needed).map(|key| key.audit().fingerprint()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_key_is_made_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("new/master.key");
        let first = fingerprint(&path, false).expect("made");
        assert_eq!(fingerprint(&path, false), Ok(first.clone()));
        assert_eq!(fingerprint(&path, true), Ok(first.clone()));
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path().join("new")).expect("there").count(), 1, "no draft is left");
        let other = fingerprint(&folder.path().join("other.key"), false).expect("made");
        assert_ne!(first, other);
    }

    #[test]
    fn all_who_make_it_at_once_have_the_same() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("master.key");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let started: Vec<_> = (0..8).map(|_| scope.spawn(|| fingerprint(&path, false).expect("made"))).collect();
            started.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    }

    #[test]
    fn a_lost_key_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("master.key");
        assert!(fingerprint(&path, true).is_err_and(|said| said.contains("is missing")));
        assert!(!path.exists());
    }

    #[test]
    fn a_bad_key_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("master.key");
        for text in ["", "abc", &"g".repeat(64), &"a".repeat(63), &"é".repeat(32)] {
            fs::write(&path, text).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("allowed");
            assert!(fingerprint(&path, false).is_err_and(|said| said.contains("64 hexadecimal digits")), "{text:?}");
        }
        fs::write(&path, "a".repeat(64)).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("allowed");
        assert!(fingerprint(&path, false).is_err_and(|said| said.contains("chmod 600")));
    }
}
