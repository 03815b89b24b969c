//! Hands executions over to a real n8n, §7.1. What becomes of them it tells through the callbacks.

use std::{sync::Arc, time::Duration};

use reqwest::{
    Client,
    header::{HeaderName, HeaderValue},
    redirect,
};
use serde_json::{Map, Value};
use url::Url;

use crate::{
    execution::{ErrorDetails, Execution, Finished, Trace},
    fixtures, read, runner,
    state::State,
};

const CONNECT: Duration = Duration::from_secs(10);

/// An n8n that carries the scenario's workflows out.
#[derive(Clone)]
pub struct N8n {
    base_url: String,
    auth: Option<(HeaderName, HeaderValue)>,
    client: Client,
}

/// Why n8n cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum N8nError {
    #[error("its address must begin with http:// or https://, unlike '{0}'")]
    Address(String),
    #[error("the header its webhooks want must look like `Name: value`")]
    Auth,
    #[error("no HTTP client for n8n")]
    Client(#[source] reqwest::Error),
}

impl N8n {
    /// An n8n at `base_url`; `auth` is the header its webhooks want, as `Name: value`.
    ///
    /// # Errors
    /// When `base_url` is no web address, `auth` is no header, or no client can be made.
    pub fn new(base_url: &str, auth: Option<&str>) -> Result<Self, N8nError> {
        if !Url::parse(base_url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Err(N8nError::Address(base_url.to_owned()));
        }
        // Somebody else in this process may have chosen a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()
            .map_err(N8nError::Client)?;
        let auth = auth.map(header).transpose()?;
        Ok(Self { base_url: base_url.trim_end_matches('/').to_owned(), auth, client })
    }
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), N8nError> {
    let (name, value) = text.split_once(':').ok_or(N8nError::Auth)?;
    let name = name.trim().parse().map_err(|_| N8nError::Auth)?;
    let value = value.trim().parse().map_err(|_| N8nError::Auth)?;
    Ok((name, value))
}

/// Posts an execution to its webhook. Nobody waits for this: n8n may answer only after the whole run.
pub async fn hand_over(state: &State, n8n: &N8n, execution: Arc<Execution>, endpoint: &str) {
    let url = format!("{}/webhook/{}/{}/{endpoint}", n8n.base_url, fixtures::PROCESS, execution.created.instance);
    let mut request = n8n.client.post(url).json(&body(state, &execution));
    if let Some((name, value)) = &n8n.auth {
        request = request.header(name, value);
    }
    let trouble = match request.send().await {
        Ok(answer) if answer.status().is_success() => return,
        Ok(answer) => format!("n8n answered {}", answer.status()),
        Err(error) => format!("n8n could not be reached: {}", error.without_url()),
    };
    let error = ErrorDetails { r#type: "node_failure".to_owned(), message: trouble, ..ErrorDetails::default() };
    let now = state.now_ms();
    let finished = Finished {
        finished_at: now,
        duration: u64::try_from(now - execution.created.created_at).unwrap_or(0),
        n8n_execution_id: None,
        result: None,
        error: Some(Box::new(error)),
        trace: Trace::default(),
    };
    // A workflow that reported an end before its webhook broke keeps that end.
    state.finish(&execution, finished);
}

/// The user's fields beside `executionMetadata`, which wins over a field of that name.
fn body(state: &State, execution: &Execution) -> Map<String, Value> {
    let fields: Map<String, Value> = serde_json::from_str(execution.created.payload.get()).unwrap_or_default();
    let mut body = fields.clone();
    if read(&state.switches).payload_copy {
        body.insert("payload".to_owned(), fields.into());
    }
    let metadata = runner::metadata(state, execution);
    body.insert("executionMetadata".to_owned(), metadata);
    body
}
