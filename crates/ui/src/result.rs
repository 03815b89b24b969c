mod table;
mod tree;

use leptos::prelude::*;
use schema::{Entry, ResultView};

use crate::code::{CodeBlock, CutNote, JsonBlock, grouped};
use crate::copy::CopyButton;
use crate::icon::{Icon, IconName};
use crate::time::Timestamp;
use crate::words::readable;

/// A result as [`ResultView`] decided it should look.
#[component]
pub fn ResultPanel(view: ResultView) -> impl IntoView {
    let inner = match view {
        ResultView::KeyValues { entries, total } => members(entries, total, true),
        // The parts inside have headings of their own, which need one above them.
        ResultView::List { items, total } => {
            (view! { <h2 class="sr-only">"Result"</h2> }, list(items, total, "Result")).into_any()
        }
        other => block(other, "Result"),
    };
    view! { <div class="result">{inner}</div> }
}

/// The panel as HTML, for pages that leave the drawing to the server. Texts in it are escaped, and what
/// one cannot see in them is made visible.
#[cfg(feature = "ssr")]
pub fn result_html(view: ResultView) -> String {
    crate::words::visible(&view! { <ResultPanel view /> }.to_html())
}

/// Neighbouring short values share one list; each longer one gets a heading.
fn members(entries: Vec<Entry>, total: usize, top: bool) -> AnyView {
    let shown = entries.len();
    let mut parts: Vec<AnyView> = Vec::new();
    let mut short: Vec<Entry> = Vec::new();
    for entry in entries {
        if is_short(&entry.view) {
            short.push(entry);
            continue;
        }
        parts.extend(pairs(std::mem::take(&mut short)));
        let Entry { label, description, view } = entry;
        let label = readable(&label);
        let inner = block(view, &label);
        parts.push(
            view! {
                <section>
                    {heading(label, top)}
                    {description.map(|text| view! { <p class="result-note">{text}</p> })}
                    {inner}
                </section>
            }
            .into_any(),
        );
    }
    parts.extend(pairs(short));
    (parts, rest(shown, total, "members")).into_any()
}

fn heading(text: String, top: bool) -> AnyView {
    if top { view! { <h2>{text}</h2> }.into_any() } else { view! { <h3>{text}</h3> }.into_any() }
}

fn pairs(entries: Vec<Entry>) -> Option<AnyView> {
    if entries.is_empty() {
        return None;
    }
    let pair = |entry: Entry| {
        view! {
            <div>
                <dt title=entry.description>{readable(&entry.label)}</dt>
                <dd>{value(entry.view)}</dd>
            </div>
        }
    };
    Some(view! { <dl class="kv">{entries.into_iter().map(pair).collect_view()}</dl> }.into_any())
}

fn is_short(view: &ResultView) -> bool {
    use ResultView::{Bool, DocumentId, Empty, File, Link, Number, Text, Timestamp};
    matches!(view, Empty | Text(_) | Number(_) | Bool(_) | Timestamp(_) | Link { .. } | File { .. } | DocumentId(_))
}

/// A value that has room of its own. `label` names it for people who do not see the heading.
fn block(view: ResultView, label: &str) -> AnyView {
    match view {
        ResultView::Empty => view! { <p class="muted">"The workflow returned nothing."</p> }.into_any(),
        ResultView::Preformatted(clip) => {
            view! { <CodeBlock text=clip.text.clone() label="Text" wrap=true /> <CutNote clip /> }.into_any()
        }
        ResultView::Markdown { html, source } => {
            view! { <div class="markdown" inner_html=html></div> <CutNote clip=source /> }.into_any()
        }
        ResultView::Table { columns, rows, total_rows, shown_rows, total_columns } => {
            let hidden = total_columns.saturating_sub(columns.len());
            (
                table::view(columns, rows, format!("{label}: rows")),
                rest(shown_rows, total_rows, "rows"),
                (hidden > 0)
                    .then(|| view! { <p class="muted small">{format!("{hidden} more columns are not shown.")}</p> }),
            )
                .into_any()
        }
        ResultView::List { items, total } => list(items, total, label),
        ResultView::KeyValues { entries, total } => members(entries, total, false),
        ResultView::Json(clip) => match serde_json::from_str(&clip.text) {
            Ok(value) if !clip.is_cut() => tree::tree(&value),
            // What is cut, here or in its depth, is no JSON any more.
            _ => view! { <JsonBlock text=clip.text.clone() /> <CutNote clip /> }.into_any(),
        },
        ResultView::Unreadable { why, source } => view! {
            <p>
                "This result is not JSON that can be read, so it is shown as text; the download has it byte for byte. (" {why} ")"
            </p>
            <CodeBlock text=source.text.clone() label="Text" wrap=true />
            <CutNote clip=source />
        }
        .into_any(),
        short => view! { <p>{value(short)}</p> }.into_any(),
    }
}

fn list(items: Vec<ResultView>, total: usize, label: &str) -> AnyView {
    let shown = items.len();
    let plain = items.iter().all(is_short);
    let one = |(i, item): (usize, ResultView)| {
        let inner = if is_short(&item) { value(item) } else { block(item, &format!("{label} {}", i + 1)) };
        view! { <li>{inner}</li> }
    };
    let items = items.into_iter().enumerate().map(one).collect_view();
    let list = match plain {
        // Short values read as prose does, with bullets.
        true => view! { <div class="markdown"><ul>{items}</ul></div> }.into_any(),
        false => view! { <ol class="stack loose">{items}</ol> }.into_any(),
    };
    (list, rest(shown, total, "entries")).into_any()
}

/// A value inside a line.
fn value(view: ResultView) -> AnyView {
    match view {
        ResultView::Text(clip) => (clip.text.clone(), view! { <CutNote clip /> }).into_any(),
        ResultView::Number(digits) => view! { <span class="num">{digits}</span> }.into_any(),
        ResultView::Bool(true) => "Yes".into_any(),
        ResultView::Bool(false) => "No".into_any(),
        ResultView::Timestamp(iso) => view! { <Timestamp iso /> }.into_any(),
        ResultView::Link { url } => link(url.clone(), url, IconName::ExternalLink),
        ResultView::File { name, url } => link(url, name, IconName::Download),
        ResultView::DocumentId(id) => view! {
            <span class="copyable">
                <code>{id.clone()}</code>
                <CopyButton what=id />
            </span>
        }
        .into_any(),
        _ => view! { <span class="muted">"–"</span> }.into_any(),
    }
}

fn link(url: String, text: String, icon: IconName) -> AnyView {
    view! {
        <a class="link" href=url target="_blank" rel="noopener noreferrer">
            {text}
        </a>
        <Icon name=icon class="icon small" />
    }
    .into_any()
}

fn rest(shown: usize, total: usize, what: &'static str) -> Option<AnyView> {
    (shown < total).then(|| {
        let note = format!("The first {} of {} {what} are shown.", grouped(shown), grouped(total));
        view! { <p class="muted small">{note}</p> }.into_any()
    })
}
