//! What one reader has yet to be told. It is bounded: whoever reads too slowly is told to start over
//! and holds up nobody.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use engine::{
    Access,
    policy::{self, Act},
};
use model::{LiveEvent, RunId};
use tokio::sync::Notify;

/// Events that wait for one reader.
pub const CAPACITY: usize = 256;

/// A change with its place in the order in which this process told of changes.
#[derive(Debug)]
pub struct Delivered {
    pub position: u64,
    /// Up to where in the sequence of all changes everything had been told before, on a shared database.
    pub place: Option<Arc<str>>,
    pub event: LiveEvent,
}

#[derive(Debug)]
pub enum Message {
    Event(Arc<Delivered>),
    /// Something was missed: what the reader shows may be out of date.
    Missed,
    /// The reader's rights may have changed.
    Recheck,
}

pub struct Mailbox {
    inside: Mutex<Inside>,
    news: Notify,
}

struct Inside {
    who: Arc<Access>,
    only: Option<RunId>,
    waiting: VecDeque<Arc<Delivered>>,
    missed: bool,
    recheck: bool,
}

impl Mailbox {
    /// For what `who` may see, or of that only one run.
    pub fn new(who: Access, only: Option<RunId>) -> Self {
        let inside = Inside { who: Arc::new(who), only, waiting: VecDeque::new(), missed: false, recheck: false };
        Self { inside: Mutex::new(inside), news: Notify::new() }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn put(&self, told: &Arc<Delivered>) {
        let mut inside = self.inside();
        let inside = &mut *inside;
        let wanted = policy::allows(&inside.who, Act::See(&told.event.run))
            && inside.only.as_ref().is_none_or(|only| *only == told.event.run.id);
        if !wanted {
            return;
        }
        if inside.waiting.len() == CAPACITY {
            // Starting over covers what waits, too.
            inside.waiting.clear();
            inside.missed = true;
        }
        inside.waiting.push_back(told.clone());
        self.news.notify_one();
    }

    pub fn miss(&self) {
        let mut inside = self.inside();
        inside.waiting.clear();
        inside.missed = true;
        self.news.notify_one();
    }

    pub fn recheck(&self) {
        self.inside().recheck = true;
        self.news.notify_one();
    }

    /// The one run that it is for, if it is.
    pub fn only(&self) -> Option<RunId> {
        self.inside().only.clone()
    }

    pub fn who(&self) -> Arc<Access> {
        self.inside().who.clone()
    }

    /// From here on for a person with these rights. Where they have changed, what waits and what the reader shows may
    /// be more or less than it should see.
    pub fn readdress(&self, who: Access) {
        let mut inside = self.inside();
        if inside.who.scope != who.scope {
            inside.waiting.clear();
            inside.missed = true;
            self.news.notify_one();
        }
        inside.who = Arc::new(who);
    }

    pub fn is_empty(&self) -> bool {
        let inside = self.inside();
        inside.waiting.is_empty() && !inside.missed
    }

    /// The next letter; nothing is lost when the future is dropped before its end.
    pub async fn next(&self) -> Message {
        loop {
            if let Some(letter) = self.take() {
                return letter;
            }
            self.news.notified().await;
        }
    }

    fn take(&self) -> Option<Message> {
        let mut inside = self.inside();
        if std::mem::take(&mut inside.recheck) {
            return Some(Message::Recheck);
        }
        if std::mem::take(&mut inside.missed) {
            return Some(Message::Missed);
        }
        inside.waiting.pop_front().map(Message::Event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::testing::{event, runner};

    fn told(position: u64, owner: char) -> Arc<Delivered> {
        Arc::new(Delivered { position, place: None, event: event(position, owner) })
    }

    #[tokio::test]
    async fn holds_what_its_reader_may_see_in_order() {
        let mailbox = Mailbox::new(runner('1'), None);
        for position in 1..=6 {
            mailbox.put(&told(position, if position % 2 == 0 { '1' } else { '2' }));
        }
        for expected in [2, 4, 6] {
            let Message::Event(told) = mailbox.next().await else { panic!("an event") };
            assert_eq!(told.position, expected);
        }
        assert!(mailbox.is_empty());
    }

    #[tokio::test]
    async fn a_reader_that_falls_behind_is_told_to_start_over_and_goes_on_from_there() {
        let mailbox = Mailbox::new(runner('1'), None);
        for position in 0..CAPACITY as u64 {
            mailbox.put(&told(position, '1'));
        }
        let Message::Event(first) = mailbox.next().await else { panic!("nothing is lost while there is room") };
        assert_eq!(first.position, 0);
        for position in 300..302 {
            mailbox.put(&told(position, '1'));
        }
        assert!(matches!(mailbox.next().await, Message::Missed));
        let Message::Event(next) = mailbox.next().await else { panic!("an event") };
        assert_eq!(next.position, 301);
        assert!(mailbox.is_empty());
    }

    #[tokio::test]
    async fn new_rights_count_from_the_next_event_on() {
        let mailbox = Mailbox::new(runner('1'), None);
        mailbox.put(&told(1, '1'));
        mailbox.recheck();
        assert!(matches!(mailbox.next().await, Message::Recheck), "before anything that waits");
        assert!(matches!(mailbox.next().await, Message::Event(_)));
        mailbox.put(&told(2, '1'));
        mailbox.readdress(runner('1'));
        assert!(matches!(mailbox.next().await, Message::Event(_)), "the same rights change nothing");
        mailbox.put(&told(3, '1'));
        mailbox.readdress(runner('2'));
        assert!(matches!(mailbox.next().await, Message::Missed), "what is shown may have to go");
        mailbox.put(&told(4, '1'));
        assert!(mailbox.is_empty(), "nor is told what waited");
    }
}
