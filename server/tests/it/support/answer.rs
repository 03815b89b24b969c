//! Requests and answers in few words.

use reqwest::{
    RequestBuilder,
    header::{HeaderMap, HeaderName},
};
use serde_json::Value;

/// An answer that was read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// A header as text, empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.body))
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The first cookie that was set, as a browser sends it back.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }

    /// A problem document of this status; returns what it says.
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
        problem
    }

    /// A page of this status that shows all of these.
    pub fn shows(&self, status: u16, parts: &[&str]) {
        assert_eq!(self.status, status, "{}", self.body);
        assert!(self.header("content-type").starts_with("text/html"), "{}", self.header("content-type"));
        for part in parts {
            assert!(self.body.contains(part), "“{part}” is not in {}", self.body);
        }
    }
}

pub trait Told {
    fn cookie(self, cookie: &str) -> Self;
    /// A header in place of the one the request has.
    fn instead(self, name: &'static str, value: &str) -> Self;
    /// Sends the request and reads the whole answer.
    fn told(self) -> impl Future<Output = Answer> + Send;
}

impl Told for RequestBuilder {
    fn cookie(self, cookie: &str) -> Self {
        if cookie.is_empty() { self } else { self.header("cookie", cookie) }
    }

    fn instead(self, name: &'static str, value: &str) -> Self {
        self.headers([(HeaderName::from_static(name), value.parse().expect("a value"))].into_iter().collect())
    }

    async fn told(self) -> Answer {
        let response = self.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.text().await.expect("a whole body") }
    }
}
