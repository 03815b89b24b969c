//! A reader of the event stream that comes back whenever it breaks off.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Response;
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

    /// `id: RUN:SEQ` names an event; `event: reset` says that some were left out.
    fn note_line(&self, line: &str, newest: &mut BTreeMap<String, i64>) {
        if line == "event: reset" {
            newest.clear();
        }
        let Some((run, seq)) = event_id(line) else { return };
        if let Some(before) = newest.insert(run.to_owned(), seq)
            && seq != before + 1
        {
            self.complain(format!("15: the stream told {run} number {seq} after {before}"));
        }
        self.note_event(run, seq);
    }
}

fn event_id(line: &str) -> Option<(&str, i64)> {
    let (run, seq) = line.strip_prefix("id:")?.trim_start().rsplit_once(':')?;
    Some((run, seq.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::event_id;

    #[test]
    fn ids_are_told_from_other_lines() {
        assert_eq!(event_id("id: 01m8:3"), Some(("01m8", 3)));
        assert_eq!(event_id("id:01m8:12"), Some(("01m8", 12)));
        for line in ["", "event: run", "data: {\"id\":\"a:1\"}", "id: ", "id: x", "id: x:y"] {
            assert_eq!(event_id(line), None, "{line}");
        }
    }
}
