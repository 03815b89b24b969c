//! Where settings come from: the environment, else one TOML file with the same names.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    fs,
    str::FromStr,
};

use secrecy::SecretString;

use super::{ConfigError, names, wrong};

/// Values by name. The environment wins over the file.
#[derive(Default)]
pub struct Source {
    values: HashMap<String, String>,
    /// Names in the file that nobody has asked for.
    unread: RefCell<BTreeSet<String>>,
}

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
        Self::from_environment(environment)
    }

    fn from_environment(environment: HashMap<String, String>) -> Result<Self, ConfigError> {
        let mut values = match environment.get(names::CONFIG_FILE) {
            Some(path) => from_file(path)?,
            None => HashMap::new(),
        };
        let unread = RefCell::new(values.keys().cloned().collect());
        values.extend(environment);
        Ok(Self { values, unread })
    }

    /// For tests and tools.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let values = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { values, ..Self::default() }
    }

    /// To be asked once everything was read: what is left in the file is no setting.
    pub(super) fn refuse_unread(&self) -> Result<(), ConfigError> {
        match self.unread.borrow().first() {
            Some(name) => Err(wrong(name, "is no setting of the dashboard; is it misspelled in the file?")),
            None => Ok(()),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, ConfigError> {
        self.unread.borrow_mut().remove(name);
        Ok(self.values.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()))
    }

    /// A secret, given as it is or by the name of a file that holds it (`NAME_FILE`).
    pub(super) fn secret(&self, name: &str) -> Result<Option<SecretString>, ConfigError> {
        let value = self.text(name)?;
        let file = format!("{name}_FILE");
        let path = self.text(&file)?;
        if let Some(value) = value {
            return Ok(Some(value.into()));
        }
        let Some(path) = path else { return Ok(None) };
        let text = fs::read_to_string(&path).map_err(|error| wrong(&file, format!("{path}: {error}")))?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned().into()))
    }

    /// Whether something is allowed: `true` or `1`. Not set: no.
    pub(super) fn flag(&self, name: &str) -> Result<bool, ConfigError> {
        match self.text(name)?.as_deref() {
            Some("true" | "1") => Ok(true),
            None | Some("false" | "0") => Ok(false),
            Some(text) => Err(wrong(name, format!("“{text}” is neither true nor false"))),
        }
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

#[cfg(test)]
mod tests {
    use crate::config::Config;

    use super::*;

    fn read(file: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("dashboard.toml");
        fs::write(&path, file).expect("written");
        let environment = HashMap::from([
            (names::CONFIG_FILE.to_owned(), path.display().to_string()),
            ("DASHBOARD_SERVICE_HOST".to_owned(), "names like this come from container platforms".to_owned()),
        ]);
        let source = Source::from_environment(environment).map_err(|error| error.to_string())?;
        Config::read(&source).map_err(|error| error.to_string())
    }

    #[test]
    fn a_misspelled_name_in_the_file_is_refused() {
        let refused = read("DASHBOARD_LISTENS = \"127.0.0.1:1\"").expect_err("no such setting");
        assert!(refused.starts_with("DASHBOARD_LISTENS: is no setting"), "{refused}");
    }

    #[test]
    fn every_setting_may_stand_in_the_file() {
        let settings = include_str!("names.rs").lines().filter_map(|line| line.split('"').nth(1));
        let (numbers, texts): (Vec<_>, Vec<_>) = settings
            .filter(|name| *name != names::CONFIG_FILE)
            .partition(|name| name.contains("LIMIT") || name.ends_with("SECONDS") || name.ends_with("DAYS"));
        assert!(numbers.len() >= 5 && texts.len() >= 10, "{numbers:?} {texts:?}");
        let empty = texts.iter().flat_map(|name| [format!("{name} = \"\"\n"), format!("{name}_FILE = \"\"\n")]);
        // Only secrets have a variant that names a file.
        let secret = |line: &String| {
            let named_file = line.contains("_FILE") && !line.starts_with(names::MASTER_KEY_FILE);
            !line.contains("_FILE_FILE")
                && (!named_file || ["KEY", "PASSWORD", "DATABASE_URL"].iter().any(|word| line.contains(word)))
        };
        let file: String = empty.filter(secret).chain(numbers.iter().map(|name| format!("{name} = 7\n"))).collect();
        let config = read(&file).expect("all names are known");
        assert_eq!(config.limits.runs_per_minute, 7);
    }
}
