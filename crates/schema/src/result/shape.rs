//! What a text or an object looks like to a reader.

use super::tree::{Object, Tree};

/// Longer than this, a text is a document and not a value.
const LONG_TEXT: usize = 160;
const MAX_URL: usize = 2_048;
/// JSON inside a text is parsed only up to this size.
const MAX_INNER_JSON: usize = 5 * 1024 * 1024;

pub fn is_long(s: &str) -> bool {
    s.len() > LONG_TEXT || s.trim_end().contains('\n')
}

/// An array or object that was sent as a text; `left` as in [`Tree::read`].
pub fn inner_json(s: &str, left: &mut usize) -> Option<Tree> {
    let t = s.trim();
    let framed = (t.starts_with('{') && t.ends_with('}')) || (t.starts_with('[') && t.ends_with(']'));
    let readable = framed && t.len() <= MAX_INNER_JSON && *left > 0;
    readable.then(|| Tree::read(t.as_bytes(), left).ok()).flatten()
}

/// A heading, a fence, a table, emphasis, a link, or a list of several points.
pub fn looks_like_markdown(s: &str) -> bool {
    let mut points = 0;
    for line in s.lines().take(400) {
        let t = line.trim();
        let hashes = t.bytes().take_while(|b| *b == b'#').count();
        if (1..=6).contains(&hashes) && t.get(hashes..).is_some_and(|rest| rest.starts_with(' ')) {
            return true;
        }
        if t.starts_with("```")
            || is_table_rule(t)
            || is_paired(t, "**")
            || is_paired(t, "__")
            || t.contains("](https://")
        {
            return true;
        }
        points += usize::from(is_point(t));
    }
    points >= 2
}

fn is_table_rule(t: &str) -> bool {
    t.contains("|") && t.contains("---") && t.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
}

fn is_paired(t: &str, mark: &str) -> bool {
    let mut parts = t.split(mark);
    parts.next();
    // "**word**": the middle part touches both marks.
    parts.next().is_some_and(|inner| {
        !inner.is_empty() && !inner.starts_with(' ') && !inner.ends_with(' ') && parts.next().is_some()
    })
}

fn is_point(t: &str) -> bool {
    if ["- ", "* ", "+ "].iter().any(|mark| t.starts_with(mark)) {
        return true;
    }
    let digits = t.bytes().take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&digits) && t.get(digits..).is_some_and(|rest| rest.starts_with(". ") || rest.starts_with(") "))
}

/// `YYYY-MM-DDTHH:MM[:SS[.fff]]` with `Z` or an offset; without a zone it is no point in time.
pub fn is_timestamp(s: &str) -> bool {
    let b = s.as_bytes();
    if !(17..=40).contains(&b.len()) || !s.is_ascii() {
        return false;
    }
    let fits = |at: usize, shape: &[u8]| {
        shape.iter().enumerate().all(|(i, want)| match (b.get(at + i), *want) {
            (Some(c), b'0') => c.is_ascii_digit(),
            (Some(c), b'T') => matches!(c, b'T' | b't' | b' '),
            (Some(c), want) => *c == want,
            (None, _) => false,
        })
    };
    if !fits(0, b"0000-00-00T00:00") || s.get(5..7).is_none_or(|m| !("01"..="12").contains(&m)) {
        return false;
    }
    let mut at = 16;
    if fits(at, b":00") {
        at += 3;
        if b.get(at) == Some(&b'.') {
            at += 1 + b.iter().skip(at + 1).take_while(|c| c.is_ascii_digit()).count();
        }
    }
    match s.get(at..) {
        Some("Z" | "z") => true,
        Some(zone) => {
            let digits = zone.get(1..).unwrap_or_default().replacen(':', "", 1);
            zone.starts_with(['+', '-']) && digits.len() == 4 && digits.bytes().all(|c| c.is_ascii_digit())
        }
        None => false,
    }
}

/// One `https:` address and nothing else, without a user part that could disguise the host.
pub fn is_https(s: &str) -> bool {
    let Some(rest) = s.strip_prefix("https://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    s.len() <= MAX_URL
        && host.starts_with(|c: char| c.is_alphanumeric() || c == '[')
        && !host.contains('@')
        && !s.contains(|c: char| {
            c.is_whitespace()
                || c.is_control()
                || matches!(c, '<' | '>' | '"' | '`' | '\\' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
}

/// An object that describes a file and where to get it.
pub fn file_of(o: &Object) -> Option<(String, String)> {
    let text = |key: &str| o.get(key).and_then(Tree::as_text);
    let url = text("downloadUrl").or_else(|| text("url")).filter(|url| is_https(url))?;
    let name = text("fileName").filter(|name| !name.trim().is_empty())?;
    Some((name.chars().take(255).collect(), url.to_owned()))
}
