use serde_json::Value;

use super::{Walk, message};
use crate::error::ErrorCode;
use crate::form::NumberRules;

pub fn check(walk: &mut Walk, rules: &NumberRules, v: &Value, path: &str) {
    let Value::Number(n) = v else {
        // A text here is what somebody typed into the number field.
        return match v {
            Value::String(_) => walk.report(path, ErrorCode::NotANumber, not_a_number(rules.integer)),
            other => walk.wrong_type(path, "a number", other),
        };
    };
    let value = n.as_f64().unwrap_or(f64::NAN);
    if rules.integer && n.is_f64() && value.fract() != 0.0 {
        return walk.report(path, ErrorCode::NotWhole, "Enter a whole number, without a fraction.".into());
    }
    if let Some(min) = rules.min.filter(|min| value < *min) {
        walk.report(path, ErrorCode::TooSmall, format!("Enter {} or more.", message::bound(min)));
    }
    if let Some(max) = rules.max.filter(|max| value > *max) {
        walk.report(path, ErrorCode::TooLarge, format!("Enter {} or less.", message::bound(max)));
    }
}

pub(crate) fn not_a_number(integer: bool) -> String {
    if integer { "Enter a whole number, for example 12." } else { "Enter a number, for example 12 or 0.5." }.into()
}
