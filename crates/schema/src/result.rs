mod build;
mod clip;
mod pretty;
mod shape;
mod table;
mod tree;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use clip::Clip;

use crate::skill::OutputField;

use tree::Tree;

/// How a result looks. Built where the result is stored, drawn anywhere; it holds text as text and
/// markup only where the caller's sanitising renderer made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultView {
    Empty,
    /// One line.
    Text(Clip),
    /// Line breaks and spaces matter.
    Preformatted(Clip),
    Markdown {
        /// Sanitised by the renderer that made it.
        html: String,
        source: Clip,
    },
    /// The digits as the workflow sent them.
    Number(String),
    Bool(bool),
    /// An ISO 8601 time with a zone, as the workflow sent it.
    Timestamp(String),
    /// Always `https:`.
    Link {
        url: String,
    },
    /// `url` is always `https:`.
    File {
        name: String,
        url: String,
    },
    /// A file the workflow uploaded; it cannot be fetched with this id alone.
    DocumentId(String),
    Table {
        columns: Vec<String>,
        /// Cells in the order of `columns`; a missing member is an empty text.
        rows: Vec<Vec<String>>,
        total_rows: usize,
        shown_rows: usize,
        total_columns: usize,
    },
    List {
        items: Vec<ResultView>,
        total: usize,
    },
    KeyValues {
        entries: Vec<Entry>,
        total: usize,
    },
    /// Too deep or too mixed for anything better.
    Json(Clip),
    /// No JSON that can be read, as text.
    Unreadable {
        why: String,
        source: Clip,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub label: String,
    pub description: Option<String>,
    pub view: ResultView,
}

impl ResultView {
    /// Decides how a result looks. `outputs` gives order and explanations and marks document ids;
    /// `markdown` must return sanitised HTML.
    ///
    /// Sizes are bounded whatever comes in; what was left out is counted, never hidden.
    pub fn build(v: &Value, outputs: &[OutputField], markdown: &dyn Fn(&str) -> String) -> ResultView {
        build::Builder::new(markdown, tree::MAX_VALUES).top(&v.into(), outputs)
    }

    /// The same for the bytes that came. What cannot be read as JSON is text, with the reason.
    pub fn of_bytes(bytes: &[u8], outputs: &[OutputField], markdown: &dyn Fn(&str) -> String) -> ResultView {
        let mut left = tree::MAX_VALUES;
        match Tree::read(bytes, &mut left) {
            Ok(tree) => build::Builder::new(markdown, left).top(&tree, outputs),
            Err(error) => {
                let source = Clip::of(&String::from_utf8_lossy(bytes), build::MAX_TEXT);
                ResultView::Unreadable { why: error.to_string(), source }
            }
        }
    }
}

#[cfg(test)]
mod tests;
