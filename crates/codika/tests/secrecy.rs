//! No key in any `Debug`, message or log line, even when upstream repeats it.
//!
//! A program of its own: the log of a whole process is captured.

#[expect(dead_code, reason = "shared with the other tests")]
#[path = "client/support.rs"]
mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};

use codika::{Client, ClientConfig, ExecutionId, Key, PathStyle};
use serde_json::Map;
use tracing_subscriber::fmt::MakeWriter;

use support::{Server, answer, config, json};

const CANARY: &str = "canary0123456789";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn with_canaries(mut config: ClientConfig) -> Client {
    config.instance_key = Some(Key::parse(&format!("ck_i{CANARY}")).unwrap());
    config.org_key = Some(Key::parse(&format!("cko_o{CANARY}")).unwrap());
    config.path_style = PathStyle::Auto;
    Client::new(config).unwrap()
}

/// Everything a caller can print after every kind of call.
async fn everything_printed(client: &Client) -> String {
    let id = ExecutionId::parse("e1").unwrap();
    let status = client.status(&id).await;
    let skills = client.skills().await;
    let trigger = client.trigger("wf", &Map::new()).await;
    let verify = client.verify().await;
    let words = [
        status.as_ref().err().map(ToString::to_string),
        skills.as_ref().err().map(ToString::to_string),
        verify.as_ref().err().map(ToString::to_string),
    ];
    format!("{client:?}\n{:?}\n{status:?}\n{skills:?}\n{trigger:?}\n{verify:?}\n{words:?}", client.config())
}

#[tokio::test]
async fn no_key_is_printed_or_logged() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let repeated = format!("Invalid key ck_i{CANARY} or cko_o{CANARY}.");
    let page = format!("<html>{repeated}</html>");
    let answers = [
        json(
            401,
            &format!(r#"{{"success":false,"error":"{repeated}","code":"ck_i{CANARY}","requestId":"cko_o{CANARY}"}}"#),
        ),
        json(403, &format!(r#"{{"success":false,"error":{{"message":"{repeated}","code":"X"}}}}"#)),
        json(200, &format!(r#"{{"success":false,"executionId":"e1","error":"{repeated}"}}"#)),
        json(200, &format!(r#"{{"execution":{{"status":"failed","errorDetails":{{"message":"{repeated}"}}}}}}"#)),
        answer(200, "", page.as_bytes()),
        answer(500, "", page.as_bytes()),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec(),
        b"garbage\r\n".to_vec(),
    ];
    for answer in answers {
        let server = Server::answering(answer, false).await;
        let printed = everything_printed(&with_canaries(server.config())).await;
        assert!(!server.seen.requests().is_empty());
        assert!(server.seen.requests()[0].contains(CANARY), "the key did travel");
        assert!(!printed.contains(CANARY), "{printed}");
    }
    let unreachable = everything_printed(&with_canaries(config("https://127.0.0.1:1"))).await;
    assert!(!unreachable.contains(CANARY), "{unreachable}");

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("answered"), "the log was captured");
    assert!(!logged.contains(CANARY), "{logged}");
}
