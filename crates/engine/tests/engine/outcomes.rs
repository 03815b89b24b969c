//! What one trigger call comes to, in status and words.

use codika::{CallErrorKind, NotSentReason, TriggerOutcome, UnconfirmedReason};
use engine::Problem;
use model::{Door, ErrorKind, Role, RunStatus};

use crate::support::{Trigger, World, accepted, call_error, execution, problem};

fn rejected(status: u16) -> TriggerOutcome {
    TriggerOutcome::Rejected {
        status,
        message: "Codika's own words".to_owned(),
        code: "CODE".to_owned(),
        request_id: Some("req-1".to_owned()),
        retry_after: None,
    }
}

fn not_sent(reason: NotSentReason) -> TriggerOutcome {
    TriggerOutcome::NotSent { reason, detail: "the cause".to_owned() }
}

fn unconfirmed(reason: UnconfirmedReason) -> TriggerOutcome {
    TriggerOutcome::Unconfirmed { reason, status: None, detail: "the cause".to_owned(), request_id: None }
}

#[tokio::test(start_paused = true)]
async fn every_outcome_has_its_status_and_its_words() {
    use ErrorKind as K;
    use NotSentReason as N;
    use RunStatus as S;
    use UnconfirmedReason as U;
    let world = World::new().await;
    let cases = [
        (rejected(401), S::Rejected, K::KeyRejected, "Nothing was started"),
        (rejected(403), S::Rejected, K::NoAccess, "Nothing was started"),
        (rejected(404), S::Rejected, K::NotFound, "Nothing was started"),
        (rejected(412), S::Rejected, K::NotActive, "Nothing was started"),
        (rejected(429), S::Rejected, K::RateLimited, "Nothing was started"),
        (rejected(400), S::Rejected, K::BadRequest, "Nothing was started"),
        (rejected(200), S::Rejected, K::BadRequest, "Nothing was started"),
        (not_sent(N::Dns), S::NotSent, K::Unreachable, "safe to send"),
        (not_sent(N::Connect), S::NotSent, K::Unreachable, "safe to send"),
        (not_sent(N::ConnectTimeout), S::NotSent, K::Unreachable, "safe to send"),
        (not_sent(N::Tls), S::NotSent, K::Unreachable, "safe to send"),
        (not_sent(N::NoKey), S::NotSent, K::KeyRejected, "safe to send"),
        (not_sent(N::Unsendable), S::NotSent, K::BadRequest, "another input"),
        (not_sent(N::PayloadTooLarge), S::NotSent, K::BadRequest, "another input"),
        (unconfirmed(U::Timeout), S::Unconfirmed, K::Timeout, "may have started"),
        (unconfirmed(U::ConnectionLost), S::Unconfirmed, K::ConnectionLost, "may have started"),
        (unconfirmed(U::Garbled), S::Unconfirmed, K::UnreadableAnswer, "may have started"),
        (unconfirmed(U::TooLarge), S::Unconfirmed, K::UnreadableAnswer, "may have started"),
        (unconfirmed(U::NoExecutionId), S::Unconfirmed, K::NoExecutionId, "may have started"),
        (unconfirmed(U::BadExecutionId), S::Unconfirmed, K::UnreadableAnswer, "may have started"),
        (unconfirmed(U::ServerError { status: 502 }), S::Unconfirmed, K::UpstreamError, "may have started"),
        (unconfirmed(U::Redirect { status: 307 }), S::Unconfirmed, K::UnreadableAnswer, "may have started"),
    ];
    for (number, (outcome, status, kind, hint)) in cases.into_iter().enumerate() {
        let asked = format!("{outcome:?}");
        world.upstream.trigger(outcome);
        let row = world.run_to(&number.to_string(), status).await;
        let error = row.summary.error.expect("a reason");
        assert_eq!(error.kind, kind, "{asked}");
        assert!(error.hint.contains(hint), "{asked}: {}", error.hint);
        assert!(error.detail.is_some(), "{asked}");
        assert_eq!(row.summary.execution_id, None);
        assert_eq!(row.summary.finished_at.is_some(), status == RunStatus::Rejected, "{asked}");
    }
    crate::support::sleep(3600).await;
    assert_eq!(world.upstream.triggered().len(), 22, "nothing is ever sent again by itself");
    assert_eq!(world.upstream.polls(), 0);
}

