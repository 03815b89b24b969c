use std::borrow::Cow;

use serde_json::{Map, Value};

use super::clip::Clip;
use super::pretty::pretty;
use super::{Entry, ResultView, shape, table};
use crate::skill::OutputField;

pub const MAX_TEXT: usize = 100 * 1024;
/// All texts of one view together; many large values are cut once this is used up.
const MAX_TOTAL: usize = 1024 * 1024;
const MAX_ENTRIES: usize = 200;
/// Nested lists and groups are hard to read; below this level JSON is clearer.
const MAX_LEVEL: usize = 4;
const MAX_JSON_DEPTH: usize = 40;
/// Views of one result together, whatever its shape.
const MAX_VIEWS: usize = 4_000;

pub struct Builder<'a> {
    markdown: &'a dyn Fn(&str) -> String,
    text_left: usize,
    views_left: usize,
}

impl<'a> Builder<'a> {
    pub fn new(markdown: &'a dyn Fn(&str) -> String) -> Self {
        Self { markdown, text_left: MAX_TOTAL, views_left: MAX_VIEWS }
    }

    pub fn top(&mut self, v: &Value, outputs: &[OutputField]) -> ResultView {
        let v = parsed(v);
        let v = unwrapped(&v, outputs);
        match &*v {
            Value::Object(o) if shape::file_of(o).is_none() && !o.is_empty() => self.key_values(o, outputs, 0),
            other => self.view(other, None, 0),
        }
    }

    fn view(&mut self, v: &Value, declared: Option<&str>, level: usize) -> ResultView {
        self.views_left = self.views_left.saturating_sub(1);
        match v {
            Value::Null => ResultView::Empty,
            Value::Bool(b) => ResultView::Bool(*b),
            Value::Number(n) => ResultView::Number(n.to_string()),
            Value::String(s) => self.text(s, declared, level),
            Value::Array(list) => self.list(list, level),
            Value::Object(o) if o.is_empty() => ResultView::Empty,
            Value::Object(o) => match shape::file_of(o) {
                Some((name, url)) => ResultView::File { name, url },
                None if level >= MAX_LEVEL || self.views_left == 0 => self.json(v),
                None => self.key_values(o, &[], level),
            },
        }
    }

    fn text(&mut self, s: &str, declared: Option<&str>, level: usize) -> ResultView {
        if s.trim().is_empty() {
            return ResultView::Empty;
        }
        if declared == Some("file") && !shape::is_https(s) {
            return ResultView::DocumentId(s.chars().take(300).collect());
        }
        if let Some(inner) = shape::inner_json(s) {
            // One level deeper, so that JSON in JSON in JSON comes to an end.
            return self.view(&inner, declared, level + 1);
        }
        if shape::is_https(s.trim()) {
            return ResultView::Link { url: s.trim().to_owned() };
        }
        if shape::is_timestamp(s) {
            return ResultView::Timestamp(s.to_owned());
        }
        let long = shape::is_long(s);
        if declared == Some("markdown") || (long && shape::looks_like_markdown(s)) {
            let source = self.clip(s);
            return ResultView::Markdown { html: (self.markdown)(&source.text), source };
        }
        let clip = self.clip(s);
        if long { ResultView::Preformatted(clip) } else { ResultView::Text(clip) }
    }

    fn list(&mut self, list: &[Value], level: usize) -> ResultView {
        if list.is_empty() {
            return ResultView::Empty;
        }
        let list: Cow<'_, [Value]> = match list.iter().any(Value::is_string) {
            true => Cow::Owned(list.iter().map(|v| parsed(v).into_owned()).collect()),
            false => Cow::Borrowed(list),
        };
        if let Some(table) = table::of(&list) {
            return self.charged(table);
        }
        if level >= MAX_LEVEL || self.views_left == 0 {
            return self.json(&Value::Array(list.into_owned()));
        }
        let mut items = Vec::new();
        for v in list.iter().take(MAX_ENTRIES) {
            if self.views_left == 0 {
                break;
            }
            items.push(self.view(v, None, level + 1));
        }
        ResultView::List { items, total: list.len() }
    }

    /// Declared members first and in the author's order, then whatever else came.
    fn key_values(&mut self, o: &Map<String, Value>, outputs: &[OutputField], level: usize) -> ResultView {
        let declared = outputs.iter().filter_map(|out| o.get(&out.key).map(|v| (out.key.as_str(), v, Some(out))));
        let rest = o.iter().filter(|(key, _)| outputs.iter().all(|out| out.key != **key));
        let ordered = declared.chain(rest.map(|(key, v)| (key.as_str(), v, None)));
        let mut entries = Vec::new();
        for (key, v, out) in ordered.take(MAX_ENTRIES) {
            if self.views_left == 0 {
                break;
            }
            entries.push(Entry {
                label: key.chars().take(200).collect(),
                description: out.and_then(|out| out.description.clone()),
                view: self.view(v, out.map(|out| out.kind.as_str()), level + 1),
            });
        }
        ResultView::KeyValues { entries, total: o.len() }
    }

    fn json(&mut self, v: &Value) -> ResultView {
        let clip = pretty(v, MAX_TEXT.min(self.text_left), MAX_JSON_DEPTH);
        self.text_left -= clip.text.len();
        ResultView::Json(clip)
    }

    fn clip(&mut self, s: &str) -> Clip {
        let clip = Clip::of(s, MAX_TEXT.min(self.text_left));
        self.text_left -= clip.text.len();
        clip
    }

    /// Tables count against the same limit; one that no longer fits loses rows, not its totals.
    fn charged(&mut self, table: ResultView) -> ResultView {
        let ResultView::Table { columns, mut rows, total_rows, total_columns, .. } = table else {
            return table;
        };
        let mut used: usize = 0;
        let fitting = rows.iter().take_while(|row| {
            used += row.iter().map(|cell| cell.len() + 1).sum::<usize>();
            used <= self.text_left
        });
        let shown_rows = fitting.count();
        rows.truncate(shown_rows);
        self.text_left = self.text_left.saturating_sub(used);
        ResultView::Table { columns, rows, total_rows, shown_rows, total_columns }
    }
}

fn parsed(v: &Value) -> Cow<'_, Value> {
    match v {
        Value::String(s) => shape::inner_json(s).map_or(Cow::Borrowed(v), Cow::Owned),
        _ => Cow::Borrowed(v),
    }
}

/// `{"result": …}` and `{"results": …}` say nothing, unless the author declared just that member.
fn unwrapped<'v>(v: &'v Value, outputs: &[OutputField]) -> Cow<'v, Value> {
    let mut v = Cow::Borrowed(v);
    for _ in 0..MAX_LEVEL {
        let inner = match v.as_object() {
            Some(o) if o.len() == 1 => o.iter().next().filter(|(key, _)| {
                matches!(key.as_str(), "result" | "results") && outputs.iter().all(|out| out.key != **key)
            }),
            _ => None,
        };
        let Some((_, inner)) = inner else { return v };
        v = Cow::Owned(parsed(inner).into_owned());
    }
    v
}
