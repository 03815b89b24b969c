//! `sized-result`: results of any size and of the shapes that break clients.

use serde_json::{Value, json, value::RawValue};

use super::Workflow;
use crate::{
    execution::ErrorDetails,
    input::{Input, invalid},
    run::{Outcome, Output, Run},
};

const MAX_KB: f64 = 51_200.0;
const SHAPES: [&str; 6] = ["table", "nested", "wrapped", "json_strings", "hostile", "deep"];
/// Each member is harmless as text and harmful as anything else. Some are no valid Unicode text, some no
/// valid numbers of common programming languages, some occur twice.
const HOSTILE: &str = r#""html":"<img src=x onerror=alert(1)><script>alert(2)</script>","link":"javascript:alert(3)","markdown":"[click](javascript:alert(4)) ![x](https://tracker.example/p.png) <b onclick=alert(5)>b</b>","right_to_left":"invoice\u202Egpj.exe","nul":"a\u0000b","lone_surrogate":"a\ud800b","huge_number":1e400,"beyond_i64":9223372036854775808,"tiny":5e-324,"twice":1,"twice":2,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"formula":"=HYPERLINK(\"https://evil.example\",\"open\")","template":"{{7*7}} ${7*7} <%= 7*7 %>","empty":"","null":null"#;

pub fn workflow() -> Workflow {
    Workflow::http("sized-result", "Sized result", input_schema(), include_str!("sized_result.md"), |run| {
        Box::pin(work(run))
    })
}

fn input_schema() -> Value {
    json!([
        {
            "key": "kilobytes", "type": "number", "numberType": "integer", "label": "Kilobytes",
            "min": 0, "max": MAX_KB, "defaultValue": 64, "description": "About how large the result is."
        },
        {
            "key": "shape", "type": "select", "label": "Shape", "defaultValue": "table",
            "options": [
                { "value": "table", "label": "A list of flat objects" },
                { "value": "nested", "label": "Objects in objects" },
                { "value": "wrapped", "label": "Everything under one key" },
                { "value": "json_strings", "label": "JSON inside strings" },
                { "value": "hostile", "label": "Hostile text and numbers" },
                { "value": "deep", "label": "Brackets 100,000 deep" }
            ]
        }
    ])
}

async fn work(run: &mut Run) -> Outcome {
    let (bytes, shape) = match read(Input(&run.input)) {
        Ok(read) => read,
        Err(error) => return Err(run.fail("Validate input", 30, error).await),
    };
    run.step("Validate input", 30, json!({ "bytes": bytes, "shape": shape })).await;
    let text = build(bytes, &shape);
    run.step("Build result", 800, json!({ "bytes": text.len() })).await;
    match RawValue::from_string(text) {
        Ok(raw) => Ok(Output::Raw(raw)),
        Err(error) => Err(run.fail("Build result", 5, invalid(error.to_string())).await),
    }
}

fn read(input: Input<'_>) -> Result<(usize, String), ErrorDetails> {
    let kilobytes = input.number("kilobytes", 0.0, MAX_KB)?.unwrap_or(64.0);
    let shape = input.choice("shape", &SHAPES)?.unwrap_or("table").to_owned();
    let bytes = std::time::Duration::from_secs_f64(kilobytes).as_secs() * 1024;
    Ok((usize::try_from(bytes).unwrap_or(0), shape))
}

/// The text of a result of about `bytes` bytes.
fn build(bytes: usize, shape: &str) -> String {
    match shape {
        "nested" => nested(bytes),
        "wrapped" => format!(r#"{{"results":{{"rows":[{}]}}}}"#, rows(bytes)),
        "json_strings" => {
            let row = Value::from(format!("[{}]", rows(bytes / 7 * 6)));
            format!(r#"{{"rows":{row},"items":["{{\"a\":1}}","{{\"a\":2}}","not json"]}}"#)
        }
        "hostile" => {
            let filler = "\\u202E<b>".repeat(bytes / 9);
            format!(r#"{{{HOSTILE},"filler":"{filler}"}}"#)
        }
        "deep" => {
            let depth = 100_000;
            format!(r#"{{"deep":{}{}}}"#, "[".repeat(depth), "]".repeat(depth))
        }
        _ => format!(r#"{{"rows":[{}]}}"#, rows(bytes)),
    }
}

fn rows(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 128);
    let mut number = 0_u64;
    while text.len() < bytes {
        if number > 0 {
            text.push(',');
        }
        number += 1;
        let paid = number.is_multiple_of(3);
        text.push_str(&format!(
            r#"{{"number":{number},"name":"Row {number}","amount":{}.{:02},"paid":{paid}}}"#,
            number * 7 % 1000,
            number % 100,
        ));
    }
    text
}

/// Forty levels, each with its share of the text.
fn nested(bytes: usize) -> String {
    const LEVELS: usize = 40;
    let filler = "lorem ipsum ".repeat(bytes / LEVELS / 12);
    (1..=LEVELS)
        .rev()
        .fold("null".to_owned(), |inner, level| format!(r#"{{"level":{level},"text":"{filler}","inner":{inner}}}"#))
}

#[cfg(test)]
mod tests {
    use super::{RawValue, SHAPES, build};

    #[test]
    fn every_shape_is_json_of_about_the_size_asked_for() {
        for shape in SHAPES {
            for bytes in [0, 100_000] {
                let text = build(bytes, shape);
                if shape != "deep" {
                    assert!(text.len() + bytes / 50 >= bytes, "{shape}: {}", text.len());
                    assert!(text.len() <= bytes + bytes / 3 + 3000, "{shape}: {}", text.len());
                }
                assert!(RawValue::from_string(text).is_ok(), "{shape}");
            }
        }
    }
}
