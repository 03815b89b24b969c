//! One server on one file.
//!
//! A server takes over whatever it finds open, so a second one would ask about the runs of the first.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::{OpenError, location};

/// Held by the one server on a database. Ends with its process, however that ends.
pub struct Serving {
    _file: File,
}

impl Serving {
    /// The lock is on a file of its own: SQLite loses its locks when somebody else closes the database.
    pub fn begin(path: &Path) -> Result<Self, OpenError> {
        location::prepare(path)?;
        let failed = |source| OpenError::from_io(path, source);
        let file = open(&beside(path).map_err(failed)?).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::Served { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

/// Two names of one database have one lock.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let mut name = fs::canonicalize(path)?.into_os_string();
    name.push(".serving");
    Ok(name.into())
}

fn open(path: &Path) -> io::Result<File> {
    match location::create_file(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => File::options().write(true).open(path),
        made => made,
    }
}
