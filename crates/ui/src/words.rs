/// A programmer's name in words: `reading_minutes` and `readingMinutes` become "Reading minutes".
/// What is no such name stays as it is.
pub fn readable(key: &str) -> String {
    let is_name = key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if !is_name {
        return key.to_owned();
    }
    let mut out = String::with_capacity(key.len() + 4);
    let mut before = None;
    for c in key.chars() {
        match (before, c) {
            (None, c) => out.push(c.to_ascii_uppercase()),
            (_, '_' | '-') => out.push(' '),
            (Some(before), c) if c.is_ascii_uppercase() && !char::is_ascii_uppercase(&before) => {
                out.push(' ');
                out.push(c.to_ascii_lowercase());
            }
            (_, c) => out.push(c.to_ascii_lowercase()),
        }
        before = Some(c);
    }
    out.trim_end().to_owned()
}

/// Characters that one cannot see and that hide something, by their names: control characters, and
/// those that turn the direction of the text around them.
#[cfg(any(feature = "ssr", test))]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' | '\r' => out.push(c),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push_str(&format!("[U+{:04X}]", u32::from(c))),
            c if c.is_control() => out.push_str(&format!("[U+{:04X}]", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{readable, visible};

    #[test]
    fn what_hides_something_is_named() {
        assert_eq!(visible("invoice\u{202e}gpj.exe\0\u{85}"), "invoice[U+202E]gpj.exe[U+0000][U+0085]");
        assert_eq!(visible("a\n\tb مرحبا\u{200f} 👩‍💻"), "a\n\tb مرحبا\u{200f} 👩‍💻");
    }

    #[test]
    fn names_become_words() {
        let cases = [
            ("reading_minutes", "Reading minutes"),
            ("readingMinutes", "Reading minutes"),
            ("total-2024", "Total 2024"),
            ("summary", "Summary"),
            ("pageURL", "Page url"),
            ("VAT", "VAT"),
            ("Net total", "Net total"),
            ("größe", "größe"),
            ("a.b", "a.b"),
            ("", ""),
        ];
        for (key, words) in cases {
            assert_eq!(readable(key), words);
        }
    }
}
