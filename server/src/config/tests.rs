use super::*;

const KEY: &str = "ck_canary-key-that-must-never-be-printed";

fn read<const N: usize>(pairs: [(&str, &str); N]) -> Result<Config, String> {
    Config::read(&Source::from_pairs(pairs)).map_err(|error| error.to_string())
}

#[test]
fn nothing_set_still_starts() {
    let config = read([]).expect("defaults are usable");
    assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(config.public_url.as_str(), "http://127.0.0.1:3000/");
    assert!(config.environments.is_empty());
    assert!(!config.is_https());
}

#[test]
fn an_environment_is_an_instance_and_a_key() {
    let config = read([("DEV_PROCESS_INSTANCE_ID", "i-1"), ("DEV_CODIKA_API_KEY", KEY)]).expect("complete");
    assert_eq!(config.environments.len(), 1);
    assert_eq!(config.environments[0].slug.as_str(), "dev");
    let half = read([("PROD_PROCESS_INSTANCE_ID", "i-2")]).expect_err("no key");
    assert!(half.contains("PROD_CODIKA_API_KEY"), "{half}");
    let half = read([("PROD_CODIKA_API_KEY", KEY)]).expect_err("no instance");
    assert!(half.contains("PROD_PROCESS_INSTANCE_ID"), "{half}");
}

#[test]
fn an_organization_key_needs_its_instance_too() {
    let half = read([("DEV_CODIKA_ORG_KEY", KEY)]).expect_err("no instance");
    assert!(half.contains("DEV_PROCESS_INSTANCE_ID") && half.contains("DEV_CODIKA_ORG_KEY"), "{half}");
}

#[test]
fn the_password_of_the_database_is_not_shown() {
    let config = read([("DASHBOARD_DATABASE_URL", "postgres://ann:canary@db/dashboard")]).expect("usable");
    assert!(!format!("{config:?}").contains("canary"));
}

#[test]
fn an_input_must_fit_into_a_request() {
    let refused = read([("DASHBOARD_LIMIT_INPUT_BYTES", "4000000")]).expect_err("too much");
    assert!(refused.starts_with("DASHBOARD_LIMIT_INPUT_BYTES: is at most"), "{refused}");
}

#[test]
fn plain_http_is_for_this_machine() {
    for good in ["https://dash.example.com", "http://localhost:3000", "http://127.0.0.1:1", "http://[::1]:3000"] {
        assert!(read([("DASHBOARD_PUBLIC_URL", good)]).is_ok(), "{good}");
    }
    let refused = read([("DASHBOARD_PUBLIC_URL", "http://dash.example.com")]).expect_err("dropped cookies");
    assert!(refused.contains("TLS"), "{refused}");
}

#[test]
fn the_public_address_is_a_root() {
    for bad in ["https://dash.example.com/codika", "https://dash.example.com/?a=b", "https://dash.example.com/#top"] {
        let refused = read([("DASHBOARD_PUBLIC_URL", bad)]).expect_err("links would lead elsewhere");
        assert!(refused.starts_with("DASHBOARD_PUBLIC_URL"), "{refused}");
    }
}

#[test]
fn keys_are_never_printed() {
    let config = read([
        ("DEV_PROCESS_INSTANCE_ID", "i-1"),
        ("DEV_CODIKA_API_KEY", KEY),
        ("DASHBOARD_ADMIN_EMAIL", "a@b.example"),
        ("DASHBOARD_ADMIN_PASSWORD", "canary-password"),
    ]);
    let printed = format!("{config:?}");
    assert!(!printed.contains("canary"), "{printed}");
}

#[test]
fn a_secret_can_come_from_a_file() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), format!("{KEY}\n")).expect("written");
    let path = file.path().to_string_lossy();
    let config = read([("DEV_PROCESS_INSTANCE_ID", "i-1"), ("DEV_CODIKA_API_KEY_FILE", &path)]);
    assert!(config.is_ok_and(|config| config.environments[0].client.instance_key.is_some()));
}

#[test]
fn a_wrong_number_is_named() {
    let refused = read([("DASHBOARD_LIMIT_RUNS_PER_MINUTE", "many")]).expect_err("not a number");
    assert!(refused.starts_with("DASHBOARD_LIMIT_RUNS_PER_MINUTE"), "{refused}");
}

#[test]
fn what_is_accepted_can_be_sent_and_what_is_granted_is_waited() {
    let config = read([
        ("DEV_PROCESS_INSTANCE_ID", "i-1"),
        ("DEV_CODIKA_API_KEY", KEY),
        ("DASHBOARD_LIMIT_INPUT_BYTES", "3000000"),
        ("DASHBOARD_LIMIT_RESULT_BYTES", "50000000"),
        ("DASHBOARD_LIMIT_POLLS_PER_SECOND", "7"),
        ("CODIKA_TIMEOUT_SECONDS", "60"),
    ])
    .expect("usable");
    let client = &config.environments[0].client;
    assert!(client.caps.request > config.limits.input_bytes);
    assert_eq!((client.caps.response, config.limits.polls_per_second), (50_000_000, 7));
    assert_eq!(client.timeouts.idle, client.timeouts.read, "silence is no reason to give up sooner");
    let refused = read([("DASHBOARD_LIMIT_POLLS_PER_SECOND", "0")]).expect_err("nothing would ever end");
    assert!(refused.starts_with("DASHBOARD_LIMIT_POLLS_PER_SECOND"), "{refused}");
}

#[test]
fn trusted_proxies_are_addresses_and_networks() {
    let config = read([("DASHBOARD_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8, ::1")]).expect("usable");
    assert_eq!(config.trusted_proxies.len(), 3);
    assert!(read([]).is_ok_and(|config| config.trusted_proxies.is_empty()));
    let refused = read([("DASHBOARD_TRUSTED_PROXIES", "nginx")]).expect_err("a name can move");
    assert!(refused.contains("“nginx”"), "{refused}");
}
