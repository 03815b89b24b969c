//! From what the operator wrote to a file that can be opened.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sqlx::sqlite::SqliteConnectOptions;

use super::OpenError;

/// The file that `sqlite://PATH`, `sqlite:PATH` or a plain path names.
pub fn parse(url_or_path: &str) -> Result<PathBuf, OpenError> {
    let refused = || OpenError::Location { given: without_password(url_or_path) };
    let rest = url_or_path.strip_prefix("sqlite:");
    let text = rest.unwrap_or(url_or_path);
    let text = if rest.is_some() { text.strip_prefix("//").unwrap_or(text) } else { text };
    // A database in memory would lose every run; parameters would undo our settings.
    if text.is_empty() || text.starts_with(':') || text.contains("://") || rest.is_some() && text.contains('?') {
        return Err(refused());
    }
    if rest.is_none() {
        return Ok(PathBuf::from(text));
    }
    let options: SqliteConnectOptions = url_or_path.parse().map_err(|_| refused())?;
    Ok(options.get_filename().to_owned())
}

/// The text that may be repeated to the operator: `scheme://user:password@…` loses what precedes the `@`.
fn without_password(given: &str) -> String {
    match (given.split_once("://"), given.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        _ => given.to_owned(),
    }
}

/// Makes folder and file where they are missing, and finds out whether SQLite will be able to work there.
pub fn prepare(path: &Path) -> Result<(), OpenError> {
    let folder = folder(path);
    let failed = |source| OpenError::from_io(path, source);
    create_folder(folder).map_err(failed)?;
    if let Ok(metadata) = fs::metadata(path)
        && !metadata.is_file()
    {
        return Err(OpenError::NotAFile { path: path.to_owned() });
    }
    // Only ever a new file: closing one that is open elsewhere in this process would drop SQLite's locks.
    match create_file(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    // SQLite keeps its log beside the file, so a file that can be written is not enough.
    let probe = folder.join(format!(".{}.probe", uuid::Uuid::new_v4()));
    create_file(&probe).and_then(|_| fs::remove_file(&probe)).map_err(failed)
}

/// The folder a path lies in.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Creates an empty file that only its owner may read.
///
/// # Errors
/// `AlreadyExists` among others.
pub fn create_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_name_a_file() {
        for (given, path) in [
            ("sqlite://data/a.db", "data/a.db"),
            ("sqlite:data/a.db", "data/a.db"),
            ("sqlite:///var/lib/my%20data/a.db", "/var/lib/my data/a.db"),
            ("data/a.db", "data/a.db"),
            ("/var/lib/a?.db", "/var/lib/a?.db"),
        ] {
            assert_eq!(parse(given).ok(), Some(PathBuf::from(path)), "{given}");
        }
    }

    #[test]
    fn what_would_lose_runs_or_weaken_the_settings_is_refused() {
        for given in
            ["", "sqlite:", "sqlite://", "sqlite::memory:", ":memory:", "sqlite://a.db?mode=memory", "postgres://h/d"]
        {
            assert!(matches!(parse(given), Err(OpenError::Location { .. })), "{given}");
        }
    }

    #[test]
    fn a_password_is_not_repeated() {
        let said = parse("postgres://me:hunter2@host/db").err().map(|error| error.to_string()).unwrap_or_default();
        assert!(said.contains("postgres://…@host/db") && !said.contains("hunter2"), "{said}");
    }
}
