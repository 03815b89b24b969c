use std::{fmt, sync::Arc};

use crate::{ClientConfig, ConfigError, Key, PathStyle, id, text::Cleaner, transport};

mod reads;
mod request;
mod style;
mod trigger;

pub use reads::Activated;
use style::StyleFinder;

/// One environment of the platform: base URL, process instance, keys. Cheap to clone.
///
/// No call is ever repeated by the client itself. The one thing it sends unasked is a question for
/// the status of a made-up execution, when [`PathStyle::Auto`] has to be decided.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    config: ClientConfig,
    trigger_http: reqwest::Client,
    read_http: reqwest::Client,
    style: StyleFinder,
    cleaner: Cleaner,
}

impl Client {
    /// Sends nothing.
    ///
    /// # Errors
    /// [`ConfigError`] when the instance id is no path segment, the base URL leads where it must not, the user agent no header, or the
    /// system's trusted certificates cannot be set up.
    pub fn new(config: ClientConfig) -> Result<Self, ConfigError> {
        id::check(&config.instance_id)?;
        config.reach.check_literal(&config.base_url)?;
        let keys = [&config.instance_key, &config.org_key];
        let inner = Inner {
            trigger_http: transport::trigger_client(&config)?,
            read_http: transport::read_client(&config)?,
            style: StyleFinder::new(config.path_style),
            cleaner: Cleaner::new(keys.into_iter().flatten().cloned()),
            config,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The configuration this client was made from.
    pub fn config(&self) -> &ClientConfig {
        &self.inner.config
    }

    /// The style in use; [`PathStyle::Short`] while none is verified.
    pub fn path_style(&self) -> PathStyle {
        self.inner.style.known()
    }

    /// Whether the style was set by the operator or has answered in JSON.
    pub fn path_style_verified(&self) -> bool {
        self.inner.style.verified()
    }

    /// The key of trigger and status.
    fn run_key(&self) -> Option<&Key> {
        let config = self.config();
        config.instance_key.as_ref().or(config.org_key.as_ref())
    }

    /// The key of calls an instance key may or may not reach.
    fn read_key(&self) -> Option<&Key> {
        let config = self.config();
        config.org_key.as_ref().or(config.instance_key.as_ref())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", self.config()).field("style", &self.path_style()).finish()
    }
}
