//! Takes each change from the engine once and hands it to the mailboxes of all readers.
//!
//! Its cursors say how far it was: `LIFE-N` after the N-th change of this process. Whoever read
//! something from the database at a cursor misses nothing by listening from there on. On a shared
//! database `~PLACE` follows, the place in the sequence of all changes up to which it had told
//! everything: from there another process goes on. A cursor that is too old, or of another process
//! and without a place, means starting over: what the database says is right in any process.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use engine::{Access, Engine};
use model::{LiveEvent, RunId};
use tokio::sync::broadcast::error::RecvError;

use super::mailbox::{Delivered, Mailbox};

/// Changes that are kept for readers who come back.
const KEPT: usize = 1_024;

/// What a reader still has to be told who comes with a cursor.
#[derive(Debug, PartialEq, Eq)]
pub enum Behind {
    /// All of it is in the mailbox.
    Nothing,
    /// What came after this place of another process.
    Place(String),
}

/// A cursor of no process.
pub fn cursor_at(place: &str) -> String {
    format!("~{place}")
}

pub struct Hub {
    /// Random, so that no cursor of another process is taken for one of this.
    life: String,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    position: u64,
    place: Option<Arc<str>>,
    kept: VecDeque<Arc<Delivered>>,
    mailboxes: Vec<Weak<Mailbox>>,
}

impl Hub {
    /// Listens to the engine until it ends.
    pub fn start(engine: &Engine) -> Arc<Self> {
        let hub = Arc::new(Self::new());
        let (mut events, mut places, mut rights) = (engine.events(), engine.place(), engine.rights());
        let listening = hub.clone();
        let stopping = engine.stopping().clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stopping.cancelled() => return,
                    event = events.recv() => match event {
                        Ok(event) => listening.tell(event),
                        Err(RecvError::Lagged(_)) => listening.start_over(),
                        Err(RecvError::Closed) => return,
                    },
                    Ok(()) = places.changed() => {}
                    Ok(()) = rights.changed() => listening.recheck(),
                }
                // Read first: what was told up to a place was sent before it.
                let place = places.borrow_and_update().clone();
                if events.is_empty() {
                    listening.reach(place);
                }
            }
        });
        hub
    }

    fn new() -> Self {
        Self { life: format!("{:016x}", RandomState::new().hash_one(0)), inside: Mutex::default() }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: LiveEvent) {
        let mut inside = self.inside();
        inside.position += 1;
        let told = Arc::new(Delivered { position: inside.position, place: inside.place.clone(), event });
        inside.each(|mailbox| mailbox.put(&told));
        if inside.kept.len() == KEPT {
            inside.kept.pop_front();
        }
        inside.kept.push_back(told);
    }

    fn reach(&self, place: Option<String>) {
        self.inside().place = place.map(Arc::from);
    }

    /// It missed changes itself.
    fn start_over(&self) {
        let mut inside = self.inside();
        inside.position += 1;
        inside.kept.clear();
        inside.each(Mailbox::miss);
    }

    /// Asks all streams to look at their readers' rights now.
    fn recheck(&self) {
        self.inside().each(Mailbox::recheck);
    }

    /// Where it is now.
    pub fn cursor(&self) -> String {
        let inside = self.inside();
        self.at(inside.position, inside.place.as_deref())
    }

    /// Where the reader of this mailbox is; none while there is something in it.
    pub fn reached(&self, mailbox: &Mailbox) -> Option<String> {
        let inside = self.inside();
        mailbox.is_empty().then(|| self.at(inside.position, inside.place.as_deref()))
    }

    /// Where a reader is that was told this.
    pub fn after(&self, told: &Delivered) -> String {
        self.at(told.position, told.place.as_deref())
    }

    fn at(&self, position: u64, place: Option<&str>) -> String {
        match place {
            Some(place) => format!("{}-{position}{}", self.life, cursor_at(place)),
            None => format!("{}-{position}", self.life),
        }
    }

    /// How many readers there are.
    pub fn readers(&self) -> usize {
        let mut inside = self.inside();
        inside.each(|_| {});
        inside.mailboxes.len()
    }

    /// A mailbox that gets everything from now on, or everything after a cursor.
    pub fn join(&self, who: Access, only: Option<RunId>, after: Option<&str>) -> (Arc<Mailbox>, Behind) {
        let mailbox = Arc::new(Mailbox::new(who, only));
        let mut behind = Behind::Nothing;
        let mut inside = self.inside();
        if let Some(after) = after {
            let (here, place) = after.split_once('~').map_or((after, None), |(here, place)| (here, Some(place)));
            match (self.position(here).filter(|after| inside.reaches_back_to(*after)), place) {
                (Some(after), _) => {
                    inside.kept.iter().filter(|told| told.position > after).for_each(|told| mailbox.put(told));
                }
                (None, Some(place)) => behind = Behind::Place(place.to_owned()),
                (None, None) => mailbox.miss(),
            }
        }
        inside.each(|_| {});
        inside.mailboxes.push(Arc::downgrade(&mailbox));
        (mailbox, behind)
    }

    fn position(&self, cursor: &str) -> Option<u64> {
        let (life, position) = cursor.split_once('-')?;
        if life == self.life { position.parse().ok() } else { None }
    }
}

impl Inside {
    /// Forgets those whose readers are gone.
    fn each(&mut self, act: impl Fn(&Mailbox)) {
        self.mailboxes.retain(|mailbox| mailbox.upgrade().inspect(|mailbox| act(mailbox)).is_some());
    }

