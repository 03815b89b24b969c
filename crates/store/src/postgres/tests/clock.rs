//! The server's clock is set while replicas hold leases by it.

use std::sync::Arc;

use engine::store::{ClaimScope, Cluster};

use super::{PostgresStore, cluster::STEADY, empty, execute, open};
use crate::contract::{Shared, person, replica, submitting};

/// Stands in front of the server's own clock.
const CLOCK: &str = "
CREATE SCHEMA skew;
CREATE TABLE skew.clock (ahead INTERVAL NOT NULL);
INSERT INTO skew.clock VALUES ('0');
CREATE FUNCTION skew.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM skew.clock';
";

/// A store on a database whose clock can be set, with a run of `first`; `first` and `second` have a lease.
async fn with_two() -> (Arc<PostgresStore>, Shared, String) {
    let url = empty().await;
    execute(&url, CLOCK).await;
    let name = url.rsplit_once('/').expect("a database").1;
    execute(&url, &format!("ALTER DATABASE {name} SET search_path = public, skew, pg_catalog")).await;
    let store = Arc::new(open(&url).await);
    let shared: Shared = store.clone();
    let ada = person(&shared, "ada@example.org").await;
    submitting(&shared, &ada, "k").await;
    for name in ["first", "second"] {
        store.renew(&replica(name)).await.expect("renewed");
        assert!(store.renew(&replica(name)).await.expect("renewed"));
    }
    execute(&url, STEADY).await;
    (store, shared, url)
}

async fn set_clock(url: &str, ahead: &str) {
    execute(url, &format!("UPDATE skew.clock SET ahead = '{ahead}'")).await;
}

const JUMPS: [&str; 4] = ["1 hour", "7 seconds", "-13 seconds", "-1 hour"];

#[tokio::test]
async fn a_clock_that_jumps_ends_every_lease() {
    for ahead in JUMPS {
        let (store, _, url) = with_two().await;
        set_clock(&url, ahead).await;
        for name in ["first", "second"] {
            assert!(!store.renew(&replica(name)).await.expect("renewed"), "{ahead}: others may have claimed");
            assert!(store.renew(&replica(name)).await.expect("renewed"), "{ahead}: it is a new one");
        }
    }
}

#[tokio::test]
async fn whose_own_lease_ended_with_a_jump_claims_nothing() {
    for ahead in JUMPS {
        let (store, shared, url) = with_two().await;
        set_clock(&url, ahead).await;
        let claim = async || shared.claim(&replica("second"), ClaimScope::Expired, 10).await.expect("an answer");
        assert_eq!(claim().await, [], "{ahead}");
        // The first one's turn to renew comes later.
        store.renew(&replica("second")).await.expect("renewed");
        assert_eq!(claim().await, [], "{ahead}, with a lease again");
    }
}

#[tokio::test]
async fn a_holder_whose_run_was_claimed_is_told_whatever_the_clock_says() {
    for ahead in JUMPS {
        let (store, shared, url) = with_two().await;
        set_clock(&url, ahead).await;
        store.renew(&replica("second")).await.expect("renewed");
        execute(&url, "UPDATE replicas SET since = 1 WHERE id = 'second'").await;
        assert_eq!(
            shared.claim(&replica("second"), ClaimScope::Expired, 10).await.expect("an answer").len(),
            1,
            "{ahead}"
        );
        set_clock(&url, "0").await;
        assert!(!store.renew(&replica("first")).await.expect("renewed"), "{ahead}, and back");
    }
}
