//! Walks the trail and names the first entry that is not as it was written.

use subtle::ConstantTimeEq;

use super::{
    entry::Sealable,
    key::AuditKeys,
    seal::{Head, Seal},
};

/// What is wrong, and where first.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    #[error("entry {position} is not as it was written: content and authentication code do not belong together")]
    Changed { position: i64 },
    #[error("entry {position} was not written by the dashboard: it has no authentication code")]
    Foreign { position: i64 },
    #[error("entry {position} is missing")]
    Missing { position: i64 },
    #[error("seal {number} is missing")]
    SealMissing { number: i64 },
    #[error(
        "seal {number} does not fit entries {first} to {last}: each is genuine, but their order or the seal was changed"
    )]
    SealChanged { number: i64, first: i64, last: i64 },
    #[error("entry {position} has a place in the trail, but no seal covers it")]
    Unsealed { position: i64 },
    #[error("an entry that waits for its seal is not as it was written: {action} of {subject}, id {id} in the table")]
    TailChanged { id: i64, action: String, subject: String },
    #[error(
        "two entries carry the same authentication code: one is a copy ({action} of {subject}, the later one has id {id} in the table)"
    )]
    Copied { id: i64, action: String, subject: String },
    #[error("the trail does not contain the head {0}: its end was cut off, or it is another trail")]
    HeadUnknown(String),
}

/// What `verify` found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub sealed: u64,
    /// Entries too young to be sealed.
    pub waiting: u64,
    /// When the oldest of these was written, milliseconds since 1970.
    pub waiting_since: Option<i64>,
    pub head: Option<Head>,
    pub fault: Option<Fault>,
}

/// Is given the seals in order, each with its entries, then the entries without one.
pub struct Verifier<'a> {
    keys: &'a AuditKeys,
    /// A head that was written down elsewhere.
    expected: Option<Head>,
    before: Option<Seal>,
    report: Report,
}

impl<'a> Verifier<'a> {
    pub fn new(keys: &'a AuditKeys, expected: Option<Head>) -> Self {
        Self { keys, expected, before: None, report: Report::default() }
    }

    /// Entries in order of position.
    pub fn seal(&mut self, seal: Seal, entries: &[Sealable]) {
        if self.report.fault.is_none() {
            self.report.fault = self.fault_in(&seal, entries);
        }
        self.report.sealed += entries.len() as u64;
        if self.expected.as_ref() == Some(&seal.head()) {
            self.expected = None;
        }
        self.before = Some(seal);
    }

    fn fault_in(&self, seal: &Seal, entries: &[Sealable]) -> Option<Fault> {
        let number = self.before.as_ref().map_or(0, |before| before.number) + 1;
        if seal.number != number {
            return Some(Fault::SealMissing { number });
        }
        let mut position = self.before.as_ref().map_or(0, |before| before.last) + 1;
        let changed = Fault::SealChanged { number, first: seal.first, last: seal.last };
        // An old key that somebody has got hold of seals nothing any more.
        let older = self.before.as_ref().is_some_and(|before| before.key_id > seal.key_id);
        if seal.first != position || (seal.unkeyed && number != 1) || older {
            return Some(changed);
        }
        for entry in entries {
            if entry.position != position {
                return Some(Fault::Missing { position });
            }
            match entry.mac {
                None if seal.unkeyed => {}
                None => return Some(Fault::Foreign { position }),
                Some(_) if entry.is_genuine(self.keys) => {}
                Some(_) => return Some(Fault::Changed { position }),
            }
            position += 1;
        }
        if position <= seal.last {
            return Some(Fault::Missing { position });
        }
        let fits = self.keys.get(seal.key_id).is_some_and(|key| {
            bool::from(seal.expected(self.before.as_ref(), entries, key).ct_eq(seal.hash.as_slice()))
        });
        (!fits).then_some(changed)
    }

    /// An entry beyond the last seal.
    pub fn tail(&mut self, entry: &Sealable) {
        let fault = (entry.position > 0).then_some(Fault::Unsealed { position: entry.position }).or_else(|| {
            (!entry.is_genuine(self.keys)).then(|| Fault::TailChanged {
                id: entry.id,
                action: entry.action.clone(),
                subject: entry.subject.clone(),
            })
        });
        if self.report.fault.is_none() {
            self.report.fault = fault;
        }
        self.report.waiting += 1;
        self.report.waiting_since = Some(self.report.waiting_since.map_or(entry.at, |since| since.min(entry.at)));
    }

    /// An entry whose code another one has too.
    pub fn copied(&mut self, entry: Sealable) {
        if self.report.fault.is_none() {
            self.report.fault = Some(Fault::Copied { id: entry.id, action: entry.action, subject: entry.subject });
        }
    }

    pub fn finish(mut self) -> Report {
        if let (None, Some(head)) = (&self.report.fault, self.expected) {
            self.report.fault = Some(Fault::HeadUnknown(head.to_string()));
        }
        self.report.head = self.before.as_ref().map(Seal::head);
        self.report
    }
}

#[cfg(test)]
mod tests;