    /// Whether everything after this position is still there.
    fn reaches_back_to(&self, position: u64) -> bool {
        let oldest = self.kept.front().map_or(self.position + 1, |told| told.position);
        position <= self.position && position + 1 >= oldest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{
        mailbox::Message,
        testing::{event, runner},
    };

    fn hub(changes: u64) -> Hub {
        let hub = Hub::new();
        for number in 1..=changes {
            hub.tell(event(number, '1'));
        }
        hub
    }

    async fn next(mailbox: &Mailbox) -> u64 {
        match mailbox.next().await {
            Message::Event(told) => told.position,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn who_comes_back_gets_what_was_missed_once_and_in_order() {
        let hub = hub(10);
        let mailbox = hub.join(runner('1'), None, Some(&hub.at(7, None))).0;
        hub.tell(event(11, '1'));
        for expected in 8..=11 {
            assert_eq!(next(&mailbox).await, expected);
        }
        assert!(mailbox.is_empty());
        let up_to_date = hub.join(runner('1'), None, Some(&hub.cursor())).0;
        assert!(up_to_date.is_empty());
        let new = hub.join(runner('1'), None, None).0;
        assert!(new.is_empty());
    }

    #[tokio::test]
    async fn a_cursor_that_is_too_old_or_of_another_process_starts_over() {
        let hub = hub(KEPT as u64 + 5);
        assert_eq!(next(&hub.join(runner('1'), None, Some(&hub.at(KEPT as u64, None))).0).await, KEPT as u64 + 1);
        for cursor in
            [hub.at(4, None), hub.at(KEPT as u64 + 6, None), Hub::new().cursor(), "x".into(), "-".into(), String::new()]
        {
            let (mailbox, behind) = hub.join(runner('1'), None, Some(&cursor));
            assert_eq!(behind, Behind::Nothing);
            assert!(matches!(mailbox.next().await, Message::Missed), "{cursor}");
            assert!(mailbox.is_empty());
        }
        // More than a mailbox holds.
        let mailbox = hub.join(runner('1'), None, Some(&hub.at(5, None))).0;
        assert!(matches!(mailbox.next().await, Message::Missed));
    }

    #[tokio::test]
    async fn a_place_takes_a_reader_to_another_process_and_counts_from_when_all_before_it_was_told() {
        let (here, there) = (hub(1), hub(0));
        here.reach(Some("db/1:2:".to_owned()));
        here.tell(event(2, '1'));
        let mailbox = there.join(runner('1'), None, None).0;
        let told = Arc::new(Delivered { position: 2, place: Some("db/1:2:".into()), event: event(2, '1') });
        assert_eq!(here.cursor(), here.after(&told));
        let (mailbox_there, behind) = there.join(runner('1'), None, Some(&here.cursor()));
        assert_eq!(behind, Behind::Place("db/1:2:".to_owned()));
        assert!(mailbox_there.is_empty() && mailbox.is_empty());
        assert_eq!(there.join(runner('1'), None, Some(&cursor_at("db/1:2:"))).1, behind);
        // At home it is not needed.
        assert_eq!(here.join(runner('1'), None, Some(&here.at(1, Some("db/1:2:")))).1, Behind::Nothing);
    }

    #[tokio::test]
    async fn a_hub_that_missed_something_tells_everybody_and_forgets_its_past() {
        let hub = hub(3);
        let mailbox = hub.join(runner('1'), None, None).0;
        let before = hub.cursor();
        hub.start_over();
        assert!(matches!(mailbox.next().await, Message::Missed));
        let back = hub.join(runner('1'), None, Some(&before)).0;
        assert!(matches!(back.next().await, Message::Missed));
    }

    #[tokio::test]
    async fn the_257th_change_that_waits_makes_its_reader_start_over_and_no_other() {
        let hub = hub(0);
        let [asleep, late, quick] = [(); 3].map(|()| hub.join(runner('1'), None, None).0);
        for number in 1..=256 {
            hub.tell(event(number, '1'));
            assert_eq!(next(&quick).await, number);
        }
        assert_eq!(next(&late).await, 1);
        hub.tell(event(257, '1'));
        assert_eq!(next(&quick).await, 257);
        for expected in 2..=257 {
            assert_eq!(next(&late).await, expected);
        }
        assert!(matches!(asleep.next().await, Message::Missed));
        assert_eq!(next(&asleep).await, 257);
        assert!([asleep, late, quick].iter().all(|mailbox| mailbox.is_empty()));
    }

    #[test]
    fn a_reader_has_reached_nothing_while_something_waits() {
        let hub = hub(1);
        let mailbox = hub.join(runner('1'), None, None).0;
        assert_eq!(hub.reached(&mailbox), Some(hub.cursor()));
        hub.tell(event(2, '2'));
        assert_eq!(hub.reached(&mailbox), Some(hub.at(2, None)), "what others did is no news for it");
        hub.tell(event(3, '1'));
        assert_eq!(hub.reached(&mailbox), None);
    }

    #[test]
    fn readers_that_are_gone_are_forgotten() {
        let hub = hub(0);
        let mailbox = hub.join(runner('1'), None, None).0;
        assert_eq!(hub.readers(), 1);
        drop(mailbox);
        assert_eq!(hub.readers(), 0);
    }
}
