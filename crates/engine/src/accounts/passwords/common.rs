//! Passwords that are tried first: the commonest of those that leaked, and what people make of them.
//!
//! `common.txt` has the lower-case ones of at least ten characters of two public lists of leaked passwords: Django's
//! (20,000 by Royce Williams) and zxcvbn's (30,000).

use std::{collections::HashSet, sync::LazyLock};

static LISTED: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common.txt").lines().collect());

/// What people put a number or an exclamation mark behind.
const WORDS: [&str; 62] = [
    "admin",
    "administrator",
    "april",
    "august",
    "autumn",
    "azerty",
    "baseball",
    "changeme",
    "codika",
    "company",
    "contrasena",
    "dashboard",
    "december",
    "default",
    "dragon",
    "february",
    "flower",
    "football",
    "friday",
    "geheim",
    "guest",
    "hallo",
    "hello",
    "hunter",
    "iloveyou",
    "january",
    "july",
    "june",
    "letmein",
    "login",
    "love",
    "march",
    "master",
    "michael",
    "monday",
    "monkey",
    "motdepasse",
    "november",
    "october",
    "passwd",
    "passphrase",
    "passwort",
    "password",
    "pass",
    "princess",
    "qwerty",
    "qwertz",
    "root",
    "saturday",
    "secret",
    "september",
    "shadow",
    "sommer",
    "spring",
    "summer",
    "sunday",
    "sunshine",
    "test",
    "user",
    "welcome",
    "willkommen",
    "winter",
];

/// Rows of keyboards and other things that fingers follow.
const ROWS: [&str; 12] = [
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop[]",
    "qwertzuiopü",
    "azertyuiop",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "yxcvbnm,.-",
    "qsdfghjklm",
    "!@#$%^&*()",
    "!\"§$%&/()=",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
];

pub fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let plain: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    LISTED.contains(lower.as_str())
        || LISTED.contains(plain.as_str())
        || is_monotonous(&lower)
        || follows_rows(&lower)
        || is_made_of(&core(&lower), &WORDS)
}

/// Whether it is nothing but some of these words, whatever stands around and between them.
pub fn repeats(password: &str, words: &[&str]) -> bool {
    let lower: Vec<String> = words
        .iter()
        .flat_map(|word| word.split(|c: char| !c.is_alphanumeric()))
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() > 2)
        .collect();
    let words: Vec<&str> = lower.iter().map(String::as_str).collect();
    is_made_of(&core(&password.to_lowercase()), &words)
}

/// Few different characters, most of them more than once in a row, or a short part again and again.
fn is_monotonous(lower: &str) -> bool {
    let chars: Vec<char> = lower.chars().collect();
    let different: HashSet<char> = chars.iter().copied().collect();
    let repeats = |period: usize| chars.iter().zip(&chars[period..]).all(|(one, later)| one == later);
    let alike = chars.chunk_by(|one, next| one == next).count();
    different.len() < 4 || alike * 2 <= chars.len() || (1..=chars.len() / 2).any(repeats)
}

/// Pieces of at least three neighbours, forwards or backwards, and at most two characters besides.
fn follows_rows(lower: &str) -> bool {
    static BOTH_WAYS: LazyLock<Vec<String>> =
        LazyLock::new(|| ROWS.iter().flat_map(|row| [(*row).to_owned(), row.chars().rev().collect()]).collect());
    let chars: Vec<char> = lower.chars().collect();
    let (mut at, mut besides) = (0, 0);
    while at < chars.len() {
        let is_piece = |end: &usize| {
            let piece: String = chars[at..*end].iter().collect();
            BOTH_WAYS.iter().any(|row| row.contains(&piece))
        };
        match (at + 3..=chars.len()).rev().find(is_piece) {
            Some(end) => at = end,
            None => (at, besides) = (at + 1, besides + 1),
        }
    }
    besides <= 2
}

/// The letters, without the digits and signs around them, and with those between them read as what they stand for.
fn core(lower: &str) -> String {
    let letter = |c: char| match c {
        '0' => Some('o'),
        '1' | '!' => Some('i'),
        '3' => Some('e'),
        '4' | '@' => Some('a'),
        '5' | '$' => Some('s'),
        '7' => Some('t'),
        c => c.is_alphabetic().then_some(c),
    };
    // A leading sign may stand for a letter, a trailing one is decoration.
    let end = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    let start = end.trim_start_matches(|c: char| !c.is_alphabetic() && !"@$".contains(c));
    start.chars().filter_map(letter).collect()
}

fn is_made_of(text: &str, words: &[&str]) -> bool {
    // How far whole words reach, from each place that they reach.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for at in 0..text.len() {
        if reached[at] {
            for word in words.iter().filter(|word| text[at..].starts_with(**word)) {
                reached[at + word.len()] = true;
            }
        }
    }
    !text.is_empty() && reached[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_a_few_thousand_in_lower_case_and_of_ten_characters() {
        assert!(LISTED.len() > 2_000, "{}", LISTED.len());
        assert!(LISTED.iter().all(|word| word.chars().count() >= 10 && word.to_lowercase() == **word));
    }

    #[test]
    fn what_is_tried_first_is_common() {
        for common in [
            "1234567890",
            "qwertyuiop",
            "Basketball",
            "1q2w3e4r5t",
            "Password123!",
            "P@ssw0rd2026",
            "passw0rd!!",
            "$ecret12345",
            "adminadmin",
            "Admin-Password-1",
            "Welcome2024!",
            "Sommer2026!!",
            "aaaaaaaaaa",
            "abababababab",
            "abcabcabcabc",
            "0987654321",
            "abcdefghijkl",
            "qwertz123456",
            "1qaz2wsx3edc",
            "asdfghjkl123",
            "zyxwvutsrq",
            "letmein12345",
            "111222333444",
            "codika-dashboard",
            "!@#$%^&*()",
        ] {
            assert!(is_common(common), "{common}");
        }
    }

    #[test]
    fn what_is_not_can_be_chosen() {
        for good in [
            "correct horse",
            "correct horse battery staple",
            "not-a-secret-of-anybody",
            "tr0ub4dor&3x",
            "Pässwörd-long",
            "ice cream on monday",
            "7f3kq09zmx",
            "日本語のパスワードです",
            "summer in Kraków",
        ] {
            assert!(!is_common(good), "{good}");
        }
    }

    #[test]
    fn ones_own_name_is_no_password() {
        let about = ["ada.king", "Ada Lovelace"];
        for own in ["lovelace-ada", "AdaLovelace1815!", "king.lovelace"] {
            assert!(repeats(own, &about), "{own}");
        }
        for other in ["ada likes engines", "correct horse", "1234567890"] {
            assert!(!repeats(other, &about), "{other}");
        }
    }
}
