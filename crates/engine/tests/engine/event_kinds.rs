//! Browsers count the runs under way by words of events.

use model::{EventKind, LiveEvent, RunStatus};

use crate::support::World;

/// From where to where each kind of event brings a run.
fn step(kind: EventKind) -> Option<(Option<RunStatus>, RunStatus)> {
    use RunStatus::{Failed, NotSent, Pending, Rejected, Stalled, Submitting, Success, Unconfirmed};
    Some(match kind {
        EventKind::Submitted => (None, Submitting),
        EventKind::Accepted => (Some(Submitting), Pending),
        EventKind::Rejected => (Some(Submitting), Rejected),
        EventKind::NotSent => (Some(Submitting), NotSent),
        EventKind::Unconfirmed => (Some(Submitting), Unconfirmed),
        EventKind::Status => (Some(Pending), Pending),
        EventKind::Succeeded => (Some(Pending), Success),
        EventKind::Failed => (Some(Pending), Failed),
        EventKind::Stalled | EventKind::WatchStopped => (Some(Pending), Stalled),
        EventKind::WatchResumed => (Some(Stalled), Pending),
        EventKind::Closed => (Some(Stalled), Stalled),
        EventKind::SentAgain => (Some(NotSent), Submitting),
        EventKind::MarkedNotStarted => (Some(Unconfirmed), NotSent),
        EventKind::Adopted => (Some(Unconfirmed), Pending),
        EventKind::RunAgain => (Some(Unconfirmed), Unconfirmed),
        EventKind::Other => return None,
    })
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_event_changes_the_count_as_it_changes_its_run() {
    let world = World::new().await;
    let run = world.run_to("a", RunStatus::Pending).await.summary;
    for kind in EventKind::ALL {
        let event = LiveEvent { run: run.clone(), seq: 1, kind: *kind };
        let Some((from, to)) = step(*kind) else { continue };
        let moving = |status: RunStatus| i64::from(status.is_moving());
        assert_eq!(event.moves(), moving(to) - from.map_or(0, moving), "{kind:?}");
    }
}
