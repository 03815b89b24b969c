//! What a body becomes in memory, told from its bytes.

use schema::MAX_VALUES;

/// More than any form has, and than a text area has lines.
const MAX_PAIRS: usize = 10_000;

/// Measured, and rounded up: an object or list with its first member, a value with its name, two strings.
const CONTAINER: usize = 600;
const VALUE: usize = 100;
const PAIR: usize = 150;
/// A tree is copied on its way to the database.
const COPIES: usize = 2;
/// So often the texts of a body are somewhere: as sent, read, checked, stored; those of a form on its page, too.
const TEXTS_OF_JSON: usize = 4;
const TEXTS_OF_FORM: usize = 8;

pub struct Weight {
    values: usize,
    pairs: usize,
    /// What all of it takes while it is worked off.
    pub bytes: usize,
}

impl Weight {
    pub fn of_bytes(body: &[u8]) -> Self {
        Self { values: 0, pairs: 0, bytes: body.len() }
    }

    pub fn of_json(body: &[u8]) -> Self {
        let found = schema::Values::count(body);
        let bytes = body.len() * TEXTS_OF_JSON + (found.containers * CONTAINER + found.all * VALUE) * COPIES;
        Self { values: found.all, pairs: 0, bytes }
    }

    /// Fields may hold JSON, too.
    pub fn of_form(body: &[u8]) -> Self {
        let pairs = 1 + body.iter().filter(|byte| **byte == b'&').count();
        let containers = body.windows(3).filter(|three| is_opening(three)).count();
        let bytes = body.len() * TEXTS_OF_FORM + pairs * PAIR * COPIES + containers * (CONTAINER + VALUE) * COPIES;
        Self { values: 0, pairs, bytes }
    }

    /// # Errors
    /// In words, when there is more of it than anybody needs.
    pub fn check(&self) -> Result<(), String> {
        if self.values > MAX_VALUES {
            return Err(format!("This has more than {MAX_VALUES} values. Nothing was done."));
        }
        if self.pairs > MAX_PAIRS {
            return Err(format!("This has more than {MAX_PAIRS} fields. Nothing was done."));
        }
        Ok(())
    }
}

/// A brace or a bracket, percent-encoded or as it is.
fn is_opening(three: &[u8]) -> bool {
    matches!(three, [b'{' | b'[', ..] | [b'%', b'7', b'B' | b'b'] | [b'%', b'5', b'B' | b'b'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_pairs_are_counted_before_anything_is_read() {
        let objects = |count: usize| format!("[{}]", vec![r#"{"":1}"#; count].join(","));
        assert!(Weight::of_json(objects(60_000).as_bytes()).check().is_ok());
        assert!(Weight::of_json(objects(70_000).as_bytes()).check().is_err());
        let text = format!("\"{}\"", "[{,:}]".repeat(500_000));
        assert!(Weight::of_json(text.as_bytes()).check().is_ok(), "a text is one value, whatever stands in it");
        assert!(Weight::of_form("a&".repeat(9_000).as_bytes()).check().is_ok());
        assert!(Weight::of_form("a&".repeat(11_000).as_bytes()).check().is_err());
    }

    #[test]
    fn json_in_a_field_weighs_as_much_as_json() {
        let encoded = "%7B%22%22%3A1%7D%2C".repeat(1_000);
        assert!(Weight::of_form(encoded.as_bytes()).bytes > 1_000 * CONTAINER);
        assert!(Weight::of_form("{[".repeat(500).as_bytes()).bytes > 900 * CONTAINER);
    }
}
