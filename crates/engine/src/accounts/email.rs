use unicode_normalization::UnicodeNormalization;
use url::Host;

use crate::Problem;

const MAX_EMAIL: usize = 254;

/// An email as emails compare: without case, composed (NFC), its domain as browsers send it (`xn--…`).
pub fn fold_email(email: &str) -> String {
    let email: String = email.trim().nfc().collect::<String>().to_lowercase();
    let ascii = |domain: &str| match Host::parse(domain) {
        Ok(Host::Domain(ascii)) => Some(ascii),
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => None,
    };
    match email.rsplit_once('@').and_then(|(user, domain)| Some((user, ascii(domain)?))) {
        Some((user, domain)) => format!("{user}@{domain}"),
        None => email,
    }
}

/// An email as a person wrote it, without the spaces around it.
pub(super) fn checked(email: &str) -> Result<String, Problem> {
    let email: String = email.trim().nfc().collect();
    let well_formed = email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    if !well_formed || email.len() > MAX_EMAIL || email.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(Problem::BadValue("Enter an email address.".to_owned()));
    }
    Ok(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_compare_without_case_composition_and_spelling_of_the_domain() {
        for (one, other) in [
            ("Ann@Example.org", " ann@example.ORG "),
            ("j\u{f6}rg@example.com", "jo\u{308}rg@example.com"),
            ("ann@ex\u{e4}mple.com", "ann@xn--exmple-cua.com"),
            ("ANN@EXA\u{308}MPLE.com", "ann@xn--exmple-cua.com"),
        ] {
            assert_eq!(fold_email(one), fold_email(other), "{one}");
        }
        assert_ne!(fold_email("ann@example.org"), fold_email("anna@example.org"));
    }

    #[test]
    fn what_is_no_address_folds_to_something_all_the_same() {
        for odd in ["", "@", "nobody", "a@b@c", "a@[::1]", "a@127.0.0.1", "a@ b"] {
            assert_eq!(fold_email(odd), fold_email(&fold_email(odd)), "{odd}");
        }
    }
}
