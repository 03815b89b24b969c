use serde_json::Value;

use super::{Walk, message};
use crate::error::ErrorCode;
use crate::form::TextRules;
use crate::pattern;

/// Patterns and texts beyond these sizes are not matched: skipping is safe, a stalled page is not.
const MAX_PATTERN: usize = 2_000;
const MAX_MATCHED: usize = 50_000;

pub fn check(walk: &mut Walk, rules: &TextRules, v: &Value, path: &str) {
    let Value::String(s) = v else {
        return walk.wrong_type(path, "text", v);
    };
    let have = s.encode_utf16().count() as u64;
    if let Some(min) = rules.min_length.filter(|min| have < *min) {
        walk.report(path, ErrorCode::TooShort, message::too_short(min, have));
    }
    if let Some(max) = rules.max_length.filter(|max| have > *max) {
        walk.report(path, ErrorCode::TooLong, message::too_long(max, have));
    }
    let fits = |pattern: &&str| pattern.len() <= MAX_PATTERN && s.len() <= MAX_MATCHED;
    if rules.pattern.as_deref().filter(fits).is_some_and(|pattern| pattern::matches(pattern, s) == Some(false)) {
        let message = rules.pattern_message.clone();
        walk.report(
            path,
            ErrorCode::Pattern,
            message.unwrap_or_else(|| "This does not have the expected form.".into()),
        );
    }
}

pub fn check_date(walk: &mut Walk, min: Option<&str>, max: Option<&str>, v: &Value, path: &str) {
    let date = match v {
        Value::String(s) if is_date(s) => s.as_str(),
        Value::String(_) => {
            let message = "Enter a date as year-month-day, for example 2026-03-04.";
            return walk.report(path, ErrorCode::NotADate, message.into());
        }
        other => return walk.wrong_type(path, "a date such as \"2026-03-04\"", other),
    };
    // Bounds compare as ISO strings; one with a time part still bounds the day.
    let day = |bound: &str| bound.get(..10).filter(|d| is_date(d)).map(str::to_owned);
    if let Some(min) = min.and_then(day).filter(|min| date < min.as_str()) {
        walk.report(path, ErrorCode::TooEarly, format!("Choose {min} or a later day."));
    }
    if let Some(max) = max.and_then(day).filter(|max| date > max.as_str()) {
        walk.report(path, ErrorCode::TooLate, format!("Choose {max} or an earlier day."));
    }
}

/// A day that exists, as `YYYY-MM-DD`.
fn is_date(s: &str) -> bool {
    let b = s.as_bytes();
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return false;
    }
    let number = |range: std::ops::Range<usize>| {
        b[range].iter().try_fold(0u32, |n, c| c.is_ascii_digit().then(|| n * 10 + u32::from(c - b'0')))
    };
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
        return false;
    };
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}
