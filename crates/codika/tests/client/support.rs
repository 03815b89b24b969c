use std::{
    io::Write as _,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use codika::{BaseUrl, Caps, Client, ClientConfig, Key, PathStyle, Timeouts, TriggerOutcome};
use flate2::{Compression, write::GzEncoder};
use serde_json::Map;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

pub const INSTANCE: &str = "0198f2a0-0000-7000-8000-00000000a001";
pub const EXECUTION: &str = "0198f2a0-1b2c-7d3e-8f40-00000000e001";
pub const INSTANCE_KEY: &str = "ck_instancekeyinstancekey";
pub const ORG_KEY: &str = "cko_orgkeyorgkeyorgkey";

/// What a server saw.
#[derive(Clone, Default)]
pub struct Seen {
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Seen {
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Whole requests, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// `METHOD path` of each request.
    pub fn lines(&self) -> Vec<String> {
        let line = |request: &String| request.lines().next().unwrap().replace(" HTTP/1.1", "");
        self.requests().iter().map(line).collect()
    }
}

pub struct Server {
    pub address: SocketAddr,
    pub seen: Seen,
}

impl Server {
    /// Hands every connection to `behave` without reading from it.
    pub async fn raw<F, B>(behave: F) -> Self
    where
        F: Fn(TcpStream, Seen) -> B + Send + 'static,
        B: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Seen::default();
        let log = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                log.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(behave(stream, log.clone()));
            }
        });
        Self { address, seen }
    }

    /// Reads one request, writes `answer`, then closes or, with `hold`, leaves the connection open.
    pub async fn answering(answer: impl Into<Vec<u8>>, hold: bool) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        Self::raw(move |mut stream, seen| {
            let answer = Arc::clone(&answer);
            async move {
                read_request(&mut stream, &seen).await;
                stream.write_all(&answer).await.unwrap();
                if hold {
                    std::future::pending::<()>().await;
                }
            }
        })
        .await
    }

    /// Reads whatever comes first, writes `bytes`, closes.
    pub async fn blurting(bytes: &'static [u8]) -> Self {
        Self::raw(move |mut stream, _| async move {
            let mut first = [0; 4096];
            let _read = stream.read(&mut first).await;
            let _written = stream.write_all(bytes).await;
        })
        .await
    }

    /// Answers by the request's first line.
    pub async fn routing(route: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let route = Arc::new(route);
        Self::raw(move |mut stream, seen| {
            let route = Arc::clone(&route);
            async move {
                let request = read_request(&mut stream, &seen).await;
                let answer = route(request.lines().next().unwrap_or_default());
                stream.write_all(&answer).await.unwrap();
            }
        })
        .await
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn config(&self) -> ClientConfig {
        config(&self.url())
    }

    pub fn client(&self) -> Client {
        Client::new(self.config()).unwrap()
    }

    pub async fn trigger(&self) -> TriggerOutcome {
        self.client().trigger("wf", &Map::new()).await
    }
}

/// Both keys, style short, and more time than a busy machine needs.
pub fn config(base_url: &str) -> ClientConfig {
    let mut config = ClientConfig::new(BaseUrl::parse(base_url).unwrap(), INSTANCE);
    config.instance_key = Some(Key::parse(INSTANCE_KEY).unwrap());
    config.org_key = Some(Key::parse(ORG_KEY).unwrap());
    config.path_style = PathStyle::Short;
    config.caps = Caps { request: 1024, trigger_response: 64 * 1024, response: 256 * 1024 };
    config
}

/// As [`config`], for servers that never answer.
pub fn hurried(base_url: &str) -> ClientConfig {
    let short = Duration::from_millis(600);
    let mut config = config(base_url);
    config.timeouts = Timeouts {
        connect: short,
        idle: short,
        trigger: short,
        read: short,
        probe: short,
        probe_again: Duration::from_secs(60),
    };
    config
}

/// Reads head and body of one request and logs it.
pub async fn read_request(stream: &mut TcpStream, seen: &Seen) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .to_ascii_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ").map(|length| length.parse::<usize>().unwrap()));
            if body.len() >= length.unwrap_or(0) {
                seen.requests.lock().unwrap().push(text.clone());
                return text;
            }
        }
        match stream.read(&mut piece).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&piece[..count]),
            _ => return text,
        }
    }
}

pub fn json(status: u16, body: &str) -> Vec<u8> {
    answer(status, "Content-Type: application/json\r\n", body.as_bytes())
}

pub fn html(status: u16) -> Vec<u8> {
    answer(status, "Content-Type: text/html\r\n", b"<html><b>nothing here</b></html>")
}

/// `headers` end with CRLF each.
pub fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status} Whatever\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

pub fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// A JSON answer of `size` bytes once decompressed.
pub fn bomb(size: usize) -> Vec<u8> {
    let body = format!("{{\"success\":true,\"executionId\":\"{}\"}}", "x".repeat(size));
    answer(200, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", &gzip(body.as_bytes()))
}
