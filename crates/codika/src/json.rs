//! Reading answers that may be anything.

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// The members of a JSON object, each still as text. Of a repeated member the last one counts.
///
/// Values are never parsed further than asked for, so nesting, numbers out of range and lone
/// surrogates in one member do no harm to the others.
pub(crate) struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Members<'a> {
    /// `None` when the text is not one JSON object.
    pub fn of(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// The member's JSON text; `null` counts as absent.
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(|raw| raw.get()).filter(|text| *text != "null")
    }

    pub fn object(&self, name: &str) -> Option<Self> {
        Self::of(self.raw(name)?)
    }

    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.read(name)
    }
}

/// Whether the body is one JSON value, and its text.
///
/// A body with bytes JSON forbids (invalid UTF-8, bare control characters) is still read when
/// those stand inside a string: each is replaced by one ASCII character, so that positions in the
/// text are positions in the body.
pub(crate) fn text_of(body: &[u8]) -> Option<Cow<'_, str>> {
    if let Ok(text) = std::str::from_utf8(body)
        && is_json(text)
    {
        return Some(Cow::Borrowed(text));
    }
    let patched = patched(body);
    is_json(&patched).then_some(Cow::Owned(patched))
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

fn patched(body: &[u8]) -> String {
    let mut text = String::with_capacity(body.len());
    for chunk in body.utf8_chunks() {
        text.extend(chunk.valid().chars().map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_ascii_control() => '?',
            c => c,
        }));
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

/// The bytes of `body` that `part`, a slice of the body's `text`, stands for.
pub(crate) fn bytes_of(body: &Bytes, text: &str, part: &str) -> Bytes {
    let start = part.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
    let range: Range<usize> = start..start + part.len();
    debug_assert!(range.end <= body.len(), "a part lies inside its text");
    body.slice(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(body: &'static [u8], name: &str) -> Option<Bytes> {
        let body = Bytes::from_static(body);
        let text = text_of(&body)?;
        let members = Members::of(&text)?;
        members.raw(name).map(|part| bytes_of(&body, &text, part))
    }

    #[test]
    fn a_part_is_the_very_bytes() {
        assert_eq!(part(b" { \"a\" : [ 1.0e+3 ,2 ] , \"b\":0} ", "a").unwrap(), "[ 1.0e+3 ,2 ]");
        assert_eq!(part(b"{\"a\":null}", "a"), None);
        assert_eq!(part(b"{\"a\":1,\"a\":2}", "a").unwrap(), "2");
    }

    #[test]
    fn forbidden_bytes_inside_strings_are_kept() {
        let odd = b"{\"first\":\"\xff\xfe\",\n\t\"a\":{\"x\":\"\x00\n\xc3\x28\xe2\x82\"},\"b\":1e400}";
        assert_eq!(part(odd, "a").unwrap(), &b"{\"x\":\"\x00\n\xc3\x28\xe2\x82\"}"[..]);
        assert_eq!(part(odd, "b").unwrap(), "1e400");
    }

    #[test]
    fn lone_surrogates_and_depth_do_no_harm() {
        assert_eq!(part(br#"{"a":"\ud800","b":"x"}"#, "a").unwrap(), r#""\ud800""#);
        let deep = format!("{{\"a\":{}{},\"b\":1}}", "[".repeat(100_000), "]".repeat(100_000));
        let body = Bytes::from(deep);
        let text = text_of(&body).unwrap();
        assert_eq!(Members::of(&text).unwrap().read::<u8>("b"), Some(1));
    }

    #[test]
    fn what_is_not_json_is_not() {
        for body in [&b""[..], b"<html>", b"{\"a\":1", b"{\"a\":1}}", b"\xff", b"{\"a\":\xff}"] {
            assert!(text_of(body).is_none(), "{body:?}");
        }
        assert!(Members::of("[1]").is_none());
    }
}
