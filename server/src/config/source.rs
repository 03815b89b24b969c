//! Where settings come from: the environment, else one TOML file with the same names.

use std::{collections::HashMap, fs, str::FromStr};

use secrecy::SecretString;

use super::{ConfigError, names, wrong};

/// Values by name. The environment wins over the file.
#[derive(Default)]
pub struct Source(HashMap<String, String>);

impl Source {
    /// The process's environment, and the file that `DASHBOARD_CONFIG` names.
    ///
    /// # Errors
    /// When the file cannot be read or is not TOML.
    pub fn from_process() -> Result<Self, ConfigError> {
        // `vars` would panic at what is not Unicode; none of our names and values is.
        let environment: HashMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()))
            .collect();
        let mut values = match environment.get(names::CONFIG_FILE) {
            Some(path) => from_file(path)?,
            None => HashMap::new(),
        };
        values.extend(environment);
        Ok(Self(values))
    }

    /// For tests and tools.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, ConfigError> {
        Ok(self.0.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()))
    }

    /// A secret, given as it is or by the name of a file that holds it (`NAME_FILE`).
    pub(super) fn secret(&self, name: &str) -> Result<Option<SecretString>, ConfigError> {
        if let Some(value) = self.text(name)? {
            return Ok(Some(value.into()));
        }
        let file = format!("{name}_FILE");
        let Some(path) = self.text(&file)? else { return Ok(None) };
        let text = fs::read_to_string(&path).map_err(|error| wrong(&file, format!("{path}: {error}")))?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned().into()))
    }

    pub(super) fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| wrong(name, format!("“{text}” is not a whole number that fits")))
    }
}

fn from_file(path: &str) -> Result<HashMap<String, String>, ConfigError> {
    let text = fs::read_to_string(path).map_err(|error| wrong(names::CONFIG_FILE, format!("{path}: {error}")))?;
    let table: toml::Table =
        toml::from_str(&text).map_err(|error| wrong(names::CONFIG_FILE, format!("{path}: {}", error.message())))?;
    table
        .into_iter()
        .map(|(name, value)| match value {
            toml::Value::String(text) => Ok((name, text)),
            toml::Value::Integer(number) => Ok((name, number.to_string())),
            toml::Value::Boolean(flag) => Ok((name, flag.to_string())),
            _ => Err(wrong(&name, format!("in {path} is neither a text nor a number"))),
        })
        .collect()
}
