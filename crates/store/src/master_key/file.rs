//! The file of the ring. One line of 64 hexadecimal digits is key 1 alone; with more, each line is the key's number, a
//! space and its digits.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretBox};

use super::{BYTES, KeyRing, MasterKeyError};
use crate::audit::hex;

type Secrets = BTreeMap<i64, SecretBox<[u8; BYTES]>>;

pub fn read(path: &Path) -> Result<KeyRing, MasterKeyError> {
    let malformed = || MasterKeyError::Malformed(path.to_owned());
    KeyRing::of(&read_secrets(path)?).ok_or_else(malformed)
}

fn read_secrets(path: &Path) -> Result<Secrets, MasterKeyError> {
    let io = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => MasterKeyError::Missing(path.to_owned()),
        _ => MasterKeyError::Io { path: path.to_owned(), source },
    };
    let mode = fs::metadata(path).map_err(io)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(MasterKeyError::Exposed { path: path.to_owned(), mode });
    }
    let text = secrecy::SecretString::from(fs::read_to_string(path).map_err(io)?);
    parse(text.expose_secret()).ok_or_else(|| MasterKeyError::Malformed(path.to_owned()))
}

fn parse(text: &str) -> Option<Secrets> {
    if let Some(only) = digits(text.trim()) {
        return Some(Secrets::from([(1, only)]));
    }
    let mut keys = Secrets::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (number, key) = line.split_once(' ')?;
        let number = number.parse().ok().filter(|number| *number > 0)?;
        if keys.insert(number, digits(key.trim())?).is_some() {
            return None;
        }
    }
    (!keys.is_empty()).then_some(keys)
}

fn digits(text: &str) -> Option<SecretBox<[u8; BYTES]>> {
    let mut bytes = Box::new([0; BYTES]);
    if text.len() != 2 * BYTES || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(SecretBox::new(bytes))
}

/// Two that start at once end with the same key.
pub fn make(path: &Path) -> Result<(), MasterKeyError> {
    let io = |source| MasterKeyError::Io { path: path.to_owned(), source };
    let folder = folder(path);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io)?;
    let draft = Draft::write(folder, &format!("{}\n", random().map_err(io)?)).map_err(io)?;
    match fs::hard_link(&draft.0, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(io(error)),
        _ => {}
    }
    drop(draft);
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)
}

/// Two that add at once each add one.
pub fn add(path: &Path) -> Result<(), MasterKeyError> {
    let io = |source| MasterKeyError::Io { path: path.to_owned(), source };
    let folder = folder(path);
    // Until it is closed; the file itself is replaced.
    let lock = fs::File::open(folder).map_err(io)?;
    lock.lock().map_err(io)?;
    let keys = read_secrets(path)?;
    let next = keys.keys().next_back().map_or(1, |last| last + 1);
    let mut text = String::new();
    for (number, key) in &keys {
        let _ = writeln!(text, "{number} {}", hex(key.expose_secret()));
    }
    let _ = writeln!(text, "{next} {}", random().map_err(io)?);
    let text = secrecy::SecretString::from(text);
    let draft = Draft::write(folder, text.expose_secret()).map_err(io)?;
    fs::rename(&draft.0, path).map_err(io)?;
    lock.sync_all().map_err(io)
}

fn random() -> io::Result<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(hex(&bytes))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Written beside its place, so that one that is killed leaves no half of a key; removed once it has served.
struct Draft(PathBuf);

impl Draft {
    fn write(folder: &Path, text: &str) -> io::Result<Self> {
        let draft = Self(folder.join(format!(".master-key-{}", uuid::Uuid::new_v4())));
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft.0)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename it is not there any more.
        let _ = fs::remove_file(&self.0);
    }
}
