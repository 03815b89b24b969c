use std::time::Duration;

use engine::{
    Access, By, Engine, LogIn, NewToken, Problem, SetUp,
    store::{AccountStore, SessionRow, SessionStore},
};
use model::{AuditAction, Role, UserId};
use tokio::{task::JoinSet, time::Instant};

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
    LogIn { email, password, address, ..LogIn::default() }
}

/// Logs in as Ada, with the cookie.
async fn ada(engine: &Engine) -> (Access, String) {
    let session = engine.log_in(from("a", "ada@example.org", PASSWORD)).await.expect("logged in").value;
    (engine.who_by_session(&session).await.expect("readable").expect("a person"), session)
}

async fn add(engine: &Engine, email: &str) -> UserId {
    engine.create_admin(SetUp { email, name: "Bob", password: PASSWORD }).await.expect("an account");
    let user = engine.account_by_email(By::Operator, email).await.expect("readable");
    user.expect("the account").principal.id
}

async fn is_open(engine: &Engine, session: &str) -> bool {
    engine.who_by_session(session).await.expect("readable").is_some()
}

async fn works(engine: &Engine, token: &str) -> bool {
    engine.who_by_api_token(token).await.expect("readable").is_some()
}

#[tokio::test(start_paused = true)]
async fn a_session_lasts_two_weeks_and_not_longer() {
    let (_world, engine) = world().await;
    let session = engine.log_in(from("a", " ADA@example.org ", PASSWORD)).await.expect("logged in");
    assert_eq!(session.kept_s, 21 * 24 * 60 * 60, "a week longer than it opens anything");
    let who = async |token: &str| engine.who_by_session(token).await.expect("readable").map(|who| who.person.name);
    assert_eq!(who(&session.value).await.as_deref(), Some("Ada"));
    for wrong in ["", "guess", &session.value[1..], &session.value.to_lowercase(), &session.browser] {
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
    let (ada, here) = ada(&engine).await;
    let other = engine.log_in(from("b", "ada@example.org", PASSWORD)).await.expect("logged in elsewhere");
    engine.log_out(&ada.person, &here).await.expect("out");
    assert!(!is_open(&engine, &here).await);
    assert!(is_open(&engine, &other.value).await);
}

#[tokio::test(start_paused = true)]
async fn sessions_are_listed_with_device_and_address_and_ended_one_by_one() {
    let (_world, engine) = world().await;
    let (ada, here) = ada(&engine).await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let there = LogIn { user_agent: firefox, ..from("10.0.0.7", "ada@example.org", PASSWORD) };
    let there = engine.log_in(there).await.expect("logged in").value;
    sleep(1).await;
    let third = engine.log_in(from("c", "ada@example.org", PASSWORD)).await.expect("logged in").value;
    let me = By::Person(&ada);
    let listed = engine.sessions(me, &ada.person.id).await.expect("listed");
    assert_eq!(listed.len(), 3);
    let of = |session: &str| {
        let fingerprint = Engine::session_fingerprint(session);
        listed.iter().find(|row| row.fingerprint == fingerprint).cloned().expect("it is listed")
    };
    let SessionRow { device, address, fingerprint, .. } = of(&there);
    assert_eq!((device.as_str(), address.as_str()), ("Firefox on Linux", "10.0.0.7"));
    engine.end_session(me, &ada.person.id, &fingerprint).await.expect("ended");
    engine.end_session(me, &ada.person.id, &fingerprint).await.expect("twice is no error");
    assert!(!is_open(&engine, &there).await);
    assert_eq!(engine.end_sessions(me, &ada.person.id, Some(&here)).await.expect("ended"), 1);
    assert!(is_open(&engine, &here).await && !is_open(&engine, &third).await);
}

#[tokio::test(start_paused = true)]
async fn nobody_manages_other_people_without_being_an_administrator() {
    let (_world, engine) = world().await;
    let (ada, _) = ada(&engine).await;
    let bob = add(&engine, "bob@example.org").await;
    let token = engine.create_token(By::Person(&ada), &ada.person.id, NewToken::named("mine")).await.expect("made");
    engine.set_role(By::Person(&ada), &bob, Role::Runner).await.expect("changed");
    let bob = engine.account(By::Operator, &bob).await.expect("there").principal;
    let bob = engine.access(bob).await.expect("readable");
    let me = By::Person(&bob);
    assert_eq!(problem(engine.sessions(me, &ada.person.id).await), Problem::Forbidden);
    assert_eq!(problem(engine.end_sessions(me, &ada.person.id, None).await), Problem::Forbidden);
    assert_eq!(problem(engine.people(me).await.map(|_| ())), Problem::Forbidden);
    assert_eq!(problem(engine.disable(me, &ada.person.id).await), Problem::Forbidden);
    assert_eq!(problem(engine.rename(me, &ada.person.id, "Eve").await), Problem::Forbidden);
    assert_eq!(problem(engine.set_role(me, &bob.person.id, Role::Admin).await), Problem::Forbidden);
    assert_eq!(problem(engine.reset_password(me, &ada.person.id).await), Problem::Forbidden);
    assert_eq!(problem(engine.invite(me, "new@example.org", Role::Admin).await), Problem::Forbidden);
    assert_eq!(problem(engine.tokens(me, None).await.map(|_| ())), Problem::Forbidden);
    assert_eq!(problem(engine.set_longest_token_life(me, None).await), Problem::Forbidden);
    assert_eq!(problem(engine.revoke_token(me, &token.id).await), Problem::NoSuchToken, "not even that it is there");
    engine.rename(me, &bob.person.id, " Robert ").await.expect("one's own name");
    assert_eq!(engine.account(me, &bob.person.id).await.expect("there").principal.name, "Robert");
}

#[tokio::test(start_paused = true)]
async fn a_use_is_written_once_a_minute() {
    let (world, engine) = world().await;
    let (ada, here) = ada(&engine).await;
    sleep(30).await;
    let seen = async || {
        // What was written without waiting for it.
        sleep(1).await;
        let sessions = world.store.sessions_of(&ada.person.id, 0).await.expect("readable");
        (sessions[0].last_used_at, sessions[0].address.clone())
    };
    let before = engine.now();
    engine.session_used(&here, "10.0.0.8");
    engine.session_used(&here, "10.0.0.9");
    assert_eq!(seen().await, (Some(before), "10.0.0.8".to_owned()));
    sleep(60).await;
    let later = engine.now();
    engine.session_used(&here, "10.0.0.9");
    assert_eq!(seen().await, (Some(later), "10.0.0.9".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn neither_part_of_a_wrong_log_in_is_named() {
    let (_world, engine) = world().await;
    for (email, password) in [("ada@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("", ""), ("x\0", "\0")] {
        assert_eq!(problem(engine.log_in(from("a", email, password)).await), Problem::WrongLogin, "{email}");
    }
}

/// How long a log-in with the right password took.
async fn takes(engine: &Engine, form: LogIn<'_>) -> Duration {
    let before = Instant::now();
    engine.log_in(form).await.expect("slow, and not refused");
    before.elapsed()
}

async fn fail(engine: &Engine, times: usize, address: impl Fn(usize) -> String, email: impl Fn(usize) -> String) {
    for number in 0..times {
        let (address, email) = (address(number), email(number));
        assert_eq!(problem(engine.log_in(from(&address, &email, "wrong")).await), Problem::WrongLogin);
    }
}

#[tokio::test(start_paused = true)]
async fn failures_slow_an_account_down_at_their_address_for_a_quarter_of_an_hour() {
    let (_world, engine) = world().await;
    let right = |address| from(address, "ada@example.org", PASSWORD);
    // However it is written.
    let emails = ["ada@example.org", " Ada@example.org", "ADA@EXAMPLE.ORG ", "ada@example.org\t"];
    fail(&engine, 12, |_| "10.0.0.1".to_owned(), |number| emails[number % 4].to_owned()).await;
    assert_eq!(takes(&engine, right("10.0.0.1")).await, Duration::from_secs(8));
    assert_eq!(takes(&engine, right("10.0.0.2")).await, Duration::ZERO, "elsewhere it is not");
    sleep(15 * 60 + 1).await;
    assert_eq!(takes(&engine, right("10.0.0.1")).await, Duration::ZERO, "it is over");
}

#[tokio::test(start_paused = true)]
async fn strangers_who_guess_from_everywhere_hold_the_owner_up_for_two_seconds_at_most() {
    let (_world, engine) = world().await;
    let first = engine.log_in(from("10.9.0.1", "ada@example.org", PASSWORD)).await.expect("before it began");
    fail(&engine, 60, |number| format!("10.0.0.{number}"), |_| "ada@example.org".to_owned()).await;
    let right = from("10.9.0.2", "ada@example.org", PASSWORD);
    assert_eq!(takes(&engine, right).await, Duration::from_secs(2));
    let known = LogIn { browser: Some(&first.browser), ..right };
    assert_eq!(takes(&engine, known).await, Duration::ZERO, "a browser that is known is spared");
    let made_up = LogIn { browser: Some("guess"), ..right };
    assert_eq!(takes(&engine, made_up).await, Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn many_accounts_from_one_network_are_slowed_down_together() {
    let (_world, engine) = world().await;
    fail(&engine, 25, |number| format!("2001:db8:1:2::{number:x}"), |number| format!("p{number}@example.org")).await;
    let right = |address| from(address, "ada@example.org", PASSWORD);
    assert_eq!(takes(&engine, right("2001:db8:1:2:ffff::1")).await, Duration::from_secs(8));
    assert_eq!(takes(&engine, right("2001:db8:1:3::1")).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_known_browser_is_slowed_down_by_its_own_failures() {
    let (_world, engine) = world().await;
    let browser = engine.log_in(from("a", "ada@example.org", PASSWORD)).await.expect("logged in").browser;
    for number in 0..6 {
        let address = number.to_string();
        let wrong = LogIn { browser: Some(&browser), ..from(&address, "ada@example.org", "wrong") };
        assert_eq!(problem(engine.log_in(wrong).await), Problem::WrongLogin);
    }
    let right = LogIn { browser: Some(&browser), ..from("b", "ada@example.org", PASSWORD) };
    assert_eq!(takes(&engine, right).await, Duration::from_secs(1));
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
    // Five are free, one more may pass beside the last of them; five may wait.
    assert!((10..=11).contains(&tried), "{tried} passwords were tried");
}

#[tokio::test(start_paused = true)]
async fn a_password_is_the_same_however_its_accents_were_typed() {
    let (_world, engine) = world().await;
    let (composed, decomposed) = ("P\u{e4}ssw\u{f6}rd-long", "Pa\u{308}sswo\u{308}rd-long");
    for (email, chosen) in [("one@ex\u{e4}mple.org", composed), ("jo\u{308}rg@example.org", decomposed)] {
        engine.create_admin(SetUp { email, name: "Jörg", password: chosen }).await.expect("an account");
        for typed in [composed, decomposed] {
            engine.log_in(from("a", email, typed)).await.expect("logged in");
        }
    }
    // As browsers send them.
    engine.log_in(from("a", "one@xn--exmple-cua.org", composed)).await.expect("logged in");
    engine.log_in(from("a", "J\u{f6}rg@example.org", composed)).await.expect("logged in");
}

#[tokio::test(start_paused = true)]
async fn a_new_password_needs_the_old_one_and_ends_the_other_sessions() {
    let (_world, engine) = world().await;
    let (ada, here) = ada(&engine).await;
    let other = engine.log_in(from("b", "ada@example.org", PASSWORD)).await.expect("logged in").value;
    let change = async |old, new| engine.change_password(&ada.person, &here, old, new).await;
    for (old, new) in [("wrong", "four other words here"), (PASSWORD, "too short"), (PASSWORD, "Password123!")] {
        assert!(matches!(problem(change(old, new).await), Problem::BadValue(_)), "{new}");
    }
    assert!(is_open(&engine, &other).await, "nothing has happened yet");
    change(PASSWORD, "four other words here").await.expect("changed");
    assert!(is_open(&engine, &here).await && !is_open(&engine, &other).await);
    assert_eq!(problem(engine.log_in(from("a", "ada@example.org", PASSWORD)).await), Problem::WrongLogin);
    engine.log_in(from("a", "ada@example.org", "four other words here")).await.expect("the new one counts");
}

#[tokio::test(start_paused = true)]
async fn a_short_password_from_before_still_opens() {
    let (world, engine) = world().await;
    let (ada, _) = ada(&engine).await;
    // “short”, as it was hashed then.
    let hash =
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$DBP7PFeLhqNFue3X/a+iHKmfHJEuRfx3rwUsjdEyPFk".to_owned();
    let change = engine::store::UserChange::Password { hash, keep: None };
    let audit = engine::store::AuditEntry {
        at: 0,
        actor: None,
        action: AuditAction::AccountCreated,
        subject: String::new(),
        detail: String::new(),
    };
    world.store.change_user(&ada.person.id, change, audit).await.expect("stored");
    engine.log_in(from("a", "ada@example.org", "short")).await.expect("it is still a password");
}

#[tokio::test(start_paused = true)]
async fn a_reset_ends_password_and_sessions_and_the_link_works_once_within_a_day() {
    let (_world, engine) = world().await;
    let (ada, here) = ada(&engine).await;
    let token = engine.create_token(By::Person(&ada), &ada.person.id, NewToken::named("kept")).await.expect("made");
    let link = engine.reset_password(By::Operator, &ada.person.id).await.expect("a link");
    assert!(!is_open(&engine, &here).await && works(&engine, &token.value).await);
    assert_eq!(problem(engine.log_in(from("a", "ada@example.org", PASSWORD)).await), Problem::WrongLogin);
    assert_eq!(problem(engine.log_in(from("a", "ada@example.org", "")).await), Problem::WrongLogin);
    let form = |password| engine::AcceptInvitation { name: "", password };
    assert!(matches!(problem(engine.use_link(&link.secret, form("short")).await), Problem::BadValue(_)));
    assert_eq!(problem(engine.use_link("guess", form("four other words here")).await), Problem::LinkClosed);
    let email = engine.use_link(&link.secret, form("four other words here")).await.expect("used");
    engine.log_in(from("a", &email, "four other words here")).await.expect("logged in");
    assert_eq!(problem(engine.use_link(&link.secret, form("and once more please")).await), Problem::LinkClosed);
    let late = engine.reset_password(By::Operator, &ada.person.id).await.expect("a link");
    sleep(DAY + 1).await;
    assert_eq!(engine.open_link(&late.secret).await.expect("readable"), None);
    assert_eq!(problem(engine.use_link(&late.secret, form("four other words here")).await), Problem::LinkClosed);
}

#[tokio::test(start_paused = true)]
async fn an_invitation_makes_one_account_within_a_week() {
    let (_world, engine) = world().await;
    let (ada, _) = ada(&engine).await;
    let by = By::Person(&ada);
    let invite = async |email: &str| engine.invite(by, email, Role::Runner).await;
    assert!(matches!(problem(invite("ADA@example.org").await), Problem::BadValue(_)), "she is there already");
    let link = invite("New@example.org").await.expect("a link");
    assert_eq!(engine.invitations(by).await.expect("listed")[0].email, "new@example.org");
    let form = engine::AcceptInvitation { name: "New", password: "four other words here" };
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let (engine, secret) = (engine.clone(), link.secret.clone());
        calls.spawn(async move { engine.use_link(&secret, form).await.is_ok() });
    }
    assert_eq!(calls.join_all().await.into_iter().filter(|made| *made).count(), 1);
    let new = engine.log_in(from("a", "new@example.org", form.password)).await.expect("logged in").value;
    let new = engine.who_by_session(&new).await.expect("readable").expect("a person");
    assert_eq!((new.person.name.as_str(), new.person.role), ("New", Role::Runner));
    let late = invite("late@example.org").await.expect("a link");
    let withdrawn = invite("withdrawn@example.org").await.expect("a link");
    engine.withdraw_invitation(by, &engine.invitations(by).await.expect("listed")[0].id).await.expect("withdrawn");
    sleep(7 * DAY + 1).await;
    for link in [late, withdrawn] {
        assert_eq!(problem(engine.use_link(&link.secret, form).await), Problem::LinkClosed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_disabled_account_opens_nothing_at_once_and_what_ended_stays_over() {
    let (_world, engine) = world().await;
    let bob = add(&engine, "bob@example.org").await;
    let session = engine.log_in(from("a", "bob@example.org", PASSWORD)).await.expect("logged in").value;
    let token = engine.create_token(By::Operator, &bob, NewToken::named("his")).await.expect("made").value;
    let mut told = engine.rights();
    told.borrow_and_update();
    engine.disable(By::Operator, &bob).await.expect("disabled");
    assert!(told.has_changed().expect("an engine"), "streams are told");
    assert!(!is_open(&engine, &session).await && !works(&engine, &token).await);
    let log_in = || engine.log_in(from("a", "bob@example.org", PASSWORD));
    assert_eq!(problem(log_in().await), Problem::AccountDisabled);
    assert_eq!(problem(engine.log_in(from("a", "bob@example.org", "wrong")).await), Problem::WrongLogin);
    assert!(matches!(
        problem(engine.create_token(By::Operator, &bob, NewToken::named("x")).await.map(|_| ())),
        Problem::BadValue(_)
    ));
    engine.enable(By::Operator, &bob).await.expect("enabled");
    log_in().await.expect("logged in");
    assert!(!is_open(&engine, &session).await && !works(&engine, &token).await);
}

#[tokio::test(start_paused = true)]
async fn the_last_administrator_cannot_go() {
    let (_world, engine) = world().await;
    let (ada, _) = ada(&engine).await;
    let by = By::Person(&ada);
    let refused = |answer| assert_eq!(problem(answer), Problem::LastAdmin);
    refused(engine.disable(by, &ada.person.id).await);
    refused(engine.set_role(by, &ada.person.id, Role::Runner).await);
    refused(engine.reset_password(by, &ada.person.id).await.map(|_| ()));
    let bob = add(&engine, "bob@example.org").await;
    engine.reset_password(by, &bob).await.expect("a link");
    refused(engine.disable(by, &ada.person.id).await);
    engine.enable(by, &bob).await.expect("nothing to do");
}

#[tokio::test(start_paused = true)]
async fn another_process_is_told_of_a_change_of_rights_when_it_looks() {
    let (world, engine) = world().await;
    let command_line = world.engine().await;
    let (ada, here) = ada(&engine).await;
    let mut told = engine.rights();
    told.borrow_and_update();
    engine.look_at_rights().await.expect("readable");
    assert!(!told.has_changed().expect("an engine"));
    command_line.end_sessions(By::Operator, &ada.person.id, None).await.expect("ended");
    assert!(!is_open(&engine, &here).await, "sessions are read each time");
    engine.look_at_rights().await.expect("readable");
    assert!(told.has_changed().expect("an engine"));
}

#[tokio::test(start_paused = true)]
async fn an_api_token_names_its_person() {
    let (_world, engine) = world().await;
    let (ada, _) = ada(&engine).await;
    let token =
        engine.create_token(By::Operator, &ada.person.id, NewToken::named("build server")).await.expect("made").value;
    let who = engine.who_by_api_token(&token).await.expect("readable");
    assert_eq!(who.map(|who| who.person.name).as_deref(), Some("Ada"));
    assert!(!works(&engine, "cdt_guess").await);
    assert!(!is_open(&engine, &token).await, "a token is no session");
    let unnamed = engine.create_token(By::Operator, &ada.person.id, NewToken::named(" ")).await.map(|_| ());
    assert!(matches!(problem(unnamed), Problem::BadValue(_)));
}

#[tokio::test(start_paused = true)]
async fn a_service_account_is_used_with_its_tokens_alone() {
    let (_world, engine) = world().await;
    let (ada, _) = ada(&engine).await;
    let by = By::Person(&ada);
    let make = async |name, role| engine.create_service_account(by, name, role).await;
    for (name, role) in [(" ", Role::Runner), ("Import", Role::Admin)] {
        assert!(matches!(problem(make(name, role).await), Problem::BadValue(_)));
    }
    let import = make("Import", Role::Operator).await.expect("made");
    make("Import", Role::Runner).await.expect("another one, of the same name");
    let token = engine.create_token(by, &import, NewToken::named("x")).await.expect("made").value;
    let who = engine.who_by_api_token(&token).await.expect("readable").expect("a service account");
    assert_eq!((who.person.name.as_str(), who.person.role), ("Import", Role::Operator));
    assert!(matches!(problem(engine.reset_password(by, &import).await), Problem::BadValue(_)));
    assert!(matches!(problem(engine.set_role(by, &import, Role::Admin).await), Problem::BadValue(_)));
    let made_up = format!("service_account:{import}");
    for email in ["", made_up.as_str()] {
        assert_eq!(problem(engine.log_in(from("a", email, "")).await), Problem::WrongLogin);
    }
    // With a token nobody manages accounts, not even their own.
    let own = engine.create_token(by, &ada.person.id, NewToken::named("mine")).await.expect("made").value;
    let program = engine.who_by_api_token(&own).await.expect("readable").expect("a person's token");
    assert_eq!(problem(engine.people(By::Person(&program)).await.map(|_| ())), Problem::Forbidden);
    let more = engine.create_token(By::Person(&program), &ada.person.id, NewToken::named("more")).await.map(|_| ());
    assert_eq!(problem(more), Problem::Forbidden);
    engine.disable(by, &import).await.expect("disabled");
    assert!(!works(&engine, &token).await);
}

#[tokio::test(start_paused = true)]
async fn a_token_ends_when_it_expires_and_when_it_is_revoked() {
    let (_world, engine) = world().await;
    let (ada, _) = ada(&engine).await;
    let by = By::Person(&ada);
    let make = async |days| engine.create_token(by, &ada.person.id, NewToken { days, ..NewToken::named("x") }).await;
    let (short, long) = (make(Some(1)).await.expect("made"), make(None).await.expect("made"));
    assert_eq!((long.expires_at, short.value.len()), (None, long.value.len()));
    sleep(DAY - 1).await;
    assert!(works(&engine, &short.value).await);
    sleep(1).await;
    assert!(!works(&engine, &short.value).await && works(&engine, &long.value).await);
    engine.revoke_token(by, &long.id).await.expect("revoked");
    engine.revoke_token(by, &long.id).await.expect("twice is no error");
    assert!(!works(&engine, &long.value).await);
    let listed = engine.tokens(by, Some(&ada.person.id)).await.expect("listed");
    assert_eq!(listed.len(), 2, "both are still listed");
    assert!(listed.iter().all(|(token, _)| token.suffix.len() == 4 && !token.is_alive(engine.now())));
    assert!(listed.iter().any(|(token, _)| long.value.ends_with(&token.suffix)));

    engine.set_longest_token_life(by, Some(30)).await.expect("set");
    assert!(matches!(problem(make(Some(31)).await.map(|_| ())), Problem::BadValue(_)));
    assert!(make(Some(30)).await.is_ok());
    let unsaid = make(None).await.expect("made").expires_at;
    assert_eq!(unsaid, Some(engine.now() + 30 * DAY as i64 * 1000), "as long as it can be");
    engine.set_longest_token_life(by, None).await.expect("set");
    assert_eq!(make(None).await.expect("made").expires_at, None);
}
