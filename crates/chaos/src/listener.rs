//! A reader of the event stream that comes back whenever it breaks off.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Response;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};

use crate::clients::Clients;

/// Longer than any storm: only the dashboard ends a stream.
const LONG: Duration = Duration::from_secs(3600);
const AGAIN: Duration = Duration::from_millis(100);

impl Clients {
    /// Notes every event, and every gap within one stream, until `until`.
    pub async fn listen(self, until: Instant) {
        while Instant::now() < until {
            if let Some(answer) = self.open_stream(LONG).await
                && answer.status().is_success()
            {
                // The end of the storm is the end of this, too.
                let _ = timeout_at(until, self.read_stream(answer)).await;
            }
            sleep(AGAIN).await;
        }
    }

    async fn read_stream(&self, mut answer: Response) {
        let mut newest: BTreeMap<String, i64> = BTreeMap::new();
        let mut rest = String::new();
        while let Ok(Some(piece)) = answer.chunk().await {
            rest.push_str(&String::from_utf8_lossy(&piece));
            while let Some((line, after)) = rest.split_once('\n') {
                self.note_line(line.trim_end(), &mut newest);
                rest = after.to_owned();
            }
        }
    }

    /// The data of an event name the run and its number; `event: reset` says that some were left out.
    fn note_line(&self, line: &str, newest: &mut BTreeMap<String, i64>) {
        if line == "event: reset" {
            newest.clear();
        }
        let Some((run, seq)) = told(line) else { return };
        if let Some(before) = newest.insert(run.clone(), seq)
            && seq != before + 1
        {
            self.complain(format!("15: the stream told {run} number {seq} after {before}"));
        }
        self.note_event(&run, seq);
    }
}

fn told(line: &str) -> Option<(String, i64)> {
    let event: Value = serde_json::from_str(line.strip_prefix("data:")?).ok()?;
    Some((event["run"]["id"].as_str()?.to_owned(), event["seq"].as_i64()?))
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn events_are_told_from_other_lines() {
        assert_eq!(told(r#"data: {"seq":3,"kind":"accepted","run":{"id":"01m8"}}"#), Some(("01m8".to_owned(), 3)));
        for line in ["", "event: run", "id: 01m8:3", "data: 1700000000000", "data: {}", r#"data: {"seq":3}"#] {
            assert_eq!(told(line), None, "{line}");
        }
    }
}
