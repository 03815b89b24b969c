use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use sqlx::{ConnectOptions, Connection, query};

use super::{location, open};

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("The backup {path} exists already: name a new file, a backup never replaces one.", path = path.display())]
    Exists { path: PathBuf },
    #[error("The backup {path} cannot be written ({source}): check the folder and the space on its disk.", path = path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("The database could not be copied to {path} ({source}): check both disks.", path = path.display())]
    Copy { path: PathBuf, source: sqlx::Error },
}

/// The copy appears under its name only when it is whole and on the disk.
pub async fn backup(from: &Path, to: &Path) -> Result<(), BackupError> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(BackupError::Exists { path: to.to_owned() });
    }
    let mut partial = OsString::from(to);
    partial.push(format!(".{}.partial", uuid::Uuid::new_v4()));
    let partial = PathBuf::from(partial);
    let done = copy(from, &partial, to).await;
    if done.is_err() {
        // The first error is the one to tell; what is left over is named after what it is.
        drop(fs::remove_file(&partial));
    }
    done
}

async fn copy(from: &Path, partial: &Path, to: &Path) -> Result<(), BackupError> {
    let write = |source| BackupError::Write { path: to.to_owned(), source };
    // SQLite would create it readable for everyone, and it holds password hashes.
    location::create_file(partial).map_err(write)?;
    vacuum_into(from, partial).await.map_err(|source| BackupError::Copy { path: to.to_owned(), source })?;
    let (partial, target) = (partial.to_owned(), to.to_owned());
    tokio::task::spawn_blocking(move || publish(&partial, &target))
        .await
        .map_err(|stopped| write(io::Error::other(stopped)))?
        .map_err(write)
}

/// A reader of its own: copying a large database takes a while.
async fn vacuum_into(from: &Path, partial: &Path) -> Result<(), sqlx::Error> {
    let target = partial.to_str().ok_or_else(|| sqlx::Error::Configuration("the path is not UTF-8".into()))?;
    let mut db = open::reading(from).connect().await?;
    query("VACUUM INTO $1").bind(target).execute(&mut db).await?;
    db.close().await
}

/// Makes the copy durable and gives it its name.
fn publish(partial: &Path, to: &Path) -> io::Result<()> {
    fs::File::open(partial)?.sync_all()?;
    fs::rename(partial, to)?;
    fs::File::open(location::folder(to))?.sync_all()
}
