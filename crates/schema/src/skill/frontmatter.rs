//! The head of a skill. Authors write descriptions with colons in them, which strict YAML refuses;
//! so lines are split at their first colon, as the vendor does, and the little YAML that is used
//! (lists, inline lists and maps, folded text) is understood on top.

/// `key: value` of the top level, and lists of small maps.
#[derive(Debug, Default)]
pub struct Frontmatter {
    texts: Vec<(String, String)>,
    lists: Vec<(String, Vec<Entry>)>,
}

/// One element of a list: its members, or a single plain value under the key `name`.
pub type Entry = Vec<(String, String)>;

impl Frontmatter {
    pub fn text(&self, key: &str) -> Option<String> {
        self.texts.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone()).filter(|v| !v.is_empty())
    }

    pub fn list(&self, key: &str) -> &[Entry] {
        self.lists.iter().find(|(k, _)| k == key).map_or(&[], |(_, list)| list)
    }
}

/// The head and the rest; a text without a closed head is all rest.
pub fn split(markdown: &str) -> (Frontmatter, &str) {
    let text = markdown.trim_start_matches('\u{feff}');
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else {
        return (Frontmatter::default(), text);
    };
    let mut offset = first.len();
    let mut head = Vec::new();
    for line in lines {
        offset += line.len();
        if line.trim_end() == "---" {
            return (read(&head), text.get(offset..).unwrap_or_default());
        }
        head.push(line.trim_end());
    }
    (Frontmatter::default(), text)
}

fn read(lines: &[&str]) -> Frontmatter {
    let mut out = Frontmatter::default();
    let mut i = 0;
    while let Some(line) = lines.get(i) {
        i += 1;
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let (key, value) = (key.trim().to_owned(), value.trim());
        let block: Vec<&str> =
            lines.get(i..).unwrap_or_default().iter().copied().take_while(|l| is_inside(l)).collect();
        if value.is_empty() || is_block_mark(value) {
            i += block.len();
            let dashes = value.is_empty() && block.iter().any(|l| l.trim_start().starts_with("- "));
            if dashes {
                out.lists.push((key, list(&block)));
            } else {
                let glue = if value.starts_with('|') { "\n" } else { " " };
                let text = block.iter().map(|l| l.trim()).collect::<Vec<_>>().join(glue);
                out.texts.push((key, text.trim().to_owned()));
            }
        } else if let Some(inner) = bracketed(value, '[', ']') {
            out.lists.push((key, split_outside(inner).into_iter().map(entry).collect()));
        } else {
            out.texts.push((key, unquote(value).to_owned()));
        }
    }
    out
}

fn is_inside(line: &str) -> bool {
    line.is_empty() || line.starts_with([' ', '\t']) || line.starts_with("- ")
}

fn is_block_mark(value: &str) -> bool {
    matches!(value, "|" | ">" | "|-" | ">-" | "|+" | ">+")
}

fn list(block: &[&str]) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    for line in block.iter().map(|l| l.trim()).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        match (line.strip_prefix("- "), out.last_mut()) {
            (Some(first), _) => out.push(entry(first.trim())),
            (None, Some(last)) => last.extend(pair(line)),
            (None, None) => {}
        }
    }
    out
}

fn entry(text: &str) -> Entry {
    if let Some(inner) = bracketed(text, '{', '}') {
        return split_outside(inner).into_iter().filter_map(pair).collect();
    }
    match pair(text) {
        Some(pair) if !text.starts_with(['"', '\'']) => vec![pair],
        _ => vec![("name".to_owned(), unquote(text).to_owned())],
    }
}

fn pair(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once(':')?;
    Some((unquote(key.trim()).to_owned(), unquote(value.trim()).to_owned()))
}

fn bracketed(text: &str, open: char, close: char) -> Option<&str> {
    text.strip_prefix(open)?.strip_suffix(close).map(str::trim)
}

/// Splits at commas that are in no brackets and no quotes.
fn split_outside(text: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut start, mut out) = (0i32, None, 0, Vec::new());
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth -= 1,
            (None, ',') if depth == 0 => {
                out.push(text[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
    }
    out.push(text[start..].trim());
    out.retain(|part| !part.is_empty());
    out
}

/// Strips one pair of surrounding quotes.
fn unquote(text: &str) -> &str {
    ['"', '\''].iter().find_map(|q| text.strip_prefix(*q).and_then(|t| t.strip_suffix(*q))).unwrap_or(text)
}
