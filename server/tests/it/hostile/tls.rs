//! A certificate that has expired.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use crate::support::{EMAIL, PASSWORD, PATIENCE, Told};

/// The program with a Codika behind TLS. It is a process of its own, because the authority it
/// trusts is a matter of its environment.
struct Program {
    child: Child,
    base: String,
    token: String,
    _folder: TempDir,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(folder: TempDir, authority: &Path, upstream: SocketAddr) -> Program {
    let database = format!("sqlite://{}", folder.path().join("test.db").display());
    let command = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codika-dashboard"));
        command
            .args(arguments)
            .env_clear()
            .env("SSL_CERT_FILE", authority)
            .env("DASHBOARD_LISTEN", "127.0.0.1:0")
            .env("DASHBOARD_DATABASE_URL", &database)
            .env("DASHBOARD_ADMIN_EMAIL", EMAIL)
            .env("DASHBOARD_ADMIN_PASSWORD", PASSWORD)
            .env("CODIKA_BASE_URL", format!("https://localhost:{}", upstream.port()))
            .env("CODIKA_PATH_STYLE", "short")
            .env("DEV_PROCESS_INSTANCE_ID", "019a0000-0000-7000-8000-00000000d001")
            .env("DEV_CODIKA_API_KEY", "ck_test_of_certificates")
            .stdin(Stdio::null());
        command
    };
    let mut child = command(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("started");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    let base = line.split_whitespace().find(|word| word.starts_with("http://")).expect("an address");
    let base = base.trim_end_matches("/login").to_owned();
    let token = command(&["token", "create", "--user", EMAIL, "--name", "tls"]).output().expect("an end");
    let token = String::from_utf8(token.stdout).expect("text").trim().to_owned();
    Program { child, base, token, _folder: folder }
}

/// Accepts every trigger, under a certificate for `localhost` that is good until the end of `year`.
async fn upstream(authority: &CertifiedIssuer<'_, KeyPair>, year: i32) -> SocketAddr {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(year, 12, 31);
    let certificate = params.signed_by(&key, authority).expect("signed");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("a usable certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut request = [0; 8192];
                let _ = stream.read(&mut request).await;
                let body = r#"{"success":true,"executionId":"tls-1","execution":{"status":"pending"}}"#;
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_23_an_expired_certificate_is_tls_failed_and_never_overlooked() {
    // Fails only when it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
    for (year, status, says) in [(2999, "pending", ""), (2021, "not_sent", "TLS failed")] {
        let folder = tempfile::tempdir().expect("a folder");
        let trusted = folder.path().join("authority.pem");
        std::fs::write(&trusted, authority.pem()).expect("written");
        let program = program(folder, &trusted, upstream(&authority, year).await);
        let body = json!({ "environment": "dev", "workflow": "any", "input": {} });
        let runs = format!("{}/api/v1/runs", program.base);
        let run = client.post(&runs).bearer_auth(&program.token).json(&body).told().await.json();
        let path = format!("{runs}/{}", run["id"].as_str().expect("an id"));
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let run = loop {
            let run = client.get(&path).bearer_auth(&program.token).told().await.json();
            if run["status"] == status {
                break run;
            }
            assert!(tokio::time::Instant::now() < deadline, "never became {status}: {run}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        };
        let message = run["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(says), "{run}");
        let hint = run["error"]["hint"].as_str().unwrap_or_default();
        assert!(says.is_empty() || hint.contains("check the certificate") && hint.contains("safe to send"), "{run}");
    }
}
