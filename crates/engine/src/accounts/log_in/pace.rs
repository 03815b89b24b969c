//! How failed log-ins slow down the next ones.
//!
//! Nobody can be locked out: failures only delay. They count for account and address together; many from one address
//! or for one account count, too, the latter only a little, because strangers can bring it about. A browser that its
//! person has logged in with before counts alone.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Attempts from one address, or with one known browser, that may wait at once. One more is refused.
const WAITING: u32 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// An account from an address.
    Pair,
    Address,
    Account,
    /// An account in a browser that is known, or a person who is logged in.
    Known,
}

impl Lane {
    /// Failures without consequences.
    const fn free(self) -> u32 {
        match self {
            Self::Pair | Self::Known => 5,
            Self::Address => 20,
            Self::Account => 50,
        }
    }

    const fn longest(self) -> Duration {
        match self {
            Self::Pair | Self::Address | Self::Known => Duration::from_secs(8),
            Self::Account => Duration::from_secs(2),
        }
    }

    fn delay(self, failures: u32) -> Duration {
        match failures.checked_sub(self.free()) {
            None => Duration::ZERO,
            Some(more) => (Duration::from_millis(500) * (1 << more.min(10))).min(self.longest()),
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pair => "account and address",
            Self::Address => "address",
            Self::Account => "account",
            Self::Known => "account and browser",
        }
    }
}

/// Everything that one attempt counts for.
pub struct Lanes {
    lanes: Vec<(Lane, String)>,
    queue: String,
}

impl Lanes {
    pub fn of_stranger(account: &str, address: &str) -> Self {
        let address = network(address);
        Self {
            lanes: vec![
                (Lane::Pair, format!("pair:{address} {account}")),
                (Lane::Address, format!("address:{address}")),
                (Lane::Account, format!("account:{account}")),
            ],
            queue: format!("address:{address}"),
        }
    }

    pub fn of_browser(account: &str, browser: &str) -> Self {
        Self::of_known(format!("browser:{browser} {account}"))
    }

    pub fn of_person(id: &str) -> Self {
        Self::of_known(format!("person:{id}"))
    }

    fn of_known(key: String) -> Self {
        Self { queue: key.clone(), lanes: vec![(Lane::Known, key)] }
    }

    pub fn keys(&self) -> Vec<String> {
        self.lanes.iter().map(|(_, key)| key.clone()).collect()
    }

    pub fn queue(&self) -> &str {
        &self.queue
    }

    /// How long an attempt waits after so many failures, in the order of [`Self::keys`].
    pub fn delay(&self, failures: &[u32]) -> Duration {
        self.counted(failures).map(|(lane, failures)| lane.delay(failures)).max().unwrap_or_default()
    }

    /// Those that one failure more makes slow.
    pub fn now_slow<'a>(&'a self, failures: &'a [u32]) -> impl Iterator<Item = Lane> + 'a {
        self.counted(failures).filter(|(lane, failures)| failures + 1 == lane.free()).map(|(lane, _)| lane)
    }

    fn counted<'a>(&'a self, failures: &'a [u32]) -> impl Iterator<Item = (Lane, u32)> + 'a {
        self.lanes.iter().zip(failures).map(|((lane, _), failures)| (*lane, *failures))
    }
}

/// What one subscriber has: an address, of IPv6 a network of them.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// The attempts that wait.
#[derive(Debug, Default)]
pub struct Pace(Mutex<HashMap<String, u32>>);

/// One attempt that waits.
#[derive(Debug)]
pub struct Waiting<'a> {
    pace: &'a Pace,
    queue: String,
}

impl Pace {
    /// None when too many wait already.
    pub fn wait(&self, queue: &str) -> Option<Waiting<'_>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = waiting.entry(queue.to_owned()).or_default();
        if *here >= WAITING {
            return None;
        }
        *here += 1;
        Some(Waiting { pace: self, queue: queue.to_owned() })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waiting = self.pace.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = waiting.get_mut(&self.queue) {
            *here -= 1;
            if *here == 0 {
                waiting.remove(&self.queue);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_slow_down_more_and_more_up_to_a_bound() {
        let lanes = Lanes::of_stranger("ada@example.org", "10.0.0.1");
        let delay = |pair, address, account| lanes.delay(&[pair, address, account]).as_millis();
        assert_eq!(delay(4, 19, 49), 0);
        assert_eq!(
            [5, 6, 7, 8, 9, 10, 1_000].map(|pair| delay(pair, 0, 0)),
            [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]
        );
        assert_eq!(delay(0, 24, 0), 8_000);
        assert_eq!(delay(0, 0, 1_000_000), 2_000, "strangers bring little about");
        assert_eq!(lanes.now_slow(&[4, 18, 49]).collect::<Vec<_>>(), [Lane::Pair, Lane::Account]);
    }

    #[test]
    fn a_network_of_ipv6_addresses_counts_as_one() {
        let keys = |address| Lanes::of_stranger("a", address).keys();
        assert_eq!(keys("2001:db8:1:2::1"), keys("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(keys("2001:db8:1:2::1"), keys("2001:db8:1:3::1"));
        assert_ne!(keys("10.0.0.1"), keys("10.0.0.2"));
        assert_eq!(keys("::ffff:10.0.0.1"), keys("10.0.0.1"));
    }

    #[test]
    fn few_wait_at_once() {
        let pace = Pace::default();
        let mut waiting: Vec<_> = (0..WAITING).map(|_| pace.wait("a").expect("a place")).collect();
        assert!(pace.wait("a").is_none());
        assert!(pace.wait("b").is_some(), "others are not affected");
        waiting.pop();
        assert!(pace.wait("a").is_some());
        drop(waiting);
        assert!(pace.0.lock().expect("unpoisoned").is_empty(), "nothing is left behind");
    }
}
