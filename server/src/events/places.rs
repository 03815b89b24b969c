//! How many streams are open, for each person and for each address.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use model::UserId;

/// Streams that may be open at once.
#[derive(Clone, Copy, Debug)]
pub struct Caps {
    pub per_person: usize,
    pub per_address: usize,
}

/// Why there is no place for one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    Person,
    Address,
}

#[derive(Debug)]
pub struct Places {
    taken: Arc<Mutex<Taken>>,
    caps: Caps,
}

#[derive(Debug, Default)]
struct Taken {
    people: HashMap<UserId, usize>,
    addresses: HashMap<IpAddr, usize>,
}

/// One open stream; gives its place back when it is dropped.
pub struct Place {
    taken: Arc<Mutex<Taken>>,
    who: UserId,
    address: IpAddr,
}

impl Places {
    pub fn new(caps: Caps) -> Self {
        Self { taken: Arc::default(), caps }
    }

    /// # Errors
    /// Which of the caps is reached.
    pub fn take(&self, who: &UserId, address: IpAddr) -> Result<Place, Full> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.people.get(who).is_some_and(|count| *count >= self.caps.per_person) {
            return Err(Full::Person);
        }
        if taken.addresses.get(&address).is_some_and(|count| *count >= self.caps.per_address) {
            return Err(Full::Address);
        }
        *taken.people.entry(who.clone()).or_default() += 1;
        *taken.addresses.entry(address).or_default() += 1;
        Ok(Place { taken: self.taken.clone(), who: who.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        give_back(&mut taken.people, &self.who);
        give_back(&mut taken.addresses, &self.address);
    }
}

fn give_back<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);

    fn person(last: char) -> UserId {
        UserId::parse(format!("01hzy3v4k5m6n7p8q9r0s1t2v{last}")).expect("well-formed")
    }

    #[test]
    fn a_closed_stream_makes_room_for_its_person_and_its_address() {
        let places = Places::new(Caps { per_person: 1, per_address: 2 });
        let first = places.take(&person('1'), HERE);
        assert!(first.is_ok());
        assert_eq!(places.take(&person('1'), THERE).err(), Some(Full::Person));
        let _second = places.take(&person('2'), HERE).expect("another person");
        assert_eq!(places.take(&person('3'), HERE).err(), Some(Full::Address));
        drop(first);
        assert!(places.take(&person('1'), HERE).is_ok());
    }

    #[test]
    fn a_refused_stream_takes_no_place() {
        let places = Places::new(Caps { per_person: 5, per_address: 1 });
        let first = places.take(&person('1'), HERE).expect("room");
        for _ in 0..10 {
            assert_eq!(places.take(&person('1'), HERE).err(), Some(Full::Address));
        }
        drop(first);
        let held: Vec<_> = [HERE, THERE].map(|address| places.take(&person('1'), address)).into_iter().collect();
        assert!(held.iter().all(Result::is_ok));
    }
}
