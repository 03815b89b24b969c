use model::{Again, EnvSlug, RunAction, RunId, RunStatus, RunSummary, WorkflowId};
use serde_json::Value;

#[cfg(feature = "ssr")]
use crate::error::AppError;
use crate::wire::calls;

use super::{RunList, RunView};

calls! {
    /// Answers as soon as the run is stored; `draft` is its idempotency key. `again` for an earlier run's input.
    pub async fn start_run(
        environment: EnvSlug,
        workflow: WorkflowId,
        draft: String,
        input: Value,
        again: Option<Again>,
    ) -> Result<RunSummary, AppError> {
        use crate::services::{refuse, services, who};

        let (who, engine) = (who()?, services()?.engine);
        let door = model::Door::Dashboard;
        let request = engine::StartRun { environment, workflow, input, key: draft, door, again };
        engine.start_run(&who, request).await.map(|started| started.run).map_err(refuse)
    }

    pub async fn get_run(id: RunId) -> Result<RunView, AppError> {
        use crate::services::{refuse, services, who};

        let (who, engine) = (who()?, services()?.engine);
        let run = engine.run(&who, &id).await.map_err(refuse)?;
        let notice = match run.summary.status {
            RunStatus::Rejected | RunStatus::Unconfirmed | RunStatus::Stalled => {
                engine.unverified_paths(&run.summary.environment).ok().flatten()
            }
            _ => run.watch.map(|note| engine::note_in_words(&note, run.now)),
        };
        Ok(RunView {
            summary: run.summary,
            input: run.input,
            result_html: run.result.map(ui::result_html),
            result_bytes: run.result_bytes,
            events: run.events,
            usual: run.usual,
            candidates: run.candidates,
            rerun: run.rerun,
            repeats: run.repeats,
            notice,
            now: run.now,
        })
    }

    pub async fn act_on_run(id: RunId, act: RunAction) -> Result<RunSummary, AppError> {
        use crate::services::{refuse, services, who};

        let (who, engine) = (who()?, services()?.engine);
        engine.act(&who, &id, act, model::Door::Dashboard).await.map_err(refuse)
    }

    /// How many runs are under way that this person may see.
    pub async fn count_moving() -> Result<i64, AppError> {
        use crate::services::{refuse, services, who};

        let (who, engine) = (who()?, services()?.engine);
        engine.moving(&who).await.map_err(refuse)
    }

    pub async fn list_runs(
        status: Option<RunStatus>,
        environment: Option<EnvSlug>,
        workflow: Option<WorkflowId>,
        after: Option<String>,
    ) -> Result<RunList, AppError> {
        use crate::services::{refuse, services, who};

        let (who, engine) = (who()?, services()?.engine);
        let query = engine::RunQuery { environment, workflow, status: status.into_iter().collect(), after, limit: None };
        let page = engine.list_runs(&who, query).await.map_err(refuse)?;
        Ok(RunList { page, environments: engine.environments(&who) })
    }
}
