use super::markdown::Line;

/// A pipe table: its header in lower case and its rows, cells trimmed and unescaped.
#[derive(Debug)]
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The first table outside fenced blocks.
    pub fn first(lines: &[Line<'_>]) -> Option<Table> {
        let plain = |i: usize| match lines.get(i) {
            Some(Line::Plain(line)) if line.contains('|') => Some(*line),
            _ => None,
        };
        let start = (0..lines.len()).find(|i| plain(*i).is_some() && plain(i + 1).is_some_and(is_rule))?;
        let header = cells(plain(start)?).iter().map(|c| c.replace(['*', '`'], "").to_lowercase()).collect();
        let rows = (start + 2..).map_while(plain).map(cells).collect();
        Some(Table { header, rows })
    }

    /// The index of the first column with one of these names.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        self.header.iter().position(|h| names.contains(&h.as_str()))
    }
}

/// The cell, or nothing where the row is too short.
pub fn cell(row: &[String], column: Option<usize>) -> Option<&str> {
    row.get(column?).map(String::as_str).filter(|s| !s.is_empty())
}

fn is_rule(line: &str) -> bool {
    line.contains('-') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut out = vec![String::new()];
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, out.last_mut()) {
            ('\\', Some(cell)) if chars.peek() == Some(&'|') => {
                chars.next();
                cell.push('|');
            }
            ('|', _) => out.push(String::new()),
            (c, Some(cell)) => cell.push(c),
            _ => {}
        }
    }
    if out.len() > 1 && out.last().is_some_and(|c| c.trim().is_empty()) {
        out.pop();
    }
    out.into_iter().map(|c| c.trim().to_owned()).collect()
}
