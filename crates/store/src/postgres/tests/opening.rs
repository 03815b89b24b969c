use engine::Store;
use tokio::task::JoinSet;

use super::{super::OpenError, PostgresStore, empty, execute, fresh_postgres, open, server};

async fn refusal(url: &str) -> OpenError {
    match PostgresStore::open(url).await {
        Ok(_) => panic!("this must not open"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let (store, url) = fresh_postgres().await;
    let shared: crate::contract::Shared = std::sync::Arc::new(store);
    let ada = crate::contract::person(&shared, "ada@example.org").await;
    let run = crate::contract::submitting(&shared, &ada, "k").await;
    let again: crate::contract::Shared = std::sync::Arc::new(open(&url).await);
    assert_eq!(crate::contract::read(&again, &run.summary.id).await, run);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_at_once_make_one_database() {
    let url = empty().await;
    let mut starts = JoinSet::new();
    for _ in 0..8 {
        let url = url.clone();
        starts.spawn(async move { open(&url).await.ping().await.expect("it works") });
    }
    starts.join_all().await;
}

#[tokio::test]
async fn a_database_from_the_future_is_refused_and_left_alone() {
    let (_, url) = fresh_postgres().await;
    let future = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9999, 'tomorrow', TRUE, '\\x00', 1)";
    execute(&url, future).await;
    let error = refusal(&url).await;
    assert!(matches!(error, OpenError::Newer { found: 9999, .. }), "{error:?}");
    assert!(error.to_string().contains("install that newer dashboard"), "{error}");
}

#[tokio::test]
async fn a_database_of_something_else_is_refused() {
    let (_, url) = fresh_postgres().await;
    execute(&url, "UPDATE _sqlx_migrations SET checksum = '\\x00'").await;
    assert!(matches!(refusal(&url).await, OpenError::Foreign { version: 1, .. }));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_the_password() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
    let error = refusal(&format!("postgres://me:hunter2@127.0.0.1:{closed}/runs")).await;
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error:?}");
    let said = error.to_string();
    assert!(
        said.contains(&format!("runs at 127.0.0.1:{closed}")) && said.contains("check that the server runs"),
        "{said}"
    );
    assert!(!format!("{error:?}{said}").contains("hunter2"));
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("its number").port();
    let error = refusal(&format!("postgres://me@127.0.0.1:{port}/runs")).await;
    assert!(matches!(error, OpenError::Silent { .. }), "{error:?}");
}

#[tokio::test]
async fn what_the_server_says_becomes_one_sentence() {
    let missing = format!("{}/nowhere", server().rsplit_once('/').expect("a database").0);
    assert!(matches!(refusal(&missing).await, OpenError::Missing { .. }));

    let url = empty().await;
    let name = url.rsplit_once('/').expect("a database").1;
    execute(&url, &format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    let error = refusal(&url).await;
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
    assert!(error.to_string().contains("primary server"), "{error}");

    for bad in ["postgres://me:hunter2@host:port/db", "postgres://"] {
        let error = PostgresStore::open(bad).await.err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    assert!(matches!(refusal("postgres://me:hunter2@host:port/db").await, OpenError::Location));

    let ascii = format!("{}_ascii", name);
    execute(&server(), &format!("CREATE DATABASE {ascii} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")).await;
    let ascii = format!("{}/{ascii}", url.rsplit_once('/').expect("a database").0);
    assert!(matches!(refusal(&ascii).await, OpenError::Encoding { .. }));
}
