//! What Codika, operators and visitors write is text: no page takes it for markup, wherever it stands.

use serde_json::{Value, json};

use crate::support::{Answer, EMAIL, Html, PASSWORD, Setup, TestApp, Told, id};

/// Leaves every place that a text can be in, and then plants an element.
const HOSTILE: &str = concat!(
    "Bad</title></textarea></style></script></noscript></option></select>\"'>",
    "<planted planted=\"1\"><meta http-equiv=\"refresh\" content=\"0;url=https://evil.example/\" planted=\"",
);

/// The same for names, which have at most 100 characters.
const NAME: &str = "N</title></textarea>\"'><planted planted=\"1\"><meta http-equiv=refresh planted=\"";

/// Its elements and attributes are those of the views.
fn is_intact(answer: &Answer, what: &str) -> Html {
    assert!(answer.header("content-type").starts_with("text/html"), "{what}: {}", answer.header("content-type"));
    let html = Html::read(&answer.body);
    for tag in &html.tags {
        let planted = tag.name == "planted" || tag.attribute("planted").is_some();
        let redirects = tag.name == "meta" && tag.attribute("http-equiv").is_some();
        assert!(!planted && !redirects, "{what} has {tag:?}: {}", answer.body);
        for (name, _) in &tag.attributes {
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "-_:".contains(c)), "{what} has {tag:?}");
        }
    }
    for (name, count) in [("title", 1), ("html", 1), ("body", 1), ("h1", 1)] {
        assert_eq!(html.with_name(name).count(), count, "{what}: <{name}> in {}", answer.body);
    }
    assert!(html.title.ends_with("· Codika Dashboard"), "{what}: {}", html.title);
    html
}

fn field(key: &str, kind: &str) -> Value {
    json!({
        "key": key, "type": kind, "label": HOSTILE, "description": HOSTILE, "placeholder": HOSTILE,
        "defaultValue": HOSTILE, "options": [{ "value": HOSTILE, "label": HOSTILE }],
    })
}

fn scenario() -> Value {
    let schema: Vec<Value> = ["string", "text", "select", "multiselect", "radio", "object", "number", "date", "file"]
        .into_iter()
        .map(|kind| field(kind, kind))
        .collect();
    let skill = format!(
        "---\nname: {HOSTILE}\ndescription: {HOSTILE}\nworkflowTemplateId: hostile\n---\n# {HOSTILE}\n\n{HOSTILE}\n"
    );
    json!({
        "workflows": [
            {
                "id": "hostile", "name": HOSTILE, "input_schema": schema, "skill": skill,
                "answers": [{ "result": { HOSTILE: HOSTILE, "rows": [{ HOSTILE: HOSTILE }], "link": format!("https://a.example/{HOSTILE}") } }],
            },
            {
                "id": "hostile-error", "name": HOSTILE, "input_schema": [],
                "answers": [{ "error": { "type": HOSTILE, "message": HOSTILE, "failedNodeName": HOSTILE } }],
            },
        ],
    })
}

