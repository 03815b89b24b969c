use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use secrecy::ExposeSecret;

use super::*;

const HERE: Place<'static> =
    Place { table: "environments", row: "1", column: "instance_key", bound_to: "https://api.codika.io" };

fn fingerprint(path: &Path, needed: bool) -> Result<String, String> {
    let ring = KeyRing::open(path, needed).map_err(|error| error.to_string())?;
    Ok(ring.fingerprint(ring.current()).expect("its current key"))
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("master.key");
    (folder, path)
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("allowed");
}

#[test]
fn a_key_is_made_once() {
    let (folder, _) = folder();
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
    let (_folder, path) = folder();
    let keys: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..8).map(|_| scope.spawn(|| fingerprint(&path, false).expect("made"))).collect();
        started.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

#[test]
fn a_lost_key_is_not_replaced() {
    let (_folder, path) = folder();
    assert!(fingerprint(&path, true).is_err_and(|said| said.contains("is missing")));
    assert!(!path.exists());
    assert!(KeyRing::add(&path).is_err(), "nothing is added to a file that is not there");
    assert!(!path.exists());
}

#[test]
fn a_bad_key_is_named() {
    let (_folder, path) = folder();
    let key = "a".repeat(64);
    let twice = format!("1 {key}\n1 {key}\n");
    let bare = format!("1 {key}\n{key}\n");
    let zero = format!("0 {key}\n");
    for text in ["", "abc", &"g".repeat(64), &"a".repeat(63), &"é".repeat(32), "1 abc", &twice, &bare, &zero] {
        write(&path, text);
        assert!(fingerprint(&path, false).is_err_and(|said| said.contains("64 hexadecimal digits")), "{text:?}");
    }
    write(&path, &key);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("allowed");
    assert!(fingerprint(&path, false).is_err_and(|said| said.contains("chmod 600")));
}

#[test]
fn a_new_key_is_added_and_the_old_ones_stay() {
    let (folder, path) = folder();
    let first = fingerprint(&path, false).expect("made");
    for newest in 2..=3 {
        let ring = KeyRing::add(&path).expect("added");
        assert_eq!((ring.newest(), ring.current()), (newest, newest));
        assert_eq!(ring.fingerprint(1), Some(first.clone()));
        assert_ne!(ring.fingerprint(newest), Some(first.clone()));
    }
    let ring = KeyRing::open(&path, true).expect("readable").with_current(1).expect("key 1 is in it");
    assert_eq!((ring.current(), ring.newest()), (1, 3));
    assert!(ring.with_current(4).is_none());
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 1, "no draft is left");
}

#[test]
fn a_secret_is_opened_where_it_was_sealed_and_nowhere_else() {
    let (_folder, path) = folder();
    let ring = KeyRing::open(&path, false).expect("made");
    let sealed = ring.seal(&HERE, b"ck_secret").expect("sealed");
    assert!(!sealed.bytes.windows(6).any(|part| part == b"secret"));
    assert_eq!(ring.unseal(&HERE, &sealed).expect("opened").expose_secret(), "ck_secret");
    assert_ne!(ring.seal(&HERE, b"ck_secret").expect("sealed").bytes, sealed.bytes, "never twice the same");
    for elsewhere in [
        Place { table: "x", ..HERE },
        Place { row: "2", ..HERE },
        Place { column: "org_key", ..HERE },
        Place { bound_to: "https://evil.example", ..HERE },
        Place { row: "", column: "1instance_key", ..HERE },
    ] {
        assert_eq!(ring.unseal(&elsewhere, &sealed).err(), Some(UnsealError::Changed), "{elsewhere:?}");
    }
    for changed in [0, 24, sealed.bytes.len() - 1] {
        let mut other = sealed.clone();
        other.bytes[changed] ^= 1;
        assert_eq!(ring.unseal(&HERE, &other).err(), Some(UnsealError::Changed), "byte {changed}");
    }
    let short = Sealed { bytes: vec![0; 23], ..sealed.clone() };
    assert_eq!(ring.unseal(&HERE, &short).err(), Some(UnsealError::Changed));
    let other = Sealed { key_id: 2, ..sealed.clone() };
    assert_eq!(ring.unseal(&HERE, &other).err(), Some(UnsealError::NoKey(2)));
    let rotated = KeyRing::add(&path).expect("added");
    assert_eq!(rotated.unseal(&HERE, &sealed).expect("by the old key").expose_secret(), "ck_secret");
    assert_eq!(rotated.unseal(&HERE, &other).err(), Some(UnsealError::Changed), "the key's number is bound too");
    assert_eq!(rotated.seal(&HERE, b"x").expect("sealed").key_id, 2);
}
