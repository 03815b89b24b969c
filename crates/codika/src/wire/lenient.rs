//! Readers for members that upstream may omit, null, or send in another type.
//!
//! All go through a raw value, so one odd member never fails the whole document, however deep or
//! out of range it is. They work with `serde_json` deserializers only.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;

fn raw<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Option::<Box<RawValue>>::deserialize(from)
}

/// A member of type `T`; anything else counts as absent.
pub fn maybe<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    Ok(raw(from)?.and_then(|raw| serde_json::from_str(raw.get()).ok()))
}

/// A member of type `T`; anything else counts as its default.
pub fn or_default<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    maybe(from).map(Option::unwrap_or_default)
}

/// `success`: true unless it says false.
pub fn unless_false<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    maybe(from).map(|word: Option<bool>| word.unwrap_or(true))
}

/// The default of `success` when the member is missing.
pub const fn yes() -> bool {
    true
}

/// A text; numbers and booleans count as their spelling.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(raw(from)?.and_then(|raw| spelled(raw.get())))
}

/// A text that is always sent; empty when it is not.
pub fn text_or_empty<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    text(from).map(Option::unwrap_or_default)
}

pub fn spelled(raw: &str) -> Option<String> {
    match raw.as_bytes().first()? {
        b'"' => serde_json::from_str(raw).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(raw.to_owned()),
    }
}

/// A duration in milliseconds; fractions are rounded, negative values count as absent.
pub fn millis<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(maybe::<D, f64>(from)?.filter(|ms| ms.is_finite() && *ms >= 0.0).map(|ms| ms.round() as u64))
}

/// A list whose unreadable items are left out.
pub fn items<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    maybe_items(from).map(Option::unwrap_or_default)
}

/// As [`items`], with a missing list kept apart from an empty one.
pub fn maybe_items<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<Vec<T>>, D::Error> {
    let Some(list) = maybe::<D, Vec<Box<RawValue>>>(from)? else {
        return Ok(None);
    };
    Ok(Some(list.iter().filter_map(|item| serde_json::from_str(item.get()).ok()).collect()))
}
