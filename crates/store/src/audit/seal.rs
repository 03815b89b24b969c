//! Seals: each covers a range of entries and the seal before it.

use std::{fmt, str::FromStr};

use super::{
    entry::{Mac, Sealable},
    key::{AuditKey, AuditKeys, hex},
};

#[derive(Clone, Debug, PartialEq)]
pub struct Seal {
    /// From 1, without gaps.
    pub number: i64,
    /// Position of the first entry it covers.
    pub first: i64,
    pub last: i64,
    pub at: i64,
    /// The master key whose audit key made it. Never an older one than that of the seal before.
    pub key_id: i64,
    /// Its entries were written before there was a key and have no MAC. Only the first seal may say so.
    pub unkeyed: bool,
    pub hash: Vec<u8>,
}

impl Seal {
    /// The next seal over `entries`, which continue where `before` ended. None when there are no entries.
    pub fn over(before: Option<&Self>, entries: &[Sealable], at: i64, keys: &AuditKeys) -> Option<Self> {
        let mut seal = Self {
            number: before.map_or(0, |seal| seal.number) + 1,
            first: entries.first()?.position,
            last: entries.last()?.position,
            at,
            key_id: keys.current(),
            unkeyed: before.is_none() && entries.iter().all(|entry| entry.mac.is_none()),
            hash: Vec::new(),
        };
        seal.hash = seal.expected(before, entries, keys.get(seal.key_id)?).to_vec();
        Some(seal)
    }

    pub(super) fn expected(&self, before: Option<&Self>, entries: &[Sealable], key: &AuditKey) -> Mac {
        let before = before.map_or_else(Vec::new, |seal| seal.hash.clone());
        let numbers = [self.number, self.first, self.last, self.at, i64::from(self.unkeyed)].map(i64::to_be_bytes);
        let macs: Vec<_> = entries.iter().map(|entry| entry.sealed_mac(key)).collect();
        let parts = numbers.iter().map(<[u8; 8]>::as_slice).chain(macs.iter().map(Vec::as_slice));
        key.mac(b"seal", std::iter::once(before.as_slice()).chain(parts))
    }

    pub fn head(&self) -> Head {
        Head { number: self.number, hash: hex(&self.hash) }
    }
}

/// The newest seal, short enough to be written down elsewhere: `NUMBER:HASH`.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub number: i64,
    pub hash: String,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

impl FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a head looks like 17:3f6c…, with 64 hexadecimal digits behind the colon";
        let (number, hash) = text.trim().split_once(':').ok_or(FORM)?;
        let number = number.parse().map_err(|_| FORM)?;
        let well_formed = hash.len() == 64 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
        if well_formed { Ok(Self { number, hash: hash.to_ascii_lowercase() }) } else { Err(FORM) }
    }
}
