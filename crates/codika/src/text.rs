use crate::key::Key;

/// Characters of an upstream message that are kept.
const MESSAGE: usize = 2_000;
/// Characters of a body that was not JSON that are kept.
const EXCERPT: usize = 300;
/// A shorter key would blank ordinary words.
const SHORTEST_SECRET: usize = 8;

/// Makes text from upstream fit for people and logs: no key, no control character, no end without end.
#[derive(Clone, Default)]
pub(crate) struct Cleaner {
    keys: Vec<Key>,
}

impl Cleaner {
    pub fn new(keys: impl IntoIterator<Item = Key>) -> Self {
        Self { keys: keys.into_iter().filter(|key| key.expose().len() >= SHORTEST_SECRET).collect() }
    }

    /// A message: line breaks become spaces, other invisible characters go, 2,000 characters stay.
    pub fn message(&self, text: &str) -> String {
        self.lines(&text.replace(['\n', '\r'], " "))
    }

    /// A message that keeps its lines.
    pub fn lines(&self, text: &str) -> String {
        let text = self.without_keys(text);
        let visible = text.chars().filter_map(|c| match c {
            '\n' => Some(c),
            '\t' => Some(' '),
            c if steers(c) => None,
            c => Some(c),
        });
        capped(visible, MESSAGE).trim().to_owned()
    }

    /// The start of a body that made no sense, with control characters written as escapes.
    pub fn excerpt(&self, body: &[u8]) -> String {
        let text = self.without_keys(&String::from_utf8_lossy(body));
        let escaped = text.chars().flat_map(|c| {
            let plain = (!steers(c)).then_some(c);
            let escape = steers(c).then(|| c.escape_default());
            plain.into_iter().chain(escape.into_iter().flatten())
        });
        capped(escaped, EXCERPT)
    }

    /// Upstream may repeat the key it refuses.
    pub fn without_keys(&self, text: &str) -> String {
        self.keys.iter().fold(text.to_owned(), |text, key| text.replace(key.expose(), "[key]"))
    }
}

/// Control characters, and those that reorder the text around them.
fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn capped(mut chars: impl Iterator<Item = char>, most: usize) -> String {
    let mut text: String = chars.by_ref().take(most).collect();
    if chars.next().is_some() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_capped_and_lose_control_characters() {
        let cleaner = Cleaner::default();
        assert_eq!(cleaner.message(" a\nb\u{0}c\u{202e}d\u{1b}[31m "), "a bcd[31m");
        let long = cleaner.message(&"é".repeat(3_000));
        assert_eq!(long.chars().count(), 2_001);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn excerpts_escape_and_survive_any_bytes() {
        let cleaner = Cleaner::default();
        assert_eq!(cleaner.excerpt(b"<h1>\r\n\x07\xff"), "<h1>\\r\\n\\u{7}\u{fffd}");
        assert_eq!(cleaner.excerpt(&[b'x'; 5_000]).chars().count(), 301);
    }

    #[test]
    fn a_key_repeated_by_upstream_is_blanked_even_across_the_cap() {
        let key = "ck_canary-0123456789";
        let cleaner = Cleaner::new([Key::parse(key).unwrap()]);
        assert_eq!(cleaner.message(&format!("bad key {key}!")), "bad key [key]!");
        let edge = cleaner.message(&format!("{}{key}", "x".repeat(1_990)));
        assert!(!edge.contains("canary"), "{edge}");
    }
}
