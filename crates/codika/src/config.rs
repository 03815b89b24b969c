use std::time::Duration;

use crate::{BaseUrl, IdError, Key, PathStyle, Reach, ReachError};

/// What a [`Client`](crate::Client) needs to know of one environment.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    pub base_url: BaseUrl,
    pub reach: Reach,
    /// The process instance all calls are about.
    pub instance_id: String,
    /// Preferred for trigger and status.
    pub instance_key: Option<Key>,
    /// Preferred for everything else; stands in for a missing instance key.
    pub org_key: Option<Key>,
    pub path_style: PathStyle,
    pub timeouts: Timeouts,
    pub caps: Caps,
    pub user_agent: String,
}

/// How long to wait. A connection is given up after half of the shorter of `idle` and the call's
/// total even when `connect` is longer: only then is it sure that nothing was sent.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Name lookup, TCP and TLS together; for a trigger at most 3 s.
    pub connect: Duration,
    /// Between two pieces of an answer, and before the first.
    pub idle: Duration,
    /// A whole trigger call.
    pub trigger: Duration,
    /// A whole call of any other kind.
    pub read: Duration,
    /// One question of [`PathStyle::Auto`].
    pub probe: Duration,
    /// Before [`PathStyle::Auto`] asks again after no style was found. When nobody answered at all
    /// it asks again after `probe`.
    pub probe_again: Duration,
}

/// How much to carry, in bytes. Answers are counted after decompression.
#[derive(Clone, Copy, Debug)]
pub struct Caps {
    pub request: usize,
    pub trigger_response: usize,
    pub response: usize,
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the process instance id cannot be used: {0}")]
    InstanceId(#[from] IdError),
    #[error(transparent)]
    Reach(#[from] ReachError),
    #[error("the HTTP client cannot be set up")]
    Http(#[from] reqwest::Error),
    #[error("TLS cannot be set up with the system's trusted certificates")]
    Tls(#[from] rustls::Error),
}

impl ClientConfig {
    /// Default limits, style [`PathStyle::Auto`], no key.
    pub fn new(base_url: BaseUrl, instance_id: impl Into<String>) -> Self {
        Self {
            base_url,
            reach: Reach::Anywhere,
            instance_id: instance_id.into(),
            instance_key: None,
            org_key: None,
            path_style: PathStyle::Auto,
            timeouts: Timeouts::default(),
            caps: Caps::default(),
            user_agent: concat!("codika-dashboard/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(15),
            trigger: Duration::from_secs(30),
            read: Duration::from_secs(30),
            probe: Duration::from_secs(5),
            probe_again: Duration::from_secs(60),
        }
    }
}

impl Default for Caps {
    fn default() -> Self {
        Self { request: 1024 * 1024, trigger_response: 1024 * 1024, response: 20 * 1024 * 1024 }
    }
}
