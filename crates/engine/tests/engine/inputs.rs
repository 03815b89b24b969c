//! What is refused before anything is stored or sent.

use std::sync::Arc;

use codika::CallErrorKind;
use engine::{Limits, Problem, StartRun};
use model::RunStatus;
use schema::ErrorCode;
use serde_json::{Value, json};

use crate::support::{Script, World, call_error, problem, request, slug, with_input, workflow};

async fn refused(world: &World, start: StartRun) -> Vec<(String, ErrorCode)> {
    match problem(world.try_start(&world.ann, start).await) {
        Problem::Invalid(errors) => errors.into_iter().map(|error| (error.path, error.code)).collect(),
        other => panic!("{other:?}"),
    }
}

async fn assert_nothing_happened(world: &World) {
    crate::support::sleep(60).await;
    assert_eq!((world.count().await, world.upstream.triggered().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn fields_are_named_with_what_is_wrong() {
    let world = World::new().await;
    for (input, path, code) in [
        (json!({}), "text", ErrorCode::Required),
        (json!({"text": ""}), "text", ErrorCode::Required),
        (json!({"text": "x".repeat(21)}), "text", ErrorCode::TooLong),
        (json!({"text": 5}), "text", ErrorCode::WrongType),
        (json!({"text": {"a": 1}}), "text", ErrorCode::WrongType),
        (json!({"text": "a", "words": "many"}), "words", ErrorCode::NotANumber),
    ] {
        let asked = input.to_string();
        let errors = refused(&world, with_input("k", input)).await;
        assert_eq!(errors, [(path.to_owned(), code)], "{asked}");
    }
    assert_nothing_happened(&world).await;
}

#[tokio::test(start_paused = true)]
async fn all_mistakes_are_named_at_once() {
    let world = World::new().await;
    let errors = refused(&world, with_input("k", json!({"words": [1]}))).await;
    let paths: Vec<&str> = errors.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["text", "words"]);
}

#[tokio::test(start_paused = true)]
async fn an_input_is_an_object() {
    let world = World::new().await;
    for input in [json!(null), json!([1]), json!("text"), json!(5)] {
        assert_eq!(refused(&world, with_input("k", input)).await, [(String::new(), ErrorCode::WrongType)]);
    }
    assert_nothing_happened(&world).await;
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

#[tokio::test(start_paused = true)]
async fn an_input_too_deep_to_be_read_back_is_not_sent_as_an_empty_one() {
    let upstream = Arc::new(Script::default());
    upstream.lists(Err(call_error(CallErrorKind::Forbidden)), Ok(Vec::new()));
    let world = World::of(Limits::default(), vec![(slug("prod"), upstream)]).await;
    let unknown = |input| StartRun { workflow: workflow("other"), environment: slug("prod"), ..with_input("k", input) };
    let errors = refused(&world, unknown(json!({"a": nested(200)}))).await;
    assert_eq!(errors, [(String::new(), ErrorCode::InvalidJson)]);
    let deep = json!({"a": nested(100)});
    let id = world.try_start(&world.ann, unknown(deep.clone())).await.expect("it starts").run.id;
    world.reaches(&id, RunStatus::Pending).await;
    assert_eq!(world.upstream.triggered(), [deep]);
}

#[tokio::test(start_paused = true)]
async fn an_input_has_a_size() {
    let world = World::with(Limits { input_bytes: 30, ..Limits::default() }).await;
    let big = json!({"text": "x".repeat(20)});
    let bytes = big.to_string().len();
    let refused = problem(world.try_start(&world.ann, with_input("k", big)).await);
    assert_eq!(refused, Problem::TooLarge { bytes, limit: 30 });
    assert_nothing_happened(&world).await;
    let fits = json!({"text": "x".repeat(19)});
    assert_eq!(fits.to_string().len(), 30);
    world.try_start(&world.ann, with_input("k", fits)).await.expect("it starts");
}

#[tokio::test(start_paused = true)]
async fn an_environment_has_to_exist() {
    let world = World::new().await;
    let start = StartRun { environment: slug("nowhere"), ..request("k") };
    let refused = problem(world.try_start(&world.ann, start).await);
    assert_eq!(refused, Problem::NoSuchEnvironment("nowhere".to_owned()));
    assert_nothing_happened(&world).await;
}
