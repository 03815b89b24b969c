use std::borrow::Cow;

use super::clip::Clip;
use super::pretty::pretty;
use super::tree::{List, Object, Tree};
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
    /// As in [`Tree::read`].
    values_left: usize,
}

impl<'a> Builder<'a> {
    pub fn new(markdown: &'a dyn Fn(&str) -> String, values_left: usize) -> Self {
        Self { markdown, text_left: MAX_TOTAL, views_left: MAX_VIEWS, values_left }
    }

    pub fn top(&mut self, v: &Tree, outputs: &[OutputField]) -> ResultView {
        let v = self.parsed(v);
        let v = self.unwrapped(v, outputs);
        match &*v {
            Tree::Object(o) if shape::file_of(o).is_none() && !o.is_empty() => self.key_values(o, outputs, 0),
            other => self.view(other, None, 0),
        }
    }

    fn view(&mut self, v: &Tree, declared: Option<&str>, level: usize) -> ResultView {
        self.views_left = self.views_left.saturating_sub(1);
        match v {
            Tree::Null => ResultView::Empty,
            Tree::Bool(b) => ResultView::Bool(*b),
            Tree::Number(n) => ResultView::Number(n.to_string()),
            Tree::Text(s) => self.text(s, declared, level),
            Tree::List(list) => self.list(list, level),
            Tree::Object(o) if o.is_empty() => ResultView::Empty,
            Tree::Object(o) => match shape::file_of(o) {
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
        if let Some(inner) = shape::inner_json(s, &mut self.values_left) {
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

    fn list(&mut self, list: &List, level: usize) -> ResultView {
        let total = list.total;
        if total == 0 {
            return ResultView::Empty;
        }
        let kept: Cow<'_, [Tree]> = match list.kept.iter().any(Tree::is_text) {
            true => Cow::Owned(list.kept.iter().map(|v| self.parsed(v).into_owned()).collect()),
            false => Cow::Borrowed(&list.kept),
        };
        if let Some(table) = table::of(&kept, total) {
            return self.charged(table);
        }
        if level >= MAX_LEVEL || self.views_left == 0 {
            return self.json(&Tree::List(List { kept: kept.into_owned(), total }));
        }
        let mut items = Vec::new();
        for v in kept.iter().take(MAX_ENTRIES) {
            if self.views_left == 0 {
                break;
            }
            items.push(self.view(v, None, level + 1));
        }
        ResultView::List { items, total }
    }

    /// Declared members first and in the author's order, then whatever else came.
    fn key_values(&mut self, o: &Object, outputs: &[OutputField], level: usize) -> ResultView {
        let declared = outputs.iter().filter_map(|out| o.get(&out.key).map(|v| (out.key.as_str(), v, Some(out))));
        let rest = o.kept.iter().filter(|(key, _)| outputs.iter().all(|out| out.key != *key));
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
        ResultView::KeyValues { entries, total: o.total }
    }

    fn json(&mut self, v: &Tree) -> ResultView {
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

    /// A text that is JSON, as that.
    fn parsed<'v>(&mut self, v: &'v Tree) -> Cow<'v, Tree> {
        match v {
            Tree::Text(s) => shape::inner_json(s, &mut self.values_left).map_or(Cow::Borrowed(v), Cow::Owned),
            _ => Cow::Borrowed(v),
        }
    }

    /// `{"result": …}` and `{"results": …}` say nothing, unless the author declared just that member.
    fn unwrapped<'v>(&mut self, mut v: Cow<'v, Tree>, outputs: &[OutputField]) -> Cow<'v, Tree> {
        for _ in 0..MAX_LEVEL {
            let inner = match v.as_object().map(|o| (o.total, o.kept.as_slice())) {
                Some((1, [(key, inner)])) if is_wrapper(key, outputs) => inner,
                _ => return v,
            };
            v = Cow::Owned(self.parsed(inner).into_owned());
        }
        v
    }
}

fn is_wrapper(key: &str, outputs: &[OutputField]) -> bool {
    matches!(key, "result" | "results") && outputs.iter().all(|out| out.key != key)
}
