//! What this server tells about itself on a page: no secrets.

use std::time::Duration;

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
    let (engine, streams) = (&config.limits, config.streams);
    let mut limits = vec![
        limit("Runs started from forms", format!("{} a minute per person", engine.runs_per_minute), names::LIMIT_RUNS),
        limit("Largest input", bytes(engine.input_bytes), names::LIMIT_INPUT),
    ];
    // All environments have the same.
    if let Some(environment) = config.environments.first() {
        limits.push(limit("Largest result", bytes(environment.client.caps.response), names::LIMIT_RESULT));
    }
    let polls = format!("{} a second per environment", engine.polls_per_second);
    let address = format!("{} per address", streams.per_address);
    limits.extend([
        limit("A run is watched for", minutes(engine.watch), names::LIMIT_WATCH),
        limit("Status calls to Codika", polls, names::LIMIT_POLLS),
        limit("Open event streams", format!("{} per person", streams.per_person), names::LIMIT_STREAMS),
        limit("Open event streams", address, names::LIMIT_STREAMS_PER_ADDRESS),
        limit("Results are kept for", days(config.retention.results), names::KEEP_RESULTS),
        limit("Run histories are kept for", days(config.retention.events), names::KEEP_EVENTS),
    ]);
    limits
}

fn minutes(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds % 60 == 0 => format!("{} min", grouped(seconds / 60)),
        seconds => format!("{} s", grouped(seconds)),
    }
}

fn days(kept: Option<Duration>) -> String {
    kept.map_or_else(|| "ever".to_owned(), |kept| format!("{} days", grouped(kept.as_secs() / (24 * 60 * 60))))
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
