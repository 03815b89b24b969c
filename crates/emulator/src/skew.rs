//! Answers of a clock that is wrong.

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, header},
    response::Response,
};
use serde_json::Value;

use crate::clock::{http_date, iso};

/// Lets the `Date` header say `ms`, milliseconds since the Unix epoch.
pub fn date(response: &mut Response, ms: i64) {
    if let Ok(date) = HeaderValue::try_from(http_date(ms)) {
        response.headers_mut().insert(header::DATE, date);
    }
}

/// The answer with the platform's own times moved by `ms` milliseconds. What is not JSON stays as it is.
pub async fn skewed(response: Response, ms: i64) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let body = match serde_json::from_slice(&bytes) {
        Ok(mut value) => {
            shift(&mut value, ms);
            Body::from(Value::to_string(&value))
        }
        Err(_) => Body::from(bytes),
    };
    Response::from_parts(parts, body)
}

fn shift(value: &mut Value, ms: i64) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| shift(item, ms)),
        Value::Object(members) => {
            for (name, member) in members {
                match moved(name, member, ms) {
                    Some(time) => *member = time,
                    None if is_the_workflows(name, member) => {}
                    None => shift(member, ms),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The other time, if the member is one.
fn moved(name: &str, member: &Value, ms: i64) -> Option<Value> {
    if name == "startTime" {
        return Some((member.as_i64()? + ms).into());
    }
    let time: jiff::Timestamp = name.ends_with("At").then(|| member.as_str()?.parse().ok())??;
    Some(iso(time.as_millisecond() + ms).into())
}

/// Items and results belong to the workflow; n8n's `resultData` is not one of them.
fn is_the_workflows(name: &str, member: &Value) -> bool {
    name == "json" || (name == "resultData" && member.get("runData").is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::shift;

    #[test]
    fn the_platforms_times_move_and_the_workflows_stay() {
        let mut value = json!({
            "execution": { "createdAt": "2026-01-01T00:00:00.000Z", "resultData": { "paidAt": "2026-01-01T00:00:00.000Z" } },
            "n8nExecution": { "data": { "resultData": { "runData": { "A": [
                { "startTime": 1000, "data": { "main": [[{ "json": { "startTime": 7 } }]] } }
            ] } } } },
            "lastExecutedAt": null, "expiresAt": "never",
        });
        shift(&mut value, -500);
        let expected = json!({
            "execution": { "createdAt": "2025-12-31T23:59:59.500Z", "resultData": { "paidAt": "2026-01-01T00:00:00.000Z" } },
            "n8nExecution": { "data": { "resultData": { "runData": { "A": [
                { "startTime": 500, "data": { "main": [[{ "json": { "startTime": 7 } }]] } }
            ] } } } },
            "lastExecutedAt": null, "expiresAt": "never",
        });
        assert_eq!(value, expected);
    }
}
