use serde::{Deserialize, Serialize};

/// A text that may be shown only in part. Lengths are in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clip {
    pub text: String,
    pub shown: usize,
    pub total: usize,
}

impl Clip {
    /// At most `max_bytes` of the text, cut between characters.
    pub fn of(text: &str, max_bytes: usize) -> Clip {
        let mut writer = ClipWriter::new(max_bytes);
        writer.push(text);
        writer.finish()
    }

    pub fn is_cut(&self) -> bool {
        self.shown < self.total
    }
}

/// Collects up to a limit and counts the rest.
pub struct ClipWriter {
    text: String,
    shown: usize,
    total: usize,
    max_bytes: usize,
}

impl ClipWriter {
    pub fn new(max_bytes: usize) -> Self {
        Self { text: String::new(), shown: 0, total: 0, max_bytes }
    }

    pub fn push(&mut self, s: &str) {
        let chars = s.chars().count();
        let room = self.max_bytes.saturating_sub(self.text.len());
        // Once something was left out, nothing may follow it.
        if self.shown == self.total && s.len() <= room {
            self.text.push_str(s);
            self.shown += chars;
        } else if self.shown == self.total {
            let cut = (0..=room.min(s.len())).rev().find(|i| s.is_char_boundary(*i)).unwrap_or(0);
            let head = s.get(..cut).unwrap_or_default();
            self.text.push_str(head);
            self.shown += head.chars().count();
        }
        self.total += chars;
    }

    pub fn finish(self) -> Clip {
        Clip { text: self.text, shown: self.shown, total: self.total }
    }
}
