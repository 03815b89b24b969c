use axum::{
    body::Bytes,
    http::StatusCode,
    routing::{get, post},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::JoinHandle,
    time::timeout,
};

use super::*;

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(20);

/// Nothing ends by itself within a test.
const PATIENT: Deadlines =
    Deadlines { head: LONG, idle: LONG, silence: LONG, body: LONG, write: LONG, linger: LONG, hurry: LONG };

struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

async fn running(total: usize, deadlines: Deadlines) -> Running {
    let router = Router::new()
        .route("/peer", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()))
        .route("/length", post(async |body: Bytes| body.len().to_string()))
        .route("/refused", post(async || StatusCode::FORBIDDEN))
        .route("/large", get(async || vec![b'x'; 50_000_000]))
        .route("/slow", get(async || tokio::time::sleep(SHORT * 2).await));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let stop = CancellationToken::new();
    let caps = Caps { total, per_address: 1 };
    let server = Server::new(router, caps, Arc::default(), stop.clone()).with_deadlines(deadlines);
    Running { address, stop, task: tokio::spawn(server.serve(listener)) }
}

impl Running {
    async fn connect(&self, first: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        stream.write_all(first.as_bytes()).await.expect("sent");
        stream
    }
}

/// All that comes until the connection ends, whichever way.
async fn told(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let ended = timeout(Duration::from_secs(5), stream.read_to_end(&mut said)).await;
    let _ = ended.expect("an end in time");
    String::from_utf8(said).expect("text")
}

/// Whether the connection stays for now.
async fn stays(stream: &mut TcpStream) -> bool {
    timeout(SHORT, stream.read(&mut [0; 1])).await.is_err()
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 4096];
    let length = timeout(Duration::from_secs(5), stream.read(&mut bytes)).await.expect("in time").expect("an answer");
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

#[tokio::test]
async fn a_head_has_to_be_whole_in_time_from_its_first_byte() {
    let server = running(9, Deadlines { head: SHORT, ..PATIENT }).await;
    for beginning in ["", "GET /peer HTTP/1.1\r\nhost: x\r\n"] {
        assert_eq!(told(&mut server.connect(beginning).await).await, "", "{beginning}");
    }
    let mut stream = server.connect("GET /peer HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer(&mut stream).await.ends_with("127.0.0.1"));
    assert!(stays(&mut stream).await, "between two requests there is more time");
    stream.write_all(b"G").await.expect("sent");
    assert_eq!(told(&mut stream).await, "");
}

#[tokio::test]
async fn an_idle_connection_ends_and_one_that_waits_for_its_answer_does_not() {
    let server = running(9, Deadlines { idle: SHORT, ..PATIENT }).await;
    let mut stream = server.connect("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(told(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_body_has_to_come_in_time() {
    let head = "POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n12345";
    let server = running(9, Deadlines { silence: SHORT, ..PATIENT }).await;
    assert!(told(&mut server.connect(head).await).await.starts_with("HTTP/1.1 400"));
    let server = running(9, Deadlines { silence: SHORT, body: SHORT * 2, linger: SHORT, ..PATIENT }).await;
    let mut stream = server.connect(head).await;
    let (mut reading, mut writing) = stream.split();
    let drip = async {
        for _ in 0..4 {
            tokio::time::sleep(SHORT / 2).await;
            let _ = writing.write_all(b"6").await;
        }
        std::future::pending::<()>().await;
    };
    let mut said = String::new();
    tokio::select! {
        _ = timeout(Duration::from_secs(5), reading.read_to_string(&mut said)) => {}
        () = drip => {}
    }
    assert!(said.starts_with("HTTP/1.1 400"), "drop by drop takes too long as well: {said}");
}

#[tokio::test]
async fn a_peer_that_does_not_read_does_not_hold_an_answer_for_ever() {
    let server = running(1, Deadlines { write: SHORT, ..PATIENT }).await;
    let _deaf = server.connect("GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(SHORT * 2).await;
    let mut other = server.connect("GET /peer HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer(&mut other).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn silent_connections_make_room_and_requests_under_way_do_not() {
    let server = running(2, PATIENT).await;
    let mut silent = server.connect("").await;
    let _other = server.connect("").await;
    let mut asking = server.connect("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(told(&mut silent).await, "");
    let mut also = server.connect("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    // Both are worked off by now.
    tokio::time::sleep(SHORT / 2).await;
    let refused = told(&mut server.connect("").await).await;
    assert!(refused.starts_with("HTTP/1.1 503") && refused.ends_with("in a few seconds."), "{refused}");
    let (length, body) = (refused.split("content-length: ").nth(1), refused.split("\r\n\r\n").nth(1));
    let length = length.and_then(|rest| rest.split("\r\n").next());
    assert_eq!(length, body.map(|body| body.len().to_string()).as_deref());
    assert!(answer(&mut asking).await.starts_with("HTTP/1.1 200"));
    assert!(answer(&mut also).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_stop_waits_for_answers_and_for_nobody_else() {
    let server = running(9, PATIENT).await;
    let mut idle = server.connect("GET /peer HTTP/1.1\r\nhost: x\r\n\r\n").await;
    answer(&mut idle).await;
    let mut asking = server.connect("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(SHORT / 2).await;
    server.stop.cancel();
    assert_eq!(told(&mut idle).await, "");
    assert!(told(&mut asking).await.starts_with("HTTP/1.1 200"));
    timeout(Duration::from_secs(5), server.task).await.expect("an end").expect("no panic");
}

#[tokio::test]
async fn a_stop_hears_out_nobody_for_long() {
    let server = running(9, Deadlines { hurry: SHORT, ..PATIENT }).await;
    let mut sending = server.connect("POST /refused HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n").await;
    assert!(answer(&mut sending).await.starts_with("HTTP/1.1 403"));
    sending.write_all(&[b'x'; 500]).await.expect("heard out");
    server.stop.cancel();
    timeout(Duration::from_secs(5), server.task).await.expect("an end").expect("no panic");
}
