//! What this server tells about itself on a page: no secrets.

use app::pages::settings::about::{About, Limit};
use secrecy::ExposeSecret;

use crate::config::{Config, names};

pub fn about(config: &Config) -> About {
    About {
        version: env!("CARGO_PKG_VERSION"),
        database: database(config.database_url.expose_secret()),
        address: config.public_url.to_string(),
        limits: limits(config),
    }
}

fn database(url: &str) -> &'static str {
    if url.starts_with("postgres") { "PostgreSQL" } else { "SQLite" }
}

fn limits(config: &Config) -> Vec<Limit> {
    let limit = |what, value: String, setting| Limit { what, value, setting };
    let engine = &config.limits;
    let days = |kept: Option<std::time::Duration>| match kept {
        Some(kept) => format!("{} days", grouped(kept.as_secs() / (24 * 60 * 60))),
        None => "for ever".to_owned(),
    };
    let mut limits = vec![
        limit(
            "Runs from forms",
            format!("{} a minute and person", grouped(engine.runs_per_minute.into())),
            names::LIMIT_RUNS,
        ),
        limit("One input", bytes(engine.input_bytes), names::LIMIT_INPUT),
    ];
    // All environments have the same.
    if let Some(environment) = config.environments.first() {
        limits.push(limit("One result", bytes(environment.client.caps.response), names::LIMIT_RESULT));
    }
    limits.extend([
        limit("Waiting for a run", format!("{} s", grouped(engine.watch.as_secs())), names::LIMIT_WATCH),
        limit(
            "Asking Codika for results",
            format!("{} times a second and environment", grouped(engine.polls_per_second.into())),
            names::LIMIT_POLLS,
        ),
        limit(
            "Live updates",
            format!("{} streams a person", grouped(config.streams.per_person as u64)),
            names::LIMIT_STREAMS,
        ),
        limit(
            "Live updates",
            format!("{} streams an address", grouped(config.streams.per_address as u64)),
            names::LIMIT_STREAMS_PER_ADDRESS,
        ),
        limit("Results are kept", days(config.retention.results), names::KEEP_RESULTS),
        limit("Histories are kept", days(config.retention.events), names::KEEP_EVENTS),
    ]);
    limits
}

fn bytes(count: usize) -> String {
    format!("{} bytes", grouped(count as u64))
}

/// "1,000,000".
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([grouped(7), grouped(1_000), grouped(26_214_400)], ["7", "1,000", "26,214,400"]);
    }

    #[test]
    fn a_database_is_told_by_its_kind_alone() {
        assert_eq!(database("postgres://user:secret@host/db"), "PostgreSQL");
        assert_eq!(database("sqlite://data/dashboard.db"), "SQLite");
    }
}
