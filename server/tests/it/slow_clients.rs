//! Clients that say nothing, half a head or half a body, beside those who want something.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use reqwest::{Client, redirect::Policy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{PATIENCE, Process, TestApp, Told, id, text};

/// More than all files that the program may have.
const SLOW: usize = 900;
const FILES: u32 = 512;
const NORMAL: usize = 300;

/// What a slow client has sent before it falls silent.
const BEGINNINGS: [&str; 3] = [
    "",
    "GET /login HTTP/1.1\r\nhost: x\r\nx-slow: ",
    "POST /login HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\nemail=",
];

async fn slow_client(address: &str, which: usize) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let beginning = BEGINNINGS[which % BEGINNINGS.len()];
    stream.write_all(beginning.as_bytes()).await.ok()?;
    Some(stream)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn slow_clients_stop_nobody() {
    rlimit::increase_nofile_limit(4_096).expect("files for the clients");
    let mut app = TestApp::start().await;
    let token = app.token().await;
    app.get("/api/v1/workflows?environment=dev").bearer_auth(&token).told().await;
    app.stop_server().await;
    let process = Process::serve_with_files(app.settings(), Some(FILES));
    app.base = process.base.clone();
    // Every request on a connection of its own.
    app.client = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .timeout(PATIENCE)
        .build()
        .expect("a client");
    let address = app.base.trim_start_matches("http://").to_owned();
    app.get("/login").told().await;

    let slow = stream::iter(0..SLOW).map(|which| slow_client(&address, which)).buffer_unordered(50);
    let slow: Vec<_> = slow.filter_map(async |stream| stream).collect().await;
    assert!(slow.len() > SLOW / 2, "only {} came in", slow.len());

    let mut runs = Vec::new();
    let mut took = Vec::new();
    for i in 0..NORMAL {
        let began = Instant::now();
        if i % 10 == 0 {
            runs.push(app.start_run(&token, "text-summary", text("One sentence.")).await);
        } else {
            assert_eq!(app.get(["/login", "/healthz"][i % 2]).told().await.status, 200);
        }
        took.push(began.elapsed());
    }
    took.sort();
    let p99 = took[NORMAL * 99 / 100];
    assert!(p99 < Duration::from_millis(500), "{p99:?}; {}", process.log());
    for run in &runs {
        app.until(&token, id(run), "success").await;
    }
    assert!(process.log().contains("connections are fewer than asked for"), "{}", process.log());
    drop(slow);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_is_answered_before_the_end_of_a_body_can_read_the_answer() {
    let app = TestApp::start().await;
    let address = app.base.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("a connection");
    let head = format!(
        "POST /dev/add-workflow HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         origin: http://{address}\r\ncontent-length: 3000000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut first = [0; 12];
    tokio::time::timeout(Duration::from_secs(5), stream.read_exact(&mut first)).await.expect("in time").expect("read");
    assert_eq!(&first, b"HTTP/1.1 303", "nobody waits for the body of a guest");
    // A browser sends on before it reads.
    for _ in 0..30 {
        stream.write_all(&[b'x'; 100_000]).await.expect("still heard");
    }
    let mut rest = String::new();
    tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut rest))
        .await
        .expect("in time")
        .expect("read");
    assert!(rest.contains("location: /login?next=/dev/add-workflow"), "{rest}");
}

/// What HTTP/2 can be abused for is not there.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn http_2_is_not_spoken() {
    let app = TestApp::start().await;
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).await.expect("a connection");
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.expect("sent");
    let mut said = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut said)).await;
    // It may end with a broken connection.
    let _ = ended.expect("an end");
    assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&said));
}
