//! What `audit verify` says.

use std::fmt::Write;

use jiff::Timestamp;
use store::Report;

/// A server seals within a second; entries that wait longer than this have none that does.
const LATE_MS: i64 = 10_000;

pub fn told(report: &Report, now: Timestamp) -> String {
    let mut text = format!("{} under seal", count(report.sealed, "entry", "entries"));
    if report.waiting > 0 {
        let _ = write!(text, ", {} waiting for one", count(report.waiting, "entry", "entries"));
    }
    text.push('.');
    if let Some(since) = report.waiting_since.filter(|since| now.as_millisecond() - since > LATE_MS) {
        let since = Timestamp::from_millisecond(since).map(|at| at.to_string()).unwrap_or_default();
        let _ = write!(text, "\nThe oldest waits since {since}: no server has sealed it, is one running?");
    }
    if let (Some(head), None) = (&report.head, &report.fault) {
        let _ =
            write!(text, "\nThe trail is whole. Its head, to be kept elsewhere and given to --head next time:\n{head}");
    }
    text
}

fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_told_and_its_age_when_nobody_seals_it() {
        let now = Timestamp::from_millisecond(1_700_000_020_000).expect("a time");
        let young = Report { sealed: 1, waiting: 1, waiting_since: Some(1_700_000_019_000), ..Report::default() };
        assert_eq!(told(&young, now), "1 entry under seal, 1 entry waiting for one.");
        let old = Report { sealed: 12, waiting: 2, waiting_since: Some(1_700_000_000_000), ..Report::default() };
        let said = told(&old, now);
        assert!(said.contains("2 entries waiting") && said.contains("since 2023-11-14T22:13:20Z"), "{said}");
    }

    #[test]
    fn a_head_is_offered_only_for_a_whole_trail() {
        let head = "3:aa55aa55aa55aa55aa55aa55aa55aa55aa55aa55aa55aa55aa55aa55aa55aa55".parse().expect("a head");
        let whole = Report { head: Some(head), ..Report::default() };
        assert!(told(&whole, Timestamp::UNIX_EPOCH).ends_with("aa55"));
        let broken = Report { fault: Some(store::Fault::Missing { position: 3 }), ..whole };
        assert!(!told(&broken, Timestamp::UNIX_EPOCH).contains("head"));
    }
}
