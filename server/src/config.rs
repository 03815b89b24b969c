//! All settings, read once at start. Nothing else reads the environment.

mod environments;
pub mod names;
mod source;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use engine::{Limits, Retention};
use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

use crate::{connections, events::Caps, middleware::bodies::MAX_BODY};

pub use environments::{ClientDefaults, FixedEnvironment};
pub use source::Source;

/// A setting that is missing or cannot be used; the text says which one and why.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct ConfigError {
    pub name: String,
    pub problem: String,
}

fn wrong(name: &str, problem: impl ToString) -> ConfigError {
    ConfigError { name: name.to_owned(), problem: problem.to_string() }
}

#[derive(Debug)]
pub struct Config {
    pub listen: SocketAddr,
    pub public_url: Url,
    /// It may hold a password.
    pub database_url: SecretString,
    /// None: where [`store::Database::usual_key_file`] says.
    pub master_key_file: Option<PathBuf>,
    pub first_admin: Option<FirstAdmin>,
    pub environments: Vec<FixedEnvironment>,
    /// For every client of Codika's.
    pub clients: ClientDefaults,
    /// What the page says about its upstream when it stands in for Codika.
    pub upstream_label: Option<String>,
    pub limits: Limits,
    pub retention: Retention,
    /// Event streams that may be open at once.
    pub streams: Caps,
    pub connections: connections::Caps,
    /// Reverse proxies whose word for the client's address is taken.
    pub trusted_proxies: Arc<[IpNet]>,
}

#[derive(Debug)]
pub struct FirstAdmin {
    pub email: String,
    pub password: SecretString,
}

const DEFAULT_LISTEN: &str = "127.0.0.1:3000";
const DEFAULT_DATABASE: &str = "sqlite://data/dashboard.db";
const DEFAULT_KEPT_DAYS: u32 = 365;
/// With room for the event streams of several thousand people.
const DEFAULT_CONNECTIONS: usize = 8_192;
/// Browsers open up to six each; an office may have one address.
const DEFAULT_CONNECTIONS_PER_ADDRESS: usize = 256;

/// What a request to Codika has around the input, in bytes, generously.
const ENVELOPE: usize = 1_024;
/// What a request to us has room for: a typed character may take several bytes on its way.
const LARGEST_INPUT: usize = MAX_BODY - ENVELOPE;

impl Config {
    /// # Errors
    /// The first setting that cannot be used.
    pub fn read(source: &Source) -> Result<Self, ConfigError> {
        let listen_text = source.text(names::LISTEN)?.unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
        let listen: SocketAddr = listen_text
            .parse()
            .map_err(|_| wrong(names::LISTEN, format!("“{listen_text}” is not an address like 127.0.0.1:3000")))?;
        let clients = ClientDefaults::read(source)?;
        let config = Self {
            listen,
            public_url: public_url(source, listen)?,
            database_url: source.secret(names::DATABASE_URL)?.unwrap_or_else(|| DEFAULT_DATABASE.into()),
            master_key_file: source.text(names::MASTER_KEY_FILE)?.map(PathBuf::from),
            first_admin: first_admin(source)?,
            environments: environments::read(source, &clients)?,
            clients,
            upstream_label: source.text(names::UPSTREAM_LABEL)?,
            limits: limits(source)?,
            retention: Retention {
                results: kept_for(source, names::KEEP_RESULTS)?,
                events: kept_for(source, names::KEEP_EVENTS)?,
            },
            streams: Caps {
                per_person: source.number(names::LIMIT_STREAMS)?.unwrap_or(10),
                per_address: source.number(names::LIMIT_STREAMS_PER_ADDRESS)?.unwrap_or(50),
            },
            connections: connections(source)?,
            trusted_proxies: trusted_proxies(source)?,
        };
        source.refuse_unread()?;
        Ok(config)
    }

