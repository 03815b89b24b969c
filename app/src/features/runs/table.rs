use leptos::prelude::*;
use model::RunSummary;
use ui::StatusChip;

use crate::{
    components::{environment::EnvDot, time},
    paths,
};

#[component]
pub fn RunTable(runs: Vec<RunSummary>, label: &'static str) -> impl IntoView {
    let rows = runs.into_iter().map(|run| {
        let took = run.duration_ms.map(time::duration);
        view! {
            <tr>
                <td>
                    <a class="row-link" href=paths::run(&run.id)>
                        {run.workflow_name}
                    </a>
                    " "
                    <span class="run-id">{run.id.short()}</span>
                </td>
                <td class="fit state">
                    <StatusChip status=run.status />
                </td>
                <td class="hide-s">
                    <EnvDot slug=run.environment.to_string() />
                </td>
                <td class="num hide-s">{took}</td>
                <td class="hide-m nowrap">{run.owner_name}</td>
                <td class="num when">
                    <time::Moment at=run.created_at />
                </td>
            </tr>
        }
    });
    view! {
        <div class="table-wrap" role="region" aria-label=label>
            <table class="table rows runs">
                <thead>
                    <tr>
                        <th scope="col">"Workflow"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col" class="hide-s">
                            "Environment"
                        </th>
                        <th scope="col" class="num hide-s">
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
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
