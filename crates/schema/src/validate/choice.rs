use serde_json::Value;

use super::Walk;
use crate::error::ErrorCode;
use crate::form::Choice;

pub fn check_one(walk: &mut Walk, options: &[Choice], v: &Value, path: &str) {
    match v {
        Value::String(s) if is_option(options, s) => {}
        Value::String(_) => walk.report(path, ErrorCode::NotAnOption, "Choose one of the options.".into()),
        other => walk.wrong_type(path, "one of the options", other),
    }
}

pub fn check_many(walk: &mut Walk, options: &[Choice], limits: (Option<u64>, Option<u64>), v: &Value, path: &str) {
    let Value::Array(list) = v else {
        return walk.wrong_type(path, "a list of options", v);
    };
    if !list.iter().all(|entry| entry.as_str().is_some_and(|s| is_option(options, s))) {
        return walk.report(path, ErrorCode::NotAnOption, "Choose only from the options.".into());
    }
    let have = list.len() as u64;
    let noun = ("option", "options");
    if let Some(min) = limits.0.filter(|min| have < *min) {
        walk.report(path, ErrorCode::TooFew, super::message::at_least(min, have, noun, "Choose"));
    }
    if let Some(max) = limits.1.filter(|max| have > *max) {
        walk.report(path, ErrorCode::TooMany, super::message::at_most(max, have, noun).replacen("Use", "Choose", 1));
    }
}

fn is_option(options: &[Choice], value: &str) -> bool {
    options.iter().any(|option| option.value == value)
}
