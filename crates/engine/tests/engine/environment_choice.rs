//! What Codika says about instances and keys, before and after they become an environment.

use codika::CallErrorKind;
use engine::{KeySlot, KeyVerdict, NewEnvironment, NewKeys, Problem};
use model::{Activity, EnvKind, Role, RunStatus};
use schema::FieldError;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    environments::{keys, new, start, with_lab},
    support::{World, call_error, problem, request, sleep, slug},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn organization(key: &str) -> NewKeys {
    NewKeys { instance: None, organization: Some(SecretString::from(key)), pending: None }
}

fn field<T: std::fmt::Debug>(answer: Result<T, engine::EngineError>) -> FieldError {
    match problem(answer) {
        Problem::Invalid(mut fields) => fields.remove(0),
        other => panic!("{other:?}"),
    }
}

fn instance(changes: Value) -> codika::wire::Instance {
    let mut instance = json!({
        "processInstanceId": "instance-9", "currentVersion": "1.4",
        "deployment": {"workflows": [{"workflowId": "text-summary", "workflowName": "Summarise"}]},
    });
    instance.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    serde_json::from_value(instance).expect("an instance")
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_picked_from_the_list() {
    let (world, admin, _) = with_lab().await;
    world.upstreams.script("cko_key").instances(Ok(json!([
        {"processInstanceId": "old", "title": "Old one", "environment": "dev", "isActive": true, "archived": true},
        {"processInstanceId": "instance-9", "title": "Invoices", "environment": "prod", "isActive": true, "currentVersion": "1.4"},
        {"processInstanceId": "bare"},
    ])));
    let list =
        world.engine.list_instances(&admin, "https://codika.example", "cko_key".into()).await.expect("listed").choices;
    let known: Vec<_> = list.iter().map(|one| (&*one.instance_id, &*one.title, one.kind, one.active)).collect();
    let expected = [
        ("instance-9", "Invoices", EnvKind::Prod, true),
        ("bare", "bare", EnvKind::Dev, true),
        ("old", "Old one", EnvKind::Dev, false),
    ];
    assert_eq!(known, expected);
    assert_eq!((list[0].environment.clone(), list[0].version.as_deref()), (Some(slug("lab")), Some("1.4")));
    assert_eq!(list[1].environment, None);
    let refused = world.engine.list_instances(&world.ann, "https://codika.example", "cko_key".into()).await;
    assert_eq!(problem(refused), Problem::Forbidden);
    for (kind, blamed) in [
        (CallErrorKind::KeyRejected, "org_key"),
        (CallErrorKind::Forbidden, "org_key"),
        (CallErrorKind::Unreachable, "base_url"),
        (CallErrorKind::Server, "base_url"),
    ] {
        world.upstreams.script("cko_key").instances(Err(call_error(kind)));
        let refused = world.engine.list_instances(&admin, "https://codika.example", "cko_key".into()).await;
        assert_eq!(field(refused).path, blamed, "{kind:?}");
    }
    let refused = world.engine.list_instances(&admin, "https://private.example", "cko_key".into()).await;
    assert_eq!(field(refused).path, "base_url");
}

#[tokio::test(start_paused = true)]
async fn a_key_says_what_it_can_do() {
    let (world, admin, lab) = with_lab().await;
    let report = world.engine.verify_keys(&admin, &lab.slug).await.expect("asked");
    assert_eq!((report.len(), report[0].slot, &report[0].verdict), (1, KeySlot::Instance, &KeyVerdict::Accepted));
    assert!(report[0].can[0].contains("Start runs"), "{report:?}");

    let script = world.upstreams.script("cko_key");
    script.instance_key(Err(call_error(CallErrorKind::KeyMissing)));
    script.key_info(Ok(json!({
        "type": "org-api-key", "keyName": "Dashboard", "organizationName": "Acme",
        "scopes": ["workflows:trigger", "instances:read"], "expiresAt": "2031-01-02T03:04:05.000Z",
    })));
    let shop = NewEnvironment { keys: organization("cko_key"), ..new("shop", "") };
    let shop = world.engine.add_environment(&admin, shop).await.expect("added");
    let report = world.engine.verify_keys(&admin, &shop.slug).await.expect("asked").remove(0);
    assert_eq!((report.slot, report.verdict), (KeySlot::Organization, KeyVerdict::Accepted));
    assert_eq!((report.organization.as_deref(), report.name.as_deref()), (Some("Acme"), Some("Dashboard")));
    assert_eq!((report.can.len(), report.cannot.len()), (2, 3));
    assert!(report.can[1].contains("(instances:read)") && report.cannot[0].contains("(skills:read)"));
    assert_eq!(report.expires_at, Some(1_925_089_445_000));
    let managed = world.engine.managed_environments(&admin).await.expect("readable");
    let of_shop = managed.iter().find(|one| one.environment.slug == shop.slug).expect("there");
    assert_eq!(of_shop.keys[0].expires_at, Some(1_925_089_445_000));
    assert_eq!(problem(world.engine.verify_keys(&world.ann, &shop.slug).await), Problem::Forbidden);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_codika_refuses_is_not_taken_and_an_unreachable_codika_is_no_reason() {
    let (world, admin, lab) = with_lab().await;
    world.upstreams.script("bad-key").instance_key(Err(call_error(CallErrorKind::KeyRejected)));
    let refused = field(world.engine.add_environment(&admin, new("shop", "bad-key")).await);
    assert!(refused.path == "instance_key" && refused.message.contains("does not accept"), "{refused:?}");
    let refused = field(world.engine.replace_keys(&admin, &lab.slug, keys("bad-key")).await);
    assert_eq!(refused.path, "instance_key");
    world.upstreams.script("bad-org").key_info(Err(call_error(CallErrorKind::KeyRejected)));
    world.upstreams.script("bad-org").instance_key(Err(call_error(CallErrorKind::KeyMissing)));
    let shop = NewEnvironment { keys: organization("bad-org"), ..new("shop", "") };
    assert_eq!(field(world.engine.add_environment(&admin, shop).await).path, "org_key");
    let private = NewEnvironment { base_url: "https://private.example".to_owned(), ..new("shop", "key-2") };
    assert_eq!(field(world.engine.add_environment(&admin, private).await).path, "base_url");
    world.upstreams.script("far-key").instance_key(Err(call_error(CallErrorKind::Unreachable)));
    world.engine.add_environment(&admin, new("shop", "far-key")).await.expect("it may be there tomorrow");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_key_is_announced_to_those_who_can_replace_it() {
    let world = World::new().await;
    let admin = world.person("Ada", Role::Admin).await;
    let expires = |in_ms: i64| {
        let at = jiff::Timestamp::from_millisecond(world.engine.now() + in_ms).expect("a time");
        Ok(json!({ "type": "org-api-key", "expiresAt": at.to_string() }))
    };
    for (slug_text, days, announced) in [("soon", 20, true), ("later", 40, false)] {
        let script = world.upstreams.script(slug_text);
        script.key_info(expires(days * DAY_MS));
        script.instance_key(Err(call_error(CallErrorKind::KeyMissing)));
        let new = NewEnvironment { keys: organization(slug_text), ..new(slug_text, "") };
        world.engine.add_environment(&admin, new).await.expect("added");
        sleep(1).await;
        for (who, told) in [(&admin, announced), (&world.ann, false)] {
            let notices = world.engine.catalog(who, &slug(slug_text)).await.expect("readable").notices;
            assert_eq!(notices.iter().any(|notice| notice.title.contains("expires in")), told, "{notices:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_to_an_instance_that_does_not_run() {
    let (world, _, lab) = with_lab().await;
    let script = world.upstreams.script("key-1");
    let skills = || Ok(Vec::new());
    let refused = async |key: &str| {
        let request = engine::StartRun { environment: slug("lab"), ..request(key) };
        match problem(world.try_start(&world.ann, request).await) {
            Problem::InstanceInactive(why) => why,
            other => panic!("{other:?}"),
        }
    };
    let state =
        || world.engine.environments(&world.ann).into_iter().find(|env| env.slug == lab.slug).expect("there").state;
    script.instances(Ok(json!([{"processInstanceId": "instance-9", "inactiveReason": "user_paused"}])));
    script.lists(Ok(instance(json!({"isActive": false}))), skills());
    sleep(120).await;
    let catalog = world.engine.catalog(&world.ann, &lab.slug).await.expect("readable");
    let paused = Activity::Paused { reason: Some("user_paused".to_owned()) };
    assert_eq!(state().map(|state| (state.activity, state.version)), Some((paused, Some("1.4".to_owned()))));
    assert!(catalog.notices.iter().any(|notice| notice.title.contains("paused")), "{:?}", catalog.notices);
    assert_eq!(catalog.environment.state, state());
    assert!(refused("a").await.contains("Somebody has paused"));
    script.lists(Ok(instance(json!({"isActive": true, "archived": true}))), skills());
    sleep(3).await;
    assert!(refused("b").await.contains("archived"));
    assert_eq!((script.triggered().len(), world.count().await), (0, 0));

    script.lists(Ok(instance(json!({"isActive": true}))), skills());
    sleep(3).await;
    script.then_done();
    let id = start(&world, "c").await;
    world.reaches(&id, RunStatus::Success).await;
    assert_eq!(state().map(|state| state.activity), Some(Activity::Active), "it was asked at once");
    for (word, activity) in [("deploying", Activity::Deploying), ("failed", Activity::DeployFailed)] {
        let mut deploying = instance(json!({"isActive": true}));
        deploying.deployment.as_mut().expect("there").deployment_status = Some(word.to_owned());
        script.lists(Ok(deploying), skills());
        sleep(120).await;
        world.engine.catalog(&world.ann, &lab.slug).await.expect("readable");
        assert_eq!(state().map(|state| state.activity), Some(activity));
        start(&world, word).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_given_once_for_the_list_and_for_the_environment() {
    let (world, admin, _) = with_lab().await;
    let eve = world.person("Eve", Role::Admin).await;
    world.upstreams.script("cko_key").instances(Ok(json!([])));
    let list =
        async || world.engine.list_instances(&admin, "https://codika.example", "cko_key".into()).await.expect("listed");
    let with = |slug: &str, pending: &str| {
        let keys = NewKeys { pending: Some(pending.to_owned()), ..NewKeys::default() };
        NewEnvironment { keys, ..new(slug, "") }
    };
    let pending = list().await.pending;
    let elsewhere = NewEnvironment { base_url: "https://other.example".to_owned(), ..with("shop", &pending) };
    for (who, refused) in [(&eve, with("shop", &pending)), (&admin, with("shop", "x")), (&admin, elsewhere)] {
        assert_eq!(field(world.engine.add_environment(who, refused).await).path, "org_key");
    }
    let again = world.engine.list_instances_again(&admin, "https://codika.example/", &pending).await.expect("listed");
    assert_eq!(field(world.engine.add_environment(&admin, with("shop", &pending)).await).path, "org_key", "used up");
    let pending = again.pending;
    world.engine.add_environment(&admin, with("shop", &pending)).await.expect("added");
    assert_eq!(field(world.engine.add_environment(&admin, with("again", &pending)).await).path, "org_key");
    let pending = list().await.pending;
    sleep(16 * 60).await;
    assert_eq!(field(world.engine.add_environment(&admin, with("late", &pending)).await).path, "org_key");
}
