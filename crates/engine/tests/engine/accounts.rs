use engine::{Engine, LogIn, Problem, SetUp};
use tokio::task::JoinSet;

use crate::support::{EmptyWorld, problem, sleep};

const PASSWORD: &str = "correct horse";
const DAY: u64 = 24 * 60 * 60;

async fn world() -> (EmptyWorld, Engine) {
    let world = EmptyWorld::new().await;
    let engine = world.engine().await;
    let ada = SetUp { email: "Ada@example.org", name: "Ada", password: PASSWORD };
    engine.create_first_admin(ada).await.expect("the first one");
    (world, engine)
}

fn from<'a>(address: &'a str, email: &'a str, password: &'a str) -> LogIn<'a> {
    LogIn { email, password, address }
}

#[tokio::test(start_paused = true)]
async fn a_session_lasts_two_weeks_and_not_longer() {
    let (_world, engine) = world().await;
    let session = engine.log_in(from("a", " ADA@example.org ", PASSWORD)).await.expect("logged in");
    assert_eq!(session.kept_s, 21 * 24 * 60 * 60, "a week longer than it opens anything");
    let who = async |token: &str| engine.who_by_session(token).await.expect("readable").map(|who| who.person.name);
    assert_eq!(who(&session.value).await.as_deref(), Some("Ada"));
    for wrong in ["", "guess", &session.value[1..], &session.value.to_lowercase()] {
        assert_eq!(who(wrong).await, None, "{wrong}");
    }
    sleep(14 * DAY - 60).await;
    assert!(who(&session.value).await.is_some());
    sleep(60).await;
    assert_eq!(who(&session.value).await, None);
    assert!(engine.was_session(&session.value).await.expect("readable"), "it can be told that it has expired");
}

#[tokio::test(start_paused = true)]
async fn who_logs_out_is_out() {
    let (_world, engine) = world().await;
    let session = engine.log_in(from("a", "ada@example.org", PASSWORD)).await.expect("logged in");
    let other = engine.log_in(from("b", "ada@example.org", PASSWORD)).await.expect("logged in elsewhere");
    let ada = engine.who_by_session(&session.value).await.expect("readable").expect("a person");
    engine.log_out(&ada.person, &session.value).await.expect("out");
    assert_eq!(engine.who_by_session(&session.value).await.expect("readable").map(|who| who.person), None);
    assert!(engine.who_by_session(&other.value).await.expect("readable").is_some());
}

#[tokio::test(start_paused = true)]
async fn neither_part_of_a_wrong_log_in_is_named() {
    let (_world, engine) = world().await;
    for (email, password) in [("ada@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("", ""), ("x\0", "\0")] {
        assert_eq!(problem(engine.log_in(from("a", email, password)).await), Problem::WrongLogin, "{email}");
    }
}

#[tokio::test(start_paused = true)]
async fn ten_failures_lock_an_account_for_a_quarter_of_an_hour() {
    let (_world, engine) = world().await;
    // However it is written, and wherever the attempts come from.
    for (number, email) in ["ada@example.org", " Ada@example.org", "ADA@EXAMPLE.ORG ", "ada@example.org\t"]
        .into_iter()
        .cycle()
        .take(10)
        .enumerate()
    {
        let address = format!("10.0.0.{number}");
        assert_eq!(problem(engine.log_in(from(&address, email, "wrong")).await), Problem::WrongLogin);
    }
    let right = || engine.log_in(from("10.0.1.1", "ada@example.org", PASSWORD));
    assert_eq!(problem(right().await), Problem::TooManyLogins, "not even the right password");
    sleep(15 * 60 + 1).await;
    right().await.expect("it is over");
}

#[tokio::test(start_paused = true)]
async fn ten_failures_lock_an_address() {
    let (_world, engine) = world().await;
    for number in 0..10 {
        problem(engine.log_in(from("10.0.0.1", &format!("p{number}@example.org"), "wrong")).await);
    }
    assert_eq!(problem(engine.log_in(from("10.0.0.1", "ada@example.org", PASSWORD)).await), Problem::TooManyLogins);
    engine.log_in(from("10.0.0.2", "ada@example.org", PASSWORD)).await.expect("others are not affected");
}

#[tokio::test(start_paused = true)]
async fn many_attempts_at_once_are_counted_like_one_after_the_other() {
    let (_world, engine) = world().await;
    let mut attempts = JoinSet::new();
    for _ in 0..40 {
        let engine = engine.clone();
        attempts.spawn(async move { problem(engine.log_in(from("a", "ada@example.org", "wrong")).await) });
    }
    let tried = attempts.join_all().await.into_iter().filter(|answer| *answer == Problem::WrongLogin).count();
    assert!((10..=11).contains(&tried), "{tried} passwords were tried");
}

#[tokio::test(start_paused = true)]
async fn an_api_token_names_its_person() {
    let (_world, engine) = world().await;
    let token = engine.create_api_token("ada@example.org", "build server").await.expect("made");
    let who = engine.who_by_api_token(&token).await.expect("readable");
    assert_eq!(who.map(|who| who.person.name).as_deref(), Some("Ada"));
    assert_eq!(engine.who_by_api_token("cdt_guess").await.expect("readable").map(|who| who.person), None);
    assert_eq!(
        engine.who_by_session(&token).await.expect("readable").map(|who| who.person),
        None,
        "a token is no session"
    );
    assert!(matches!(problem(engine.create_api_token("nobody@example.org", "x").await), Problem::BadValue(_)));
}
