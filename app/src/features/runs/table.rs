use leptos::prelude::*;
use model::{Environment, ListedRun, RunId, RunSummary};
use ui::StatusChip;

use crate::{
    components::{environment::EnvDot, time},
    paths,
    providers::live::use_live,
};

/// Runs, one a row. What happens to those that are listed shows at once; others never push in.
#[component]
pub fn RunTable(
    runs: Vec<ListedRun>,
    label: &'static str,
    /// Where the rows may belong to; none hides the column.
    environments: Vec<Environment>,
) -> impl IntoView {
    let (abouts, runs): (Vec<_>, Vec<_>) = runs.into_iter().map(|listed| (listed.about, listed.run)).unzip();
    let rows: Vec<(RunId, RwSignal<RunSummary>)> =
        runs.into_iter().map(|run| (run.id.clone(), RwSignal::new(run))).collect();
    follow(rows.clone());
    let mixed = !environments.is_empty();
    let rows = rows
        .into_iter()
        .zip(abouts)
        .map(|((_, run), about)| {
            let kind = run
                .with_untracked(|run| environments.iter().find(|env| env.slug == run.environment).map(|env| env.kind));
            row(run, about, mixed.then_some(kind))
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table rows runs" aria-label=label>
                <thead>
                    <tr>
                        <th scope="col">"Workflow"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Input"</th>
                        {mixed
                            .then(|| {
                                view! {
                                    <th scope="col">
                                        "Environment"
                                    </th>
                                }
                            })}
                        <th scope="col" class="num">
                            "Took"
                        </th>
                        <th scope="col" class="hide-m">
                            "By"
                        </th>
                        <th scope="col" class="num">
                            "Started"
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// `environment`: none without the column, else the kind where it is known.
fn row(run: RwSignal<RunSummary>, about: String, environment: Option<Option<model::EnvKind>>) -> impl IntoView {
    let status = Signal::derive(move || run.with(|run| run.status));
    let word = Signal::derive(move || run.with(RunSummary::label));
    let took = move || run.with(|run| run.duration_ms.map(time::duration));
    let RunSummary { id, environment: slug, workflow_name, owner_name, created_at, .. } = run.get_untracked();
    view! {
        <tr>
            <td>
                <a class="row-link" href=paths::run(&id) dir="auto">
                    {workflow_name}
                </a>
                " "
                <span class="run-id">{id.short()}</span>
            </td>
            <td class="fit state">
                <StatusChip status word />
            </td>
            <td class="muted clip about" dir="auto">
                {about}
            </td>
            {environment
                .map(|kind| {
                    view! {
                        <td class="env">
                            <EnvDot slug=slug.to_string() kind />
                        </td>
                    }
                })}
            <td class="num took">{took}</td>
            <td class="hide-m nowrap">{owner_name}</td>
            <td class="num when">
                <time::Moment at=created_at />
            </td>
        </tr>
    }
}

/// Brings what the event stream says into the rows it is about.
fn follow(rows: Vec<(RunId, RwSignal<RunSummary>)>) {
    let live = use_live();
    Effect::new(move |_| {
        let Some(event) = live.newest() else { return };
        if let Some((_, row)) = rows.iter().find(|(id, _)| *id == event.run.id) {
            let _ = row.try_set(event.run);
        }
    });
}
