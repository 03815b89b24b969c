//! Forms without JavaScript.

use serde_json::json;

use crate::support::{Answer, TestApp, Told, id, text};

const FORM: &str = "/dev/workflows/text-summary?draft=d1";

fn run_id(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location().strip_prefix("/runs/").expect("a run").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_leads_to_its_run() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let typed = [("in.text", "One sentence. Two sentences."), ("in.sentences", "1"), ("in.style", "paragraph")];
    let sent = app.form(FORM, &typed).cookie(&me).told().await;
    let run = run_id(&sent);
    let done = app.until(&token, &run, "success").await;
    assert_eq!(done["input"], json!({ "text": "One sentence. Two sentences.", "sentences": 1, "style": "paragraph" }));
    app.get(sent.location()).cookie(&me).told().await.shows(200, &["Success"]);

    // The same form again, and a changed one: a used key always leads to its run.
    assert_eq!(run_id(&app.form(FORM, &typed).cookie(&me).told().await), run);
    assert_eq!(run_id(&app.form(FORM, &[("in.text", "changed")]).cookie(&me).told().await), run);
    app.get(FORM).cookie(&me).told().await.shows(200, &["Already run", "Open the run", "Start another"]);
    assert_eq!(app.triggers().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_submits_of_one_form_are_one_execution() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let sends = (0..50).map(|_| app.form(FORM, &[("in.text", "x")]).cookie(&me).told());
    let runs: std::collections::BTreeSet<_> = futures::future::join_all(sends).await.iter().map(run_id).collect();
    assert_eq!(runs.len(), 1);
    app.until(&token, runs.first().expect("one"), "success").await;
    assert_eq!(app.triggers().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mistakes_come_back_with_everything_typed() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let typed = [("in.text", ""), ("in.sentences", "<script>alert('7')</script>"), ("in.style", "headline")];
    let back = app.form(FORM, &typed).cookie(&me).told().await;
    back.shows(422, &["Text summary", "name=\"in.text\"", "draft=d1", "aria-invalid=\"true\"", "field-error"]);
    assert!(back.body.contains("&lt;script&gt;alert('7')&lt;/script&gt;"), "typed text is kept, as text");
    assert!(!back.body.contains("<script>alert("));
    // The choice is kept too.
    let chosen = back.body.split("<option").find(|option| option.contains("\"headline\"")).expect("the option");
    assert!(chosen.contains("selected"), "{chosen}");

    let long = "x".repeat(6_000);
    let back = app.form(FORM, &[("in.text", &long)]).cookie(&me).told().await;
    back.shows(422, &[&long, "5000"]);
    let json = app.form(FORM, &[(schema::JSON_FIELD, "{\"text\": ")]).cookie(&me).told().await;
    json.shows(422, &["{\"text\": </textarea>", "field-error"]);
    let array = app.form(FORM, &[(schema::JSON_FIELD, "[1, 2]")]).cookie(&me).told().await;
    array.shows(422, &["[1, 2]</textarea>", "field-error"]);
    assert_eq!(app.triggers().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn too_much_is_said_plainly() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let two_megabytes = "x".repeat(2_000_000);
    let back = app.form(
        "/dev/workflows/sized-result?draft=d",
        &[(schema::JSON_FIELD, &format!("{{\"a\":\"{two_megabytes}\"}}"))],
    );
    let back = back.cookie(&me).told().await;
    assert!([413, 422].contains(&back.status), "{}", back.status);
    assert!(back.body.contains(&two_megabytes), "what was typed is kept");
    let five_megabytes = "x".repeat(5_000_000);
    let back = app.form(FORM, &[("in.text", &five_megabytes)]).cookie(&me).told().await;
    back.shows(413, &["at most 4 MB"]);
    assert_eq!(app.triggers().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forms_are_urlencoded_and_for_pages_that_exist() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    for path in [FORM, "/dev/add-workflow", "/login", "/setup", "/preferences", "/runs/01hzy3v4k5m6n7p8q9r0s1t2v7"] {
        let json = app.json(path, &json!({ "in.text": "x" })).cookie(&me).told().await;
        assert_eq!(json.status, 415, "{path}");
    }
    for path in ["/dev/workflows/no-such?draft=d", "/qa/workflows/text-summary?draft=d", "/NO/workflows/x", "/runs/x"] {
        let answer = app.form(path, &[("in.text", "x"), ("act", "stop_waiting")]).cookie(&me).told().await;
        answer.shows(404, &["There is no"]);
    }
    let keyless = app.form("/dev/workflows/text-summary", &[("in.text", "kept text")]).cookie(&me).told().await;
    keyless.shows(422, &["kept text"]);
    assert_eq!(app.triggers().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_that_ends_mid_form_loses_nothing() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    app.sql("UPDATE sessions SET expires_at = 1").await;
    let typed = [("in.text", "an hour of typing"), ("in.sentences", "4"), ("in.style", "bullets")];
    let sent = app.form(FORM, &typed).cookie(&me).told().await;
    let log_in = "/login?next=/dev/workflows/text-summary%3Fdraft%3Dd1";
    assert_eq!((sent.status, sent.location()), (303, log_in));
    assert_eq!(app.triggers().await, 0);

    let next = "/dev/workflows/text-summary?draft=d1";
    app.get(log_in).told().await.shows(200, &[&format!("value=\"{next}\"")]);
    let credentials = [("email", crate::support::EMAIL), ("password", crate::support::PASSWORD), ("next", next)];
    let back = app.form("/login", &credentials).told().await;
    assert_eq!((back.status, back.location()), (303, next));
    let form = app.get(next).cookie(&back.cookie()).told().await;
    form.shows(200, &["an hour of typing", "value=\"4\""]);
    let again = app.form(FORM, &typed).cookie(&back.cookie()).told().await;
    assert_eq!(app.until(&app.token().await, &run_id(&again), "success").await["input"]["text"], "an hour of typing");

    // Strangers can leave nothing here.
    let stranger = app.form("/dev/workflows/text-summary?draft=d2", &typed).cookie("codika_session=made-up");
    assert_eq!(stranger.told().await.status, 303);
    let form = app.get("/dev/workflows/text-summary?draft=d2").cookie(&back.cookie()).told().await;
    assert!(!form.body.contains("an hour of typing"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workflows_can_be_added_by_hand() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let add = async |pairs: &[(&str, &str)]| app.form("/dev/add-workflow", pairs).cookie(&me).told().await;

    let wrong = add(&[("id", "a/b"), ("name", "<script>x"), ("schema", "")]).await;
    wrong.shows(422, &["value=\"a/b\"", "&lt;script&gt;x", "field-error", "128 letters"]);
    let wrong = add(&[("id", "mine"), ("name", ""), ("schema", "{ not json")]).await;
    wrong.shows(422, &["{ not json", "This is not valid JSON"]);
    let wrong = add(&[("id", "mine"), ("name", ""), ("schema", "[{\"type\":\"string\"}]")]).await;
    assert_eq!(wrong.status, 422, "a field without a key");

    let schema = r#"[{ "key": "word", "type": "string", "label": "The word", "required": true }]"#;
    let added = add(&[("id", " mine "), ("name", "My own"), ("schema", schema)]).await;
    assert_eq!((added.status, added.location()), (303, "/dev/workflows/mine"));
    app.get("/dev/workflows/mine?draft=d").cookie(&me).told().await.shows(200, &["My own", "The word", "in.word"]);
    app.get("/dev").cookie(&me).told().await.shows(200, &["My own"]);
    assert!(!app.get("/prod").cookie(&me).told().await.body.contains("My own"));

    app.add_member("max@example.com").await;
    let member = app.log_in_as("max@example.com").await;
    let refused = app.form("/dev/add-workflow", &[("id", "his")]).cookie(&member).told().await;
    refused.shows(403, &["You do not have the right"]);
    let unknown = app.form("/qa/add-workflow", &[("id", "x")]).cookie(&me).told().await;
    assert_eq!(unknown.status, 404);
    let guest = app.form("/dev/add-workflow", &[("id", "x")]).told().await;
    assert_eq!((guest.status, guest.location()), (303, "/login?next=/dev/add-workflow"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_buttons_of_a_run_work() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let run = app.start_run(&token, "never-answers", json!({})).await;
    let page = format!("/runs/{}", id(&run));
    let act = async |act: &str, cookie: &str| app.form(&page, &[("act", act)]).cookie(cookie).told().await;
    app.until(&token, id(&run), "pending").await;
    app.get(&page).cookie(&me).told().await.shows(200, &["Stop waiting", "value=\"stop_waiting\""]);

    app.add_member("max@example.com").await;
    let member = app.log_in_as("max@example.com").await;
    assert_eq!(act("stop_waiting", &member).await.status, 404, "others do not see it");
    let guest = act("stop_waiting", "").await;
    assert_eq!((guest.status, guest.location()), (303, format!("/login?next={page}").as_str()));
    act("explode", &me).await.shows(422, &["There is no action “explode”."]);

    let stopped = act("stop_waiting", &me).await;
    assert_eq!((stopped.status, stopped.location()), (303, page.as_str()));
    app.until(&token, id(&run), "stalled").await;
    assert_eq!(act("stop_waiting", &me).await.status, 303, "a state that changed meanwhile is shown, not an error");
    app.get(&page).cookie(&me).told().await.shows(200, &["value=\"look_again\""]);
    assert_eq!(act("look_again", &me).await.status, 303);
    app.until(&token, id(&run), "pending").await;
    assert_eq!(app.triggers().await, 1, "asking again is not running again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn people_have_a_limit_and_programs_have_none() {
    let settings = vec![("DASHBOARD_LIMIT_RUNS_PER_MINUTE", "2".to_owned())];
    let app = TestApp::with(crate::support::Setup { settings, ..Default::default() }).await;
    let (token, me) = (app.token().await, app.log_in().await);
    let send = async |draft: &str| {
        app.form(&format!("/dev/workflows/text-summary?draft={draft}"), &[("in.text", "kept")]).cookie(&me).told().await
    };
    run_id(&send("d1").await);
    run_id(&send("d2").await);
    send("d3").await.shows(429, &["Too many runs", "kept"]);
    run_id(&send("d1").await);
    app.start_run(&token, "text-summary", text("x")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_execution_is_adopted_only_where_codika_lists_it() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    app.fault(json!({ "endpoint": "trigger", "drop_reply": true })).await;
    let run = app.start_run(&token, "text-summary", text("x")).await;
    app.until(&token, id(&run), "unconfirmed").await;
    let page = format!("/runs/{}", id(&run));
    app.get(&page).cookie(&me).told().await.shows(200, &["may have started", "no organization key"]);
    let adopted = app.form(&page, &[("act", "adopt"), ("execution", "made-up")]).cookie(&me).told().await;
    adopted.shows(422, &["no organization key"]);
    app.until(&token, id(&run), "unconfirmed").await;
    assert_eq!(app.triggers().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_in_doubt_is_run_again_with_a_link_both_ways() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    app.fault(json!({ "endpoint": "trigger", "next": 1, "drop_reply": true })).await;
    let run = app.start_run(&token, "text-summary", text("Said twice.")).await;
    app.until(&token, id(&run), "unconfirmed").await;
    let page = format!("/runs/{}", id(&run));
    app.get(&page)
        .cookie(&me)
        .told()
        .await
        .shows(200, &["Run it again anyway", "runs twice", "value=\"run_again_anyway\""]);
    let answer = app.form(&page, &[("act", "run_again_anyway")]).cookie(&me).told().await;
    let again = run_id(&answer);
    assert_ne!(again, id(&run));
    assert_eq!(run_id(&app.form(&page, &[("act", "run_again_anyway")]).cookie(&me).told().await), again, "once");
    app.until(&token, &again, "success").await;
    assert_eq!(app.triggers().await, 2);
    let first = app.get(&page).cookie(&me).told().await;
    first.shows(200, &["Run again anyway by", &format!("/runs/{again}")]);
    for gone in ["value=\"did_not_start\"", "value=\"run_again_anyway\""] {
        assert!(!first.body.contains(gone), "{gone}");
    }
    app.get(&format!("/runs/{again}")).cookie(&me).told().await.shows(200, &["Run again instead of", &page]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_filled_from_a_run_in_doubt_is_sent_only_with_its_box_ticked() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    app.fault(json!({ "endpoint": "trigger", "next": 1, "drop_reply": true })).await;
    let first = app.start_run(&token, "text-summary", text("Sent once, or twice?")).await;
    app.until(&token, id(&first), "unconfirmed").await;
    let (short, page) = (id(&first)[22..].to_uppercase(), format!("/runs/{}", id(&first)));
    app.get(&page).cookie(&me).told().await.shows(200, &["which may do it twice"]);
    let led = app.get(&format!("/dev/workflows/text-summary?from={}", id(&first))).cookie(&me).told().await;
    assert_eq!(led.status, 303);
    let form = led.location();
    let (title, confirm) =
        (format!("Run {short} may have started"), format!("Run it although {short} may have started"));
    let warned = app.get(form).cookie(&me).told().await;
    let action = format!("action=\"{}\"", form.replace('&', "&amp;"));
    let name = "name=\"although\"";
    warned.shows(200, &["Sent once, or twice?", &title, &confirm, name, &format!("href=\"{page}\""), &action]);

    let typed = [("in.text", "Sent once, or twice?"), ("in.sentences", "2"), ("in.style", "paragraph")];
    for although in [None, Some("on"), Some("01hzy3v4k5m6n7p8q9r0s1t2v7")] {
        let sent: Vec<_> = typed.into_iter().chain(although.map(|run| ("although", run))).collect();
        let back = app.form(form, &sent).cookie(&me).told().await;
        let words = format!("{title}. Tick the box to run it all the same.");
        back.shows(422, &["Sent once, or twice?", &confirm, &words, "aria-invalid=\"true\""]);
    }
    assert_eq!(app.triggers().await, 1);

    // Another mistake takes no tick back.
    let ticked = ("although", id(&first));
    let back = app.form(form, &[("in.text", ""), ticked]).cookie(&me).told().await;
    back.shows(422, &["field-error"]);
    let tick = back.body.split("<input").find(|input| input.contains(name)).expect("the box");
    assert!(tick.contains("checked"), "{tick}");
    let again = run_id(&app.form(form, &[typed[0], typed[1], typed[2], ticked]).cookie(&me).told().await);
    app.until(&token, &again, "success").await;
    assert_eq!(app.triggers().await, 2);

    let calm =
        app.get(&format!("{}&from={again}", form.split('&').next().expect("a path").replace("draft=", "draft=x")));
    let calm = calm.cookie(&me).told().await;
    calm.shows(200, &["Sent once, or twice?"]);
    assert!(!calm.body.contains(name), "a run that ended well is in no doubt");
}
