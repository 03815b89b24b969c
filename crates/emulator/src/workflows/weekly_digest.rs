//! `weekly-digest`: runs on a schedule, or by hand without any input.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::json;

use super::{Trigger, Work, Workflow};
use crate::run::{Outcome, Run};

const TOPICS: [&str; 4] = ["New leads", "Invoices sent", "Tickets closed", "Hours booked"];

pub fn workflow() -> Workflow {
    Workflow {
        id: "weekly-digest".to_owned(),
        name: "Weekly digest".to_owned(),
        cost: 1.0,
        integrations: Vec::new(),
        triggers: vec![Trigger::Schedule { cron: "0 9 * * 1".to_owned(), timezone: "Europe/Brussels".to_owned() }],
        skill: Some(include_str!("weekly_digest.md").to_owned()),
        work: Some(Work::Code(|run| Box::pin(work(run)))),
        endpoint: None,
    }
}

async fn work(run: &mut Run) -> Outcome {
    let today =
        Timestamp::from_millisecond(run.created_at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::UTC).date();
    let monday = monday_of_last_week(today);
    let sunday = monday.saturating_add(6.days());
    run.step("Find week", 120, json!({ "from": monday.to_string(), "to": sunday.to_string() })).await;
    let rows: Vec<_> = TOPICS
        .iter()
        .zip(1_i32..)
        .map(|(topic, place)| {
            let seed = i32::from(monday.day_of_year()) * place;
            json!({ "topic": topic, "count": 5 + seed % 37, "change_percent": seed % 41 - 20 })
        })
        .collect();
    run.node("Collect figures", "n8n-nodes-base.code", 1400, rows.clone()).await;
    let digest = format!("# Week of {monday}\n\nFrom Monday {monday} to Sunday {sunday}.");
    run.step("Write digest", 500, json!({ "digest": digest })).await;
    Ok(json!({ "digest": digest, "figures": rows }).into())
}

fn monday_of_last_week(today: Date) -> Date {
    let since_monday = today.weekday().to_monday_zero_offset();
    today.saturating_sub((i32::from(since_monday) + 7).days())
}

#[cfg(test)]
mod tests {
    use super::monday_of_last_week;

    #[test]
    fn last_week_starts_on_the_monday_before_this_one() {
        for (today, monday) in
            [("2026-03-09", "2026-03-02"), ("2026-03-15", "2026-03-02"), ("2026-03-16", "2026-03-09")]
        {
            let today = today.parse().expect("a date");
            assert_eq!(monday_of_last_week(today).to_string(), monday);
        }
    }
}
