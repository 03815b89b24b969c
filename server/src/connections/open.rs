//! All connections that are open, and who makes room when there are too many.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

use ipnet::IpNet;
use tokio_util::sync::CancellationToken;

use super::{
    Caps, Deadlines,
    progress::{Phase, Progress},
};

#[derive(Debug)]
pub struct Open {
    table: Mutex<Table>,
    caps: Caps,
    proxies: Arc<[IpNet]>,
}

#[derive(Debug, Default)]
struct Table {
    next: u64,
    connections: HashMap<u64, Connection>,
    addresses: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Connection {
    /// None when it does not count.
    address: Option<IpAddr>,
    progress: Arc<Progress>,
    evicted: CancellationToken,
}

/// One open connection; gives its place back when it is dropped.
#[derive(Debug)]
pub struct Place {
    open: Arc<Open>,
    number: u64,
    progress: Arc<Progress>,
    evicted: CancellationToken,
}

/// Which of the caps is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    Total(usize),
    Address(IpAddr),
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Total(cap) => write!(f, "all {cap} places are taken by requests under way"),
            Self::Address(address) => write!(
                f,
                "{address} has as many as one address may; if it is a reverse proxy, name it in the trusted proxies"
            ),
        }
    }
}

impl Open {
    pub fn new(caps: Caps, proxies: Arc<[IpNet]>) -> Self {
        Self { table: Mutex::default(), caps, proxies }
    }

    /// A place for a new connection. When there is none, the one that has kept us waiting longest makes room.
    ///
    /// # Errors
    /// When every connection in question is in the middle of an answer.
    pub fn enter(self: &Arc<Self>, peer: IpAddr, deadlines: Deadlines) -> Result<Place, Full> {
        let address = self.counted(peer);
        let mut table = self.lock();
        if let Some(address) = address
            && table.addresses.get(&address).is_some_and(|count| *count >= self.caps.per_address)
            && !table.evict(|connection| connection.address == Some(address))
        {
            return Err(Full::Address(address));
        }
        if table.connections.len() >= self.caps.total && !table.evict(|_| true) {
            return Err(Full::Total(self.caps.total));
        }
        let (progress, evicted) = (Arc::new(Progress::new(deadlines)), CancellationToken::new());
        let number = table.next;
        table.next += 1;
        if let Some(address) = address {
            *table.addresses.entry(address).or_default() += 1;
        }
        let connection = Connection { address, progress: progress.clone(), evicted: evicted.clone() };
        table.connections.insert(number, connection);
        Ok(Place { open: self.clone(), number, progress, evicted })
    }

    pub fn evict_one(&self) {
        self.lock().evict(|_| true);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands for a peer in the count: of IPv6 the network, which one machine has to itself.
    fn counted(&self, peer: IpAddr) -> Option<IpAddr> {
        let peer = peer.to_canonical();
        if peer.is_loopback() || self.proxies.iter().any(|net| net.contains(&peer)) {
            return None;
        }
        Some(match peer {
            IpAddr::V4(_) => peer,
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        })
    }
}

impl Table {
    /// Whether one of these could be ended without cutting off an answer.
    fn evict(&mut self, candidate: impl Fn(&Connection) -> bool) -> bool {
        let waiting = self.connections.iter().filter(|(_, connection)| candidate(connection));
        let standing = waiting.map(|(number, connection)| (connection.progress.standing(), *number));
        let longest = standing.filter(|((phase, _), _)| *phase != Phase::Answer).min();
        let Some((_, number)) = longest else { return false };
        if let Some(connection) = self.forget(number) {
            connection.evicted.cancel();
        }
        true
    }