    /// Whether browsers reach us over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

/// Where browsers reach us. Plain http is for this machine only: elsewhere browsers drop the session cookie.
fn public_url(source: &Source, listen: SocketAddr) -> Result<Url, ConfigError> {
    let Some(text) = source.text(names::PUBLIC_URL)? else {
        let host = if listen.ip().is_loopback() { listen.to_string() } else { format!("localhost:{}", listen.port()) };
        return Url::parse(&format!("http://{host}/")).map_err(|error| wrong(names::LISTEN, error));
    };
    let url = Url::parse(&text).map_err(|error| wrong(names::PUBLIC_URL, format!("“{text}” is not a URL: {error}")))?;
    let local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        let problem =
            format!("{text} has more than scheme, host and port; the dashboard answers at the root of its address");
        return Err(wrong(names::PUBLIC_URL, problem));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if local => Ok(url),
        "http" => Err(wrong(
            names::PUBLIC_URL,
            format!(
                "{text} is plain http on another host, where browsers drop the session cookie. Put a reverse proxy with \
                 TLS before the dashboard and give its https address here."
            ),
        )),
        other => Err(wrong(names::PUBLIC_URL, format!("“{other}” is not http or https"))),
    }
}

fn connections(source: &Source) -> Result<connections::Caps, ConfigError> {
    let number = |name, usual| match source.number(name)? {
        Some(0) => Err(wrong(name, "0 would let nobody in")),
        number => Ok(number.unwrap_or(usual)),
    };
    Ok(connections::Caps {
        total: number(names::LIMIT_CONNECTIONS, DEFAULT_CONNECTIONS)?,
        per_address: number(names::LIMIT_CONNECTIONS_PER_ADDRESS, DEFAULT_CONNECTIONS_PER_ADDRESS)?,
    })
}

/// Addresses and networks, separated by commas.
fn trusted_proxies(source: &Source) -> Result<Arc<[IpNet]>, ConfigError> {
    let text = source.text(names::TRUSTED_PROXIES)?.unwrap_or_default();
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let address = || word.parse().ok().map(|address: IpAddr| IpNet::from(address));
            word.parse().ok().or_else(address).ok_or_else(|| {
                wrong(names::TRUSTED_PROXIES, format!("“{word}” is neither an address nor a network like 10.0.0.0/8"))
            })
        })
        .collect()
}

fn first_admin(source: &Source) -> Result<Option<FirstAdmin>, ConfigError> {
    match (source.text(names::ADMIN_EMAIL)?, source.secret(names::ADMIN_PASSWORD)?) {
        (Some(email), Some(password)) => Ok(Some(FirstAdmin { email, password })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(wrong(names::ADMIN_PASSWORD, "is missing beside DASHBOARD_ADMIN_EMAIL")),
        (None, Some(_)) => Err(wrong(names::ADMIN_EMAIL, "is missing beside DASHBOARD_ADMIN_PASSWORD")),
    }
}

fn limits(source: &Source) -> Result<Limits, ConfigError> {
    let mut limits = Limits::default();
    if let Some(runs) = source.number(names::LIMIT_RUNS)? {
        limits.runs_per_minute = runs;
    }
    if let Some(bytes) = source.number(names::LIMIT_INPUT)? {
        if bytes > LARGEST_INPUT {
            return Err(wrong(
                names::LIMIT_INPUT,
                format!("is at most {LARGEST_INPUT}: larger bodies are not received"),
            ));
        }
        limits.input_bytes = bytes;
    }
    if let Some(polls) = source.number(names::LIMIT_POLLS)? {
        if polls == 0 {
            return Err(wrong(names::LIMIT_POLLS, "0 would never ask for the end of a run"));
        }
        limits.polls_per_second = polls;
    }
    if let Some(seconds) = source.number(names::LIMIT_WATCH)? {
        limits.watch = Duration::from_secs(seconds);
    }
    Ok(limits)
}

fn kept_for(source: &Source, name: &str) -> Result<Option<Duration>, ConfigError> {
    let days: u32 = source.number(name)?.unwrap_or(DEFAULT_KEPT_DAYS);
    Ok((days > 0).then(|| Duration::from_secs(u64::from(days) * 24 * 60 * 60)))
}

#[cfg(test)]
mod tests;
