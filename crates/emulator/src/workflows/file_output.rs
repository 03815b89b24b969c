//! `file-output`: writes a file, uploads it, and puts its document id into the result.

use serde_json::{Value, json};

use super::Workflow;
use crate::{
    execution::ErrorDetails,
    files::{About, Document},
    input::Input,
    run::{Outcome, Run},
};

const FORMATS: [&str; 3] = ["csv", "txt", "json"];

pub fn workflow() -> Workflow {
    Workflow::http("file-output", "File output", input_schema(), include_str!("file_output.md"), |run| {
        Box::pin(work(run))
    })
}

fn input_schema() -> Value {
    json!([
        { "key": "title", "type": "string", "label": "Title", "required": true, "maxLength": 60 },
        {
            "key": "rows", "type": "number", "numberType": "integer", "label": "Rows",
            "min": 1, "max": 10_000, "defaultValue": 12
        },
        {
            "key": "format", "type": "select", "label": "Format", "defaultValue": "csv",
            "options": [
                { "value": "csv", "label": "CSV" },
                { "value": "txt", "label": "Plain text" },
                { "value": "json", "label": "JSON" }
            ]
        }
    ])
}

async fn work(run: &mut Run) -> Outcome {
    let (title, rows, format) = match read(Input(&run.input)) {
        Ok(read) => read,
        Err(error) => return Err(run.fail("Validate input", 30, error).await),
    };
    let text = content(&title, rows, &format);
    run.step("Write file", 900, json!({ "bytes": text.len() })).await;
    let name = format!("{}.{format}", slug(&title));
    let mime = match format.as_str() {
        "csv" => "text/csv",
        "json" => "application/json",
        _ => "text/plain",
    };
    let bytes = text.len();
    let about = About { name: name.clone(), mime: mime.to_owned() };
    let (report, download) = run.upload(600, Document { about, bytes: text.into() }).await?;
    Ok(json!({ "report": report, "file_name": name, "rows": rows, "bytes": bytes, "download": download }).into())
}

fn read(input: Input<'_>) -> Result<(String, u32, String), ErrorDetails> {
    let title = input.text("title", 60)?.to_owned();
    let rows = input.number("rows", 1.0, 10_000.0)?.unwrap_or(12.0);
    let rows = (1..=10_000).rev().find(|n| f64::from(*n) <= rows).unwrap_or(1);
    let format = input.choice("format", &FORMATS)?.unwrap_or("csv").to_owned();
    Ok((title, rows, format))
}

fn content(title: &str, rows: u32, format: &str) -> String {
    let square = |n: u32| u64::from(n) * u64::from(n);
    match format {
        "csv" => {
            let head = "number,square\r\n".to_owned();
            (1..=rows).fold(head, |text, n| text + &format!("{n},{}\r\n", square(n)))
        }
        "json" => {
            let list: Vec<Value> = (1..=rows).map(|n| json!({ "number": n, "square": square(n) })).collect();
            json!({ "title": title, "rows": list }).to_string()
        }
        _ => (1..=rows).fold(format!("{title}\n\n"), |text, n| text + &format!("{n} squared is {}\n", square(n))),
    }
}

fn slug(title: &str) -> String {
    let slug: String = title
        .to_lowercase()
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
        .collect();
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "file".to_owned() } else { slug.to_owned() }
}
