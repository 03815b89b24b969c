//! Clients of Codika for environments that are added while the program runs. The one place that opens their keys.

use std::sync::Arc;

use async_trait::async_trait;
use codika::{BaseUrl, Client, ClientConfig, ConfigError, Key, KeyKind, ReachError};
use engine::{ConnectError, EnvironmentKeys, EnvironmentSettings, KeySlot, Upstream, UpstreamFactory};
use secrecy::{ExposeSecret, SecretString};

use crate::config::{ClientDefaults, names};

pub struct Clients {
    defaults: ClientDefaults,
}

impl Clients {
    pub const fn new(defaults: ClientDefaults) -> Self {
        Self { defaults }
    }

    fn base_url(&self, text: &str) -> Result<BaseUrl, ConnectError> {
        let base_url = BaseUrl::parse(text).map_err(|error| refused("base_url", error))?;
        if base_url.is_exposed() && !self.defaults.plain_http {
            let words = format!(
                "Over plain http others could read the key on its way. Use https, or have the operator set {}.",
                names::ALLOW_HTTP_UPSTREAMS
            );
            return Err(ConnectError { field: "base_url", message: words });
        }
        Ok(base_url)
    }
}

#[async_trait]
impl UpstreamFactory for Clients {
    fn connect(
        &self,
        settings: &EnvironmentSettings,
        keys: &EnvironmentKeys,
    ) -> Result<Arc<dyn Upstream>, ConnectError> {
        let base_url = self.base_url(&settings.base_url)?;
        let config = ClientConfig {
            reach: self.defaults.reach,
            instance_key: key(KeySlot::Instance, keys.instance.as_ref())?,
            org_key: key(KeySlot::Organization, keys.organization.as_ref())?,
            ..self.defaults.client(base_url, &settings.instance_id)
        };
        let client = Client::new(config).map_err(|error| match error {
            ConfigError::InstanceId(error) => refused("instance_id", error),
            ConfigError::Reach(error) => unreachable_address(&error),
            error => refused("base_url", error),
        })?;
        Ok(Arc::new(client))
    }

    async fn check_address(&self, base_url: &str) -> Result<(), ConnectError> {
        let base_url = self.base_url(base_url)?;
        self.defaults.reach.check(&base_url).await.map_err(|error| unreachable_address(&error))
    }

    fn suffix(&self, key: &SecretString) -> String {
        Key::parse(key.expose_secret()).map(|key| key.suffix_for_display()).unwrap_or_default()
    }
}

fn key(slot: KeySlot, secret: Option<&SecretString>) -> Result<Option<Key>, ConnectError> {
    let Some(secret) = secret else { return Ok(None) };
    let field = match slot {
        KeySlot::Instance => "instance_key",
        KeySlot::Organization => "org_key",
    };
    let key = Key::parse(secret.expose_secret()).map_err(|error| refused(field, error))?;
    match (slot, key.kind()) {
        (KeySlot::Instance, KeyKind::Organization) => Err(refused(field, "this is an organization key (cko_)")),
        (KeySlot::Organization, KeyKind::Instance) => Err(refused(field, "this is the key of an instance (ck_)")),
        _ => Ok(Some(key)),
    }
}

fn unreachable_address(error: &ReachError) -> ConnectError {
    let message = match error {
        ReachError::NotFound(_) => "This host is not found.".to_owned(),
        ReachError::Private => format!(
            "This leads to a private address, where the server does not go for an address that somebody typed. The \
             operator can allow it with {}.",
            names::ALLOW_PRIVATE_UPSTREAMS
        ),
    };
    ConnectError { field: "base_url", message }
}

/// The words of a library as a sentence.
fn refused(field: &'static str, why: impl ToString) -> ConnectError {
    let why = why.to_string();
    let mut letters = why.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    ConnectError { field, message: format!("{first}{}.", letters.as_str()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Source;

    fn connect(base_url: &str, instance: Option<&str>, organization: Option<&str>) -> Result<(), ConnectError> {
        let clients = Clients::new(ClientDefaults::read(&Source::from_pairs([])).expect("defaults"));
        let settings = EnvironmentSettings {
            slug: model::EnvSlug::parse("lab").expect("a slug"),
            name: "Lab".to_owned(),
            kind: model::EnvKind::Dev,
            colour: None,
            base_url: base_url.to_owned(),
            instance_id: "0198f2a0-0000-7000-8000-00000000a001".to_owned(),
            enabled: true,
        };
        let keys = EnvironmentKeys {
            instance: instance.map(SecretString::from),
            organization: organization.map(SecretString::from),
        };
        clients.connect(&settings, &keys).map(drop)
    }

    #[test]
    fn what_cannot_be_used_names_its_field_and_no_key() {
        let good = "https://api.codika.io";
        assert_eq!(connect(good, Some("ck_abcdefgh"), Some("cko_abcdefgh")), Ok(()));
        for (base_url, instance, organization, field) in [
            ("http://api.codika.io", Some("ck_abcdefgh"), None, "base_url"),
            ("https://10.0.0.1", Some("ck_abcdefgh"), None, "base_url"),
            ("http://127.0.0.1:9100", Some("ck_abcdefgh"), None, "base_url"),
            ("api.codika.io", Some("ck_abcdefgh"), None, "base_url"),
            (good, Some("ck_abc defgh"), None, "instance_key"),
            (good, Some("cko_abcdefgh"), None, "instance_key"),
            (good, None, Some("ck_abcdefgh"), "org_key"),
        ] {
            let refused = connect(base_url, instance, organization).expect_err("refused");
            assert_eq!(refused.field, field);
            assert!(refused.message.ends_with('.') && !refused.message.contains("defgh"), "{}", refused.message);
        }
    }

    #[tokio::test]
    async fn private_addresses_are_for_operators_who_allow_them() {
        for (allowed, settings) in [(false, vec![]), (true, vec![(names::ALLOW_PRIVATE_UPSTREAMS, "true")])] {
            let clients = Clients::new(ClientDefaults::read(&Source::from_pairs(settings)).expect("settings"));
            for address in ["http://127.0.0.1:9100", "http://localhost:9100", "https://169.254.169.254"] {
                assert_eq!(clients.check_address(address).await.is_ok(), allowed, "{address}");
            }
        }
        let clients = Clients::new(ClientDefaults::read(&Source::from_pairs([])).expect("defaults"));
        let refused = clients.check_address("https://no-such-host.invalid").await.expect_err("refused");
        assert_eq!(refused.message, "This host is not found.");
    }

    #[test]
    fn a_key_is_told_by_its_end() {
        let clients = Clients::new(ClientDefaults::read(&Source::from_pairs([])).expect("defaults"));
        assert_eq!(clients.suffix(&SecretString::from("ck_0123456789abcdef")), "cdef");
        assert_eq!(clients.suffix(&SecretString::from("ck_01234")), "34", "never more than a quarter");
    }
}