async fn hostile_app() -> TestApp {
    let scenario = Some(serde_json::from_value(scenario()).expect("a scenario"));
    let emulator = emulator::Config { scenario, ..Setup::default().emulator };
    let settings = vec![("DASHBOARD_UPSTREAM_LABEL", HOSTILE.to_owned())];
    let app = TestApp::with(Setup { emulator, settings, ..Setup::default() }).await;
    let form = engine::SetUp { email: "eve@example.com", name: NAME, password: PASSWORD };
    app.served().engine.create_admin(form).await.expect("an account");
    app
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_page_takes_text_for_markup() {
    let app = hostile_app().await;
    let (token, me) = (app.token_of("eve@example.com").await, app.log_in_as("eve@example.com").await);
    let done = app.start_run(&token, "hostile", json!({})).await;
    app.until(&token, id(&done), "success").await;
    let failed = app.start_run(&token, "hostile-error", json!({})).await;
    app.until(&token, id(&failed), "failed").await;
    let refusal = json!({ "success": false, "error": HOSTILE, "message": HOSTILE });
    app.fault(json!({ "endpoint": "trigger", "next": 1, "status": 400, "body": refusal })).await;
    let rejected = app.start_run(&token, "hostile-error", json!({})).await;
    app.until(&token, id(&rejected), "rejected").await;
    let added = [("id", "by-hand"), ("name", NAME), ("schema", "[]")];
    assert_eq!(app.form("/dev/add-workflow", &added).cookie(&me).told().await.status, 303);

    let mut addresses: Vec<String> = ["/dev", "/prod", "/runs", "/nowhere", "/a/b/c", "/dev/add-workflow"]
        .into_iter()
        .chain(["/dev/workflows/by-hand?draft=a", "/dev/workflows/hostile-error?draft=b"])
        .map(ToOwned::to_owned)
        .collect();
    let typed = encoded(HOSTILE);
    for start in ["/login?next=/", "/setup?token=", "/runs?after=", "/runs?workflow=", "/dev/workflows/hostile?draft="]
    {
        addresses.push(format!("{start}{typed}"));
    }
    addresses.push(format!("/dev/workflows/hostile?draft=c&as=json&from={}", id(&done)));
    for run in [&done, &failed, &rejected] {
        for tab in ["result", "input", "events", "raw", &typed] {
            addresses.push(format!("/runs/{}?tab={tab}", id(run)));
        }
    }
    for (method, path) in server::routes() {
        // A stream has no end.
        if method == "GET"
            && path != "/events"
            && !path.contains('{')
            && !path.contains('.')
            && !path.starts_with("/api/")
        {
            addresses.push(path);
        }
    }
    for address in &addresses {
        let answer = app.get(address).cookie(&me).told().await;
        if answer.header("content-type").starts_with("text/html") && !(300..400).contains(&answer.status) {
            is_intact(&answer, address);
        }
    }

    let form = app.get("/dev/workflows/hostile?draft=d").cookie(&me).told().await;
    let html = is_intact(&form, "the form");
    assert_eq!(html.title, format!("{HOSTILE} · Codika Dashboard"), "it is there, as text");
    let run = is_intact(&app.get(&format!("/runs/{}", id(&failed))).cookie(&me).told().await, "the failed run");
    assert!(run.title.starts_with(&format!("✗ {HOSTILE}")), "{}", run.title);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_comes_back_with_its_form_is_text() {
    let app = hostile_app().await;
    let me = app.log_in_as("eve@example.com").await;
    let names = ["string", "text", "select", "multiselect", "radio", "object", "number", "date", "file"];
    let fields: Vec<(String, &str)> = names.iter().map(|name| (format!("in.{name}"), HOSTILE)).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let sent = [
        ("/dev/workflows/hostile?draft=d", fields),
        ("/dev/workflows/hostile?draft=d", vec![(schema::JSON_FIELD, HOSTILE)]),
        ("/dev/add-workflow", vec![("id", HOSTILE), ("name", HOSTILE), ("schema", HOSTILE)]),
        ("/login", vec![("email", HOSTILE), ("password", "x"), ("next", HOSTILE)]),
        ("/setup", vec![("token", HOSTILE), ("name", HOSTILE), ("email", HOSTILE), ("password", "short")]),
        ("/runs/01hzy3v4k5m6n7p8q9r0s1t2v7", vec![("act", HOSTILE)]),
    ];
    for (address, pairs) in sent {
        let back = app.form(address, &pairs).cookie(&me).told().await;
        assert!(back.status >= 400, "{address}: {}", back.status);
        let html = is_intact(&back, address);
        let in_values = html.tags.iter().filter(|tag| tag.attribute("value") == Some(HOSTILE)).count();
        // The token of the set-up page is one of them.
        let kept = [("/dev/add-workflow", 2), ("/setup", 3)].into_iter().find(|(page, _)| *page == address);
        if let Some((_, kept)) = kept {
            assert_eq!(in_values, kept, "what was typed is kept: {}", back.body);
        }
    }
    assert_eq!(app.form("/login", &[("email", EMAIL), ("password", PASSWORD)]).told().await.status, 303);
}