    fn forget(&mut self, number: u64) -> Option<Connection> {
        let connection = self.connections.remove(&number)?;
        if let Some(address) = &connection.address
            && let Some(count) = self.addresses.get_mut(address)
        {
            *count -= 1;
            if *count == 0 {
                self.addresses.remove(address);
            }
        }
        Some(connection)
    }
}

impl Place {
    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// When it has to make room.
    pub async fn evicted(&self) {
        self.evicted.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.lock().forget(self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const DEADLINES: Deadlines = Deadlines {
        head: Duration::from_secs(1),
        idle: Duration::from_secs(1),
        silence: Duration::from_secs(1),
        body: Duration::from_secs(1),
        write: Duration::from_secs(1),
        linger: Duration::from_secs(1),
        hurry: Duration::from_secs(1),
    };

    fn open(total: usize, per_address: usize, proxies: &[&str]) -> Arc<Open> {
        let proxies = proxies.iter().map(|net| net.parse().expect("a network")).collect();
        Arc::new(Open::new(Caps { total, per_address }, proxies))
    }

    fn enter(open: &Arc<Open>, peer: &str) -> Result<Place, Full> {
        open.enter(peer.parse().expect("an address"), DEADLINES)
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_longest_without_a_request_makes_room_and_no_answer_is_cut_off() {
        let open = open(3, 99, &[]);
        let busy = enter(&open, "203.0.113.1").expect("room");
        busy.progress().asked(false);
        let silent = enter(&open, "203.0.113.2").expect("room");
        tokio::time::advance(Duration::from_millis(1)).await;
        let later = enter(&open, "203.0.113.3").expect("room");
        let new = enter(&open, "203.0.113.4").expect("room was made");
        assert!(silent.evicted.is_cancelled() && !later.evicted.is_cancelled() && !busy.evicted.is_cancelled());
        later.progress().asked(false);
        new.progress().asked(false);
        assert_eq!(enter(&open, "203.0.113.5").err(), Some(Full::Total(3)));
        drop(silent);
        assert_eq!(enter(&open, "203.0.113.5").err(), Some(Full::Total(3)), "its place was given away already");
        drop(later);
        assert!(enter(&open, "203.0.113.5").is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_head_goes_before_an_idle_connection_and_that_before_half_a_body() {
        let open = open(3, 99, &[]);
        let places: Vec<_> = ["203.0.113.1", "203.0.113.2", "203.0.113.3"].map(|peer| enter(&open, peer)).into();
        let [body, idle, head] = &places[..] else { panic!("three") };
        let (body, idle, head) = (body.as_ref().unwrap(), idle.as_ref().unwrap(), head.as_ref().unwrap());
        body.progress().asked(true);
        idle.progress().asked(false);
        idle.progress().answered();
        let gone = || [head, idle, body].map(|place| place.evicted.is_cancelled());
        for expected in [[true, false, false], [true, true, false], [true, true, true]] {
            enter(&open, "203.0.113.9").expect("room was made").progress().asked(false);
            let stays = enter(&open, "203.0.113.9").expect("room was made");
            stays.progress().asked(false);
            std::mem::forget(stays);
            assert_eq!(gone(), expected);
        }
    }

    #[tokio::test]
    async fn one_address_cannot_take_every_place() {
        let open = open(99, 2, &["10.0.0.0/8"]);
        let mut held = Vec::new();
        let mut busy = |peer| {
            let place = enter(&open, peer)?;
            place.progress().asked(false);
            held.push(place);
            Ok(())
        };
        assert_eq!((busy("203.0.113.1"), busy("203.0.113.1")), (Ok(()), Ok(())));
        assert!(matches!(busy("203.0.113.1"), Err(Full::Address(_))));
        assert_eq!(busy("203.0.113.2"), Ok(()), "others have places of their own");
        assert_eq!((busy("2001:db8:1:2::1"), busy("2001:db8:1:2:ffff::2")), (Ok(()), Ok(())));
        assert!(matches!(busy("2001:db8:1:2::3"), Err(Full::Address(_))), "a network of IPv6 is one machine");
        for peer in ["10.1.2.3", "127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            for _ in 0..5 {
                assert_eq!(busy(peer), Ok(()), "everybody may come through {peer}");
            }
        }
    }
}
