//! The names of all settings.

pub const CONFIG_FILE: &str = "DASHBOARD_CONFIG";

/// Reverse proxies whose `X-Forwarded-For` is believed.
pub const TRUSTED_PROXIES: &str = "DASHBOARD_TRUSTED_PROXIES";
pub const LISTEN: &str = "DASHBOARD_LISTEN";
pub const PUBLIC_URL: &str = "DASHBOARD_PUBLIC_URL";
pub const DATABASE_URL: &str = "DASHBOARD_DATABASE_URL";
/// Of the key that the audit trail is sealed with.
pub const MASTER_KEY_FILE: &str = "DASHBOARD_MASTER_KEY_FILE";
pub const ADMIN_EMAIL: &str = "DASHBOARD_ADMIN_EMAIL";
pub const ADMIN_PASSWORD: &str = "DASHBOARD_ADMIN_PASSWORD";
pub const UPSTREAM_LABEL: &str = "DASHBOARD_UPSTREAM_LABEL";
/// Runs that one person may start from forms in a minute.
pub const LIMIT_RUNS: &str = "DASHBOARD_LIMIT_RUNS_PER_MINUTE";
/// Bytes of one run's input.
pub const LIMIT_INPUT: &str = "DASHBOARD_LIMIT_INPUT_BYTES";
/// Seconds that a run is watched.
pub const LIMIT_WATCH: &str = "DASHBOARD_LIMIT_WATCH_SECONDS";
/// Questions for the end of runs that one environment may be asked in a second.
pub const LIMIT_POLLS: &str = "DASHBOARD_LIMIT_POLLS_PER_SECOND";
/// Bytes of one answer of Codika's, and with it of one result.
pub const LIMIT_RESULT: &str = "DASHBOARD_LIMIT_RESULT_BYTES";
/// Event streams that one person may have open.
pub const LIMIT_STREAMS: &str = "DASHBOARD_LIMIT_STREAMS";
/// Days that a run's result is kept after its end; 0: for ever.
pub const KEEP_RESULTS: &str = "DASHBOARD_KEEP_RESULTS_DAYS";
/// Days that a run's history is kept after its end; 0: for ever.
pub const KEEP_EVENTS: &str = "DASHBOARD_KEEP_EVENTS_DAYS";
/// Event streams that may be open from one address.
pub const LIMIT_STREAMS_PER_ADDRESS: &str = "DASHBOARD_LIMIT_STREAMS_PER_ADDRESS";
/// Connections that may be open at once.
pub const LIMIT_CONNECTIONS: &str = "DASHBOARD_LIMIT_CONNECTIONS";
/// Connections that may be open from one address.
pub const LIMIT_CONNECTIONS_PER_ADDRESS: &str = "DASHBOARD_LIMIT_CONNECTIONS_PER_ADDRESS";

pub const CODIKA_BASE_URL: &str = "CODIKA_BASE_URL";
/// Whether base URLs that people type may lead to private addresses.
pub const ALLOW_PRIVATE_UPSTREAMS: &str = "DASHBOARD_ALLOW_PRIVATE_UPSTREAMS";
/// Whether keys may go to other machines over plain http.
pub const ALLOW_HTTP_UPSTREAMS: &str = "DASHBOARD_ALLOW_HTTP_UPSTREAMS";
pub const CODIKA_PATH_STYLE: &str = "CODIKA_PATH_STYLE";
/// Seconds that one call to Codika may take.
pub const CODIKA_TIMEOUT_SECONDS: &str = "CODIKA_TIMEOUT_SECONDS";

pub struct EnvironmentNames {
    pub instance: &'static str,
    pub key: &'static str,
    pub org_key: &'static str,
}

pub const DEV: EnvironmentNames =
    EnvironmentNames { instance: "DEV_PROCESS_INSTANCE_ID", key: "DEV_CODIKA_API_KEY", org_key: "DEV_CODIKA_ORG_KEY" };

pub const PROD: EnvironmentNames = EnvironmentNames {
    instance: "PROD_PROCESS_INSTANCE_ID",
    key: "PROD_CODIKA_API_KEY",
    org_key: "PROD_CODIKA_ORG_KEY",
};
