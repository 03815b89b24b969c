//! Environments of the settings, and what every client of Codika has in common.

use std::time::Duration;

use codika::{BaseUrl, ClientConfig, Key, PathStyle, Reach};
use model::{EnvKind, EnvSlug};
use secrecy::ExposeSecret;

use super::{ConfigError, ENVELOPE, Source, limits, names, wrong};

const DEFAULT_BASE_URL: &str = "https://api.codika.io";

/// One of the environments that the settings name.
#[derive(Debug)]
pub struct FixedEnvironment {
    pub slug: EnvSlug,
    pub kind: EnvKind,
    pub client: ClientConfig,
}

#[derive(Clone, Debug)]
pub struct ClientDefaults {
    pub base_url: BaseUrl,
    pub path_style: PathStyle,
    /// Of base URLs that people type.
    pub reach: Reach,
    /// Keys may go to other machines over plain http.
    pub plain_http: bool,
    /// Of one call.
    timeout: Option<Duration>,
    input_bytes: usize,
    result_bytes: Option<usize>,
}

impl ClientDefaults {
    pub fn read(source: &Source) -> Result<Self, ConfigError> {
        let base = source.text(names::CODIKA_BASE_URL)?.unwrap_or_else(|| DEFAULT_BASE_URL.to_owned());
        Ok(Self {
            base_url: BaseUrl::parse(&base).map_err(|error| wrong(names::CODIKA_BASE_URL, error))?,
            path_style: match source.text(names::CODIKA_PATH_STYLE)? {
                Some(word) => word.parse().map_err(|error| wrong(names::CODIKA_PATH_STYLE, error))?,
                None => PathStyle::Auto,
            },
            reach: match source.flag(names::ALLOW_PRIVATE_UPSTREAMS)? {
                true => Reach::Anywhere,
                false => Reach::Public,
            },
            plain_http: source.flag(names::ALLOW_HTTP_UPSTREAMS)?,
            timeout: source.number::<u64>(names::CODIKA_TIMEOUT_SECONDS)?.map(Duration::from_secs),
            input_bytes: limits(source)?.input_bytes,
            result_bytes: source.number(names::LIMIT_RESULT)?,
        })
    }

    /// Without a key.
    pub fn client(&self, base_url: BaseUrl, instance: impl Into<String>) -> ClientConfig {
        let mut client = ClientConfig::new(base_url, instance);
        client.path_style = self.path_style;
        if let Some(timeout) = self.timeout {
            client.timeouts.trigger = timeout;
            client.timeouts.read = timeout;
            // Whoever grants Codika a minute does not want to give up after a quarter of it.
            client.timeouts.idle = timeout;
        }
        client.caps.request = client.caps.request.max(self.input_bytes.saturating_add(ENVELOPE));
        if let Some(bytes) = self.result_bytes {
            client.caps.response = bytes;
        }
        client
    }
}

pub fn read(source: &Source, clients: &ClientDefaults) -> Result<Vec<FixedEnvironment>, ConfigError> {
    let mut found = Vec::new();
    for (kind, names) in [(EnvKind::Dev, &names::DEV), (EnvKind::Prod, &names::PROD)] {
        let instance_key = key(source, names.key)?;
        let org_key = key(source, names.org_key)?;
        let Some(instance) = source.text(names.instance)? else {
            let given =
                [(instance_key, names.key), (org_key, names.org_key)].into_iter().find(|(key, _)| key.is_some());
            if let Some((_, key)) = given {
                return Err(wrong(names.instance, format!("is missing beside {key}")));
            }
            continue;
        };
        if instance_key.is_none() && org_key.is_none() {
            return Err(wrong(names.key, format!("is missing beside {}", names.instance)));
        }
        let client = ClientConfig { instance_key, org_key, ..clients.client(clients.base_url.clone(), instance) };
        let slug = EnvSlug::parse(kind.as_str()).map_err(|error| wrong(names.instance, error))?;
        found.push(FixedEnvironment { slug, kind, client });
    }
    Ok(found)
}

fn key(source: &Source, name: &str) -> Result<Option<Key>, ConfigError> {
    let Some(text) = source.secret(name)? else { return Ok(None) };
    Key::parse(text.expose_secret()).map(Some).map_err(|error| wrong(name, error))
}
