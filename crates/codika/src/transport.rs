//! One HTTP exchange: sends, reads the answer up to a cap, and says what went wrong where.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, redirect};

use crate::{ClientConfig, ConfigError, NotSentReason, Reach, reach::PublicOnly};

mod failure;
mod tls;

pub(crate) use failure::{Failure, Lost};

/// No trigger takes longer to connect: whoever sends it may have little time in which it may be sent.
const TRIGGER_CONNECTS: Duration = Duration::from_secs(3);

/// A complete answer. The body of a redirect is not read.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// The client of triggers, which must reach upstream at most once.
///
/// A stock client follows 307 and 308 with the body *and* the key headers, repeats requests that
/// were refused at protocol level, and may repeat one on a pooled connection that turns out dead.
pub(crate) fn trigger_client(config: &ClientConfig) -> Result<Client, ConfigError> {
    let builder = builder(config, config.timeouts.trigger)?.connect_timeout(trigger_connects_within(config));
    Ok(builder.pool_max_idle_per_host(0).build()?)
}

pub(crate) fn trigger_connects_within(config: &ClientConfig) -> Duration {
    connect_within(config, config.timeouts.trigger).min(TRIGGER_CONNECTS)
}

/// The client of everything else: connections are kept, nothing else differs.
pub(crate) fn read_client(config: &ClientConfig) -> Result<Client, ConfigError> {
    Ok(builder(config, config.timeouts.read)?.build()?)
}

/// The idle clock of reqwest runs while it connects: the shorter one decides whether a dead host counts as
/// "not sent" or as "may have been sent".
fn connect_within(config: &ClientConfig, total: Duration) -> Duration {
    let times = config.timeouts;
    times.connect.min(times.idle / 2).min(total / 2)
}

fn builder(config: &ClientConfig, total: Duration) -> Result<ClientBuilder, ConfigError> {
    let builder = Client::builder()
        .user_agent(&config.user_agent)
        .tls_backend_preconfigured(tls::config(config.base_url.is_https())?)
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .http1_only()
        .no_proxy()
        .tcp_nodelay(true)
        .connect_timeout(connect_within(config, total))
        .read_timeout(config.timeouts.idle)
        .timeout(total);
    Ok(match config.reach {
        Reach::Anywhere => builder,
        Reach::Public => builder.dns_resolver(PublicOnly),
    })
}

/// Sends once and reads the whole answer, at most `cap` bytes of it after decompression.
pub(crate) async fn exchange(request: RequestBuilder, cap: usize, https: bool) -> Result<Answer, Lost> {
    let lost = |error: reqwest::Error, status| Lost::new(&error, status, https);
    let mut response = request.send().await.map_err(|error| lost(error, None))?;
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    if status.is_redirection() {
        return Ok(Answer { status, headers, body: Bytes::new() });
    }
    let too_large = || Lost {
        failure: Failure::TooLarge,
        status: Some(status),
        detail: format!("the answer is larger than {cap} bytes"),
    };
    let body = read(response, cap).await.map_err(|error| match error {
        Some(error) => lost(error, Some(status)),
        None => too_large(),
    })?;
    Ok(Answer { status, headers, body })
}

/// The body; `Err(None)` when it is larger than `cap`.
async fn read(mut response: Response, cap: usize) -> Result<Bytes, Option<reqwest::Error>> {
    let announced = response.content_length().unwrap_or(0);
    if announced > cap as u64 {
        return Err(None);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(Some)? {
        if body.len() + chunk.len() > cap {
            return Err(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

impl Lost {
    /// A request that never was one: nothing touched the network.
    pub fn unsendable(reason: NotSentReason, detail: impl Into<String>) -> Self {
        Self { failure: Failure::NotSent(reason), status: None, detail: detail.into() }
    }
}
