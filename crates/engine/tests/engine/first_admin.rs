use engine::{Engine, Problem, SetUp, store::AccountStore};
use model::Role;
use tokio::task::JoinSet;

use crate::support::{EmptyWorld, problem};

fn form(email: &str) -> SetUp<'_> {
    SetUp { email, name: "Ada", password: "correct horse" }
}

#[tokio::test(start_paused = true)]
async fn the_set_up_token_works_once() {
    let world = EmptyWorld::new().await;
    let engine = world.engine().await;
    let token = engine.set_up_token().expect("nobody is there yet");
    assert_eq!(problem(engine.set_up("guess", form("a@example.org")).await), Problem::SetUpClosed);
    assert!(engine.set_up_token().is_some(), "a wrong guess closes nothing");
    engine.set_up(&token, form("a@example.org")).await.expect("the first one");
    assert_eq!(engine.set_up_token(), None);
    assert_eq!(problem(engine.set_up(&token, form("b@example.org")).await), Problem::SetUpClosed);
    let ada = world.store.user_by_email("a@example.org").await.expect("readable").expect("there");
    assert_eq!(ada.principal.role, Role::Admin);
    assert!(ada.password_hash.starts_with("$argon2id$") && !ada.password_hash.contains("correct horse"));
    assert_eq!(world.engine().await.set_up_token(), None, "nor does a restart open it again");
}

#[tokio::test(start_paused = true)]
async fn of_many_who_hold_the_token_one_wins() {
    let world = EmptyWorld::new().await;
    let engine = world.engine().await;
    let token = engine.set_up_token().expect("nobody is there yet");
    let mut calls = JoinSet::new();
    for number in 0..100 {
        let (engine, token) = (engine.clone(), token.clone());
        calls.spawn(async move { engine.set_up(&token, form(&format!("p{number}@example.org"))).await.is_ok() });
    }
    assert_eq!(calls.join_all().await.into_iter().filter(|won| *won).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_door_closes_when_another_process_was_first() {
    let world = EmptyWorld::new().await;
    let server = world.engine().await;
    let token = server.set_up_token().expect("nobody is there yet");
    let command_line: Engine = world.engine().await;
    command_line.create_first_admin(form("a@example.org")).await.expect("the first one");
    assert_eq!(problem(server.set_up(&token, form("b@example.org")).await), Problem::SetUpClosed);
    assert_eq!(server.set_up_token(), None);
}

#[tokio::test(start_paused = true)]
async fn the_first_account_has_to_be_usable() {
    let world = EmptyWorld::new().await;
    let engine = world.engine().await;
    let token = engine.set_up_token().expect("nobody is there yet");
    let good = || form("a@example.org");
    for bad in [
        form("nobody"),
        form("a b@example.org"),
        form("@example.org"),
        SetUp { name: "  ", ..good() },
        SetUp { password: "nine char", ..good() },
        SetUp { password: "Password123!", ..good() },
    ] {
        assert!(matches!(problem(engine.set_up(&token, bad).await), Problem::BadValue(_)));
    }
    engine.set_up(&token, good()).await.expect("the door is still open");
}
