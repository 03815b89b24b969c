//! `slow-report`: long work, so that waiting can be seen.

use serde_json::{Value, json};

use super::Workflow;
use crate::{
    input::Input,
    run::{Outcome, Run},
};

const DEFAULT_SECONDS: f64 = 45.0;
const MAX_SECONDS: f64 = 900.0;
const CHAPTERS: [&str; 6] = ["Sales", "Support", "Delivery", "People", "Risks", "Outlook"];

pub fn workflow() -> Workflow {
    Workflow::http("slow-report", "Slow report", input_schema(), include_str!("slow_report.md"), |run| {
        Box::pin(work(run))
    })
    .costs(5.0)
}

fn input_schema() -> Value {
    json!([
        {
            "key": "title", "type": "string", "label": "Title", "maxLength": 80,
            "defaultValue": "Quarterly report"
        },
        {
            "key": "seconds", "type": "number", "numberType": "integer", "label": "Seconds",
            "min": 1, "max": MAX_SECONDS, "defaultValue": DEFAULT_SECONDS,
            "description": "About how long the report takes."
        }
    ])
}

async fn work(run: &mut Run) -> Outcome {
    let input = Input(&run.input);
    let read =
        input.optional_text("title", 80).and_then(|title| Ok((title, input.number("seconds", 1.0, MAX_SECONDS)?)));
    let (title, seconds) = match read {
        Ok((title, seconds)) => (title.unwrap_or("Quarterly report").to_owned(), seconds.unwrap_or(DEFAULT_SECONDS)),
        Err(error) => return Err(run.fail("Validate input", 30, error).await),
    };
    run.step("Validate input", 30, json!({ "title": title, "seconds": seconds })).await;
    let share = std::time::Duration::from_secs_f64(seconds / 6.0).as_millis();
    let share = u64::try_from(share).unwrap_or(u64::MAX);
    let mut lines = vec![format!("# {title}"), String::new()];
    for (index, chapter) in CHAPTERS.iter().enumerate() {
        let figure = figure(&title, chapter);
        lines.push(format!("{}. **{chapter}**: {figure} % of plan", index + 1));
        let name = format!("Chapter {chapter}");
        run.step(&name, share, json!({ "chapter": chapter, "percent_of_plan": figure })).await;
    }
    Ok(json!({ "report": lines.join("\n"), "chapters": CHAPTERS.len() }).into())
}

/// An invented figure that is always the same for the same title.
fn figure(title: &str, chapter: &str) -> u32 {
    let sum = title
        .bytes()
        .chain(chapter.bytes())
        .fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    70 + sum % 55
}
