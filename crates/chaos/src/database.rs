//! Where the dashboards keep their runs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::postgres::Postgres;

const FILE: &str = "dashboard.db";

pub enum Database {
    /// The folder that holds it.
    Sqlite(PathBuf),
    Postgres(Postgres),
}

impl Database {
    #[must_use]
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => file_url(&folder.join(FILE)),
            Self::Postgres(server) => server.url.clone(),
        }
    }

    #[must_use]
    pub const fn postgres(&self) -> Option<&Postgres> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(server) => Some(server),
        }
    }

    /// A copy that may be changed, in the folder or database `name`; returns its address. No dashboard may run.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub async fn copy(&self, work: &Path, name: &str) -> anyhow::Result<String> {
        match self {
            Self::Sqlite(folder) => Ok(file_url(&copy_file(folder, &work.join(name))?)),
            Self::Postgres(server) => server.copy(name).await,
        }
    }
}

#[must_use]
pub fn file_url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// The log is part of the database: without it the newest commits would be missing.
fn copy_file(folder: &Path, copy: &Path) -> anyhow::Result<PathBuf> {
    if copy.exists() {
        fs::remove_dir_all(copy)?;
    }
    fs::create_dir_all(copy)?;
    for name in [FILE, "dashboard.db-wal"] {
        let from = folder.join(name);
        if from.exists() {
            fs::copy(from, copy.join(name))?;
        }
    }
    Ok(copy.join(FILE))
}
