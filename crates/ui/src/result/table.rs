use leptos::prelude::*;

use crate::words::readable;

/// Longer tables scroll inside, under their head.
const TALL: usize = 30;
/// Longer cells are held to three lines.
const LONG_CELL: usize = 60;

pub fn view(columns: Vec<String>, rows: Vec<Vec<String>>, label: String) -> AnyView {
    let class = if rows.len() > TALL { "table-wrap tall" } else { "table-wrap" };
    let numeric: Vec<bool> = (0..columns.len()).map(|i| is_numeric(&rows, i)).collect();
    let head = columns
        .into_iter()
        .zip(&numeric)
        .map(|(name, num)| {
            view! {
                <th scope="col" class=num.then_some("num")>
                    {readable(&name)}
                </th>
            }
        })
        .collect_view();
    let cell = |(i, text): (usize, String)| match text.chars().count() > LONG_CELL {
        true => view! { <td class="cell"><span>{text}</span></td> }.into_any(),
        false => view! { <td class=numeric.get(i).copied().unwrap_or(false).then_some("num")>{text}</td> }.into_any(),
    };
    let row = |row: Vec<String>| view! { <tr>{row.into_iter().enumerate().map(cell).collect_view()}</tr> };
    let body = rows.into_iter().map(row).collect_view();
    view! {
        <div class=class tabindex="0" role="region" aria-label=label>
            <table class="table">
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn is_numeric(rows: &[Vec<String>], column: usize) -> bool {
    let mut cells = rows.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty()).peekable();
    cells.peek().is_some() && cells.all(|cell| cell.len() < 25 && cell.parse::<f64>().is_ok_and(f64::is_finite))
}