#[tokio::test(start_paused = true)]
async fn codikas_words_and_request_id_are_kept() {
    let world = World::new().await;
    world.upstream.trigger(rejected(400));
    let error = world.run_to("k", RunStatus::Rejected).await.summary.error.expect("a reason");
    assert_eq!((error.detail.as_deref(), error.request_id.as_deref()), (Some("Codika's own words"), Some("req-1")));
}

#[tokio::test(start_paused = true)]
async fn a_page_instead_of_an_answer_is_excerpted() {
    let world = World::new().await;
    let excerpt = "<html>Bad gateway</html>".to_owned();
    world.upstream.trigger(unconfirmed(UnconfirmedReason::NotJson { excerpt }));
    let error = world.run_to("k", RunStatus::Unconfirmed).await.summary.error.expect("a reason");
    assert_eq!(error.kind, ErrorKind::UnreadableAnswer);
    assert!(error.detail.is_some_and(|detail| detail.contains("<html>Bad gateway")));
}

#[tokio::test(start_paused = true)]
async fn an_id_in_a_failure_is_watched_with_a_warning() {
    let world = World::new().await;
    world.upstream.trigger(TriggerOutcome::Accepted {
        execution_id: execution("e"),
        warning: Some("quota nearly used".to_owned()),
        request_id: None,
    });
    world.upstream.then_done();
    let row = world.run_to("k", RunStatus::Success).await;
    let said: Vec<String> = world.events(&row.summary.id).await.into_iter().map(|event| event.text).collect();
    assert!(said[1].contains("quota nearly used"), "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_can_be_sent_again_as_the_same_run() {
    let world = World::new().await;
    world.upstream.trigger(not_sent(NotSentReason::Connect));
    world.upstream.then_done();
    let first = world.run_to("k", RunStatus::NotSent).await;
    let id = first.summary.id.clone();
    let again = world.engine.send_again(&world.ann, &id).await.expect("it is sent again");
    assert_eq!((again.id, again.status, again.error), (id.clone(), RunStatus::Submitting, None));
    let done = world.reaches(&id, RunStatus::Success).await;
    assert_eq!((first.epoch, done.epoch), (1, 2));
    let sent = world.upstream.triggered();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
    let refused = problem(world.engine.send_again(&world.ann, &id).await);
    assert_eq!(refused, Problem::WrongState(RunStatus::Success.label()));
}

#[tokio::test(start_paused = true)]
async fn of_many_who_send_again_at_once_one_does() {
    let world = World::new().await;
    world.upstream.trigger(not_sent(NotSentReason::Connect));
    let id = world.run_to("k", RunStatus::NotSent).await.summary.id;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (engine, ann, id) = (world.engine.clone(), world.ann.clone(), id.clone());
        calls.spawn(async move { engine.send_again(&ann, &id).await.is_ok() });
    }
    assert_eq!(calls.join_all().await.into_iter().filter(|sent| *sent).count(), 1);
    world.reaches(&id, RunStatus::Pending).await;
    assert_eq!(world.upstream.triggered().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_else_can_be_sent_again() {
    let world = World::new().await;
    world.upstream.triggers([
        Trigger::Answer(unconfirmed(UnconfirmedReason::Timeout)),
        Trigger::Answer(rejected(400)),
        Trigger::Hang,
    ]);
    for (key, status) in [("a", RunStatus::Unconfirmed), ("b", RunStatus::Rejected), ("c", RunStatus::Submitting)] {
        let id = world.run_to(key, status).await.summary.id;
        let refused = problem(world.engine.send_again(&world.ann, &id).await);
        assert_eq!(refused, Problem::WrongState(status.label()));
        assert_eq!(world.row(&id).await.summary.status, status);
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_may_say_that_an_unconfirmed_run_did_not_start() {
    let world = World::new().await;
    world.upstream.trigger(unconfirmed(UnconfirmedReason::Timeout));
    let id = world.run_to("k", RunStatus::Unconfirmed).await.summary.id;
    let run = world.engine.mark_not_started(&world.ann, &id).await.expect("it is noted");
    assert_eq!(run.status, RunStatus::NotSent);
    assert!(run.error.is_some_and(|error| error.message.contains("Ann")));
    world.engine.send_again(&world.ann, &id).await.expect("it is sent");
    assert_eq!(world.reaches(&id, RunStatus::Pending).await.epoch, 2);
}

#[tokio::test(start_paused = true)]
async fn an_execution_of_another_run_flags_the_second_and_leaves_the_first() {
    let world = World::new().await;
    world.upstream.triggers([Trigger::Answer(accepted("same")), Trigger::Answer(accepted("same"))]);
    let first = world.run_to("a", RunStatus::Pending).await;
    let second = world.run_to("b", RunStatus::Unconfirmed).await;
    let error = second.summary.error.expect("a reason");
    assert_eq!((error.kind, second.summary.execution_id), (ErrorKind::AlreadyTracked, None));
    assert!(error.detail.is_some_and(|detail| detail.contains("same")));
    assert_eq!(world.row(&first.summary.id).await, first, "untouched");
    world.upstream.then_done();
    world.reaches(&first.summary.id, RunStatus::Success).await;
    assert_eq!(world.row(&second.summary.id).await.summary.status, RunStatus::Unconfirmed);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_panics_is_an_outcome_like_any_other() {
    let world = World::new().await;
    world.upstream.triggers([Trigger::Panic]);
    let row = world.run_to("k", RunStatus::Unconfirmed).await;
    assert_eq!(row.summary.error.map(|error| error.kind), Some(ErrorKind::Interrupted));
}

#[tokio::test(start_paused = true)]
async fn an_unconfirmed_run_can_be_recognised_among_the_executions_of_its_workflow() {
    let world = World::new().await;
    world.upstream.trigger(unconfirmed(UnconfirmedReason::Timeout));
    let id = world.run_to("k", RunStatus::Unconfirmed).await.summary.id;
    let other = world.run_to("other", RunStatus::Pending).await;
    assert_eq!(other.summary.execution_id.as_deref(), Some("exec-2"), "it is another run's");
    let found = async || world.engine.run(&world.ann, &id).await.expect("readable").candidates.expect("unconfirmed");
    world.upstream.no_executions(call_error(CallErrorKind::KeyMissing));
    assert!(found().await.why_not.is_some_and(|why| why.contains("organization key")));
    world.upstream.executions(serde_json::json!([
        {"executionId": "this-one", "status": "pending", "createdAt": "2023-11-14T22:13:21Z"},
        {"executionId": "before-it", "status": "success", "createdAt": "2023-11-14T21:00:00Z"},
        {"executionId": "../../x?y", "status": "success", "createdAt": "2023-11-14T22:13:22Z"},
        {"executionId": "exec-2", "status": "success", "createdAt": "2023-11-14T22:13:22Z"},
    ]));
    let listed: Vec<String> = found().await.found.into_iter().map(|one| one.execution).collect();
    assert_eq!(listed, ["this-one"]);
    for wrong in ["before-it", "made-up", "", "../../x?y", "exec-2"] {
        let refused = problem(world.engine.adopt(&world.ann, &id, wrong).await);
        assert!(matches!(refused, Problem::BadValue(_)), "{wrong}: {refused:?}");
    }
    world.upstream.then_done();
    let run = world.engine.adopt(&world.ann, &id, "this-one").await.expect("adopted");
    assert_eq!((run.status, run.execution_id.as_deref(), run.error), (RunStatus::Pending, Some("this-one"), None));
    world.reaches(&id, RunStatus::Success).await;
    assert_eq!(world.upstream.triggered().len(), 2, "nothing was sent again");
    assert!(matches!(problem(world.engine.adopt(&world.ann, &id, "this-one").await), Problem::WrongState(_)));
}

#[tokio::test(start_paused = true)]
async fn a_run_in_doubt_can_be_run_again_once() {
    let world = World::new().await;
    world.upstream.trigger(unconfirmed(UnconfirmedReason::Timeout));
    let id = world.run_to("k", RunStatus::Unconfirmed).await.summary.id;
    world.upstream.then_done();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let (engine, ann, id) = (world.engine.clone(), world.ann.clone(), id.clone());
        calls.spawn(async move { engine.run_again_anyway(&ann, &id, Door::Dashboard).await.expect("run again").id });
    }
    let mut again = calls.join_all().await;
    again.dedup();
    let [again] = &again[..] else { panic!("several runs: {again:?}") };
    world.reaches(again, RunStatus::Success).await;
    assert_eq!(world.upstream.triggered().len(), 2);

    let first = world.engine.run(&world.ann, &id).await.expect("readable");
    assert_eq!(first.summary.status, RunStatus::Unconfirmed, "nobody knows what became of it");
    assert_eq!(first.events.last().map(|event| event.kind.as_str()), Some("run_again"));
    let rerun = first.rerun.expect("a link");
    assert_eq!((rerun.run.as_ref(), rerun.by.as_str()), (Some(again), "Ann"));
    assert_eq!(world.engine.run(&world.ann, again).await.expect("readable").repeats, Some(id.clone()));

    let refused = problem(world.engine.mark_not_started(&world.ann, &id).await);
    assert!(matches!(refused, Problem::WrongState("run again")), "{refused:?}");
    world.upstream.executions(serde_json::json!([{"executionId": "late", "status": "pending", "createdAt": ""}]));
    world.engine.adopt(&world.ann, &id, "late").await.expect("it may still be recognised");
}

#[tokio::test(start_paused = true)]
async fn only_a_run_in_doubt_is_run_again_and_a_member_sees_no_run_of_others() {
    let world = World::new().await;
    let done = world.run_to("done", RunStatus::Pending).await.summary.id;
    let refused = problem(world.engine.run_again_anyway(&world.ann, &done, Door::Dashboard).await);
    assert!(matches!(refused, Problem::WrongState(_)), "{refused:?}");

    world.upstream.trigger(unconfirmed(UnconfirmedReason::Timeout));
    let id = world.run_to("k", RunStatus::Unconfirmed).await.summary.id;
    let stranger = world.person("Bob", Role::Runner).await;
    let refused = problem(world.engine.run_again_anyway(&stranger, &id, Door::Dashboard).await);
    assert!(matches!(refused, Problem::NoSuchRun), "{refused:?}");
    let admin = world.person("Cleo", Role::Admin).await;
    world.engine.run_again_anyway(&admin, &id, Door::Dashboard).await.expect("run again");
    let rerun = world.engine.run(&world.ann, &id).await.expect("readable").rerun.expect("a word of it");
    assert_eq!((rerun.run, rerun.by.as_str()), (None, "Cleo"));
    let refused = problem(world.engine.run_again_anyway(&world.ann, &id, Door::Dashboard).await);
    assert!(matches!(refused, Problem::WrongState(_)), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn executions_of_other_runs_are_no_candidates() {
    let world = World::new().await;
    let other = world.run_to("other", RunStatus::Pending).await.summary.execution_id.expect("accepted");
    world.upstream.trigger(unconfirmed(UnconfirmedReason::Timeout));
    let id = world.run_to("k", RunStatus::Unconfirmed).await.summary.id;
    let listed = |id: &str| serde_json::json!({"executionId": id, "status": "pending", "createdAt": ""});
    world.upstream.executions(serde_json::json!([listed(&other), listed("free")]));
    let found = world.engine.run(&world.ann, &id).await.expect("readable").candidates.expect("in doubt").found;
    assert_eq!(found.into_iter().map(|one| one.execution).collect::<Vec<_>>(), ["free"]);
}
