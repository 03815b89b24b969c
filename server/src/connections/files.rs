//! How many files the process may have open, connections among them.

use rlimit::Resource;

/// Raises the limit as far as the system lets us, and says where it is then; none when the system does not say.
pub fn raise_open_files() -> Option<u64> {
    let (soft, hard) = Resource::NOFILE.get().ok()?;
    if soft >= hard {
        return Some(soft);
    }
    match Resource::NOFILE.set(hard, hard) {
        Ok(()) => Some(hard),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the limit of open files stays at {soft}");
            Some(soft)
        }
    }
}

/// What connections leave at least to the database, to calls of Codika and to everything else. Two environments may
/// have 256 triggers and a hundred questions each under way.
const RESERVE: u64 = 768;

/// How many connections a process with so many files can have: half of the files of a process with few.
pub fn affordable(files: u64) -> usize {
    usize::try_from(files - RESERVE.min(files / 2)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_kept_back_for_everything_that_is_no_connection() {
        assert_eq!((affordable(256), affordable(1_024), affordable(20_000)), (128, 512, 19_232));
    }
}
