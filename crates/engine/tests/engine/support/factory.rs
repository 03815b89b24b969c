//! Clients by script: each key has its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use engine::{ConnectError, EnvironmentKeys, EnvironmentSettings, Upstream, UpstreamFactory};
use secrecy::{ExposeSecret, SecretString};

use super::Script;

/// A key that no client can be made with.
pub const UNUSABLE: &str = "unusable";

#[derive(Default)]
pub struct Factory(Mutex<HashMap<String, Arc<Script>>>);

impl Factory {
    /// What answers whoever comes with this key.
    pub fn script(&self, key: &str) -> Arc<Script> {
        self.0.lock().expect("no test panics while it holds this").entry(key.to_owned()).or_default().clone()
    }
}

#[async_trait]
impl UpstreamFactory for Factory {
    fn connect(&self, _: &EnvironmentSettings, keys: &EnvironmentKeys) -> Result<Arc<dyn Upstream>, ConnectError> {
        let key = keys.instance.as_ref().or(keys.organization.as_ref()).expect("a key").expose_secret();
        if key == UNUSABLE {
            return Err(ConnectError { field: "instance_key", message: "This is no key.".to_owned() });
        }
        Ok(self.script(key))
    }

    async fn check_address(&self, base_url: &str) -> Result<(), ConnectError> {
        match base_url.contains("private") {
            true => Err(ConnectError { field: "base_url", message: "This is private.".to_owned() }),
            false => Ok(()),
        }
    }

    fn suffix(&self, key: &SecretString) -> String {
        let key = key.expose_secret();
        key[key.len() - 4..].to_owned()
    }
}
