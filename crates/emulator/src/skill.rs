//! The platform's reading of a skill's frontmatter: one line, split at its first colon.

/// The value of `key` in the leading `---` block.
#[must_use]
pub fn frontmatter<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut lines = text.lines();
    if lines.next()?.trim_end() != "---" {
        return None;
    }
    lines
        .take_while(|line| line.trim_end() != "---")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::frontmatter;

    #[test]
    fn a_value_may_contain_colons() {
        let text = "---\r\nname: a\r\ndescription: Does it: well\r\n---\r\n# name: b\n";
        assert_eq!(frontmatter(text, "name"), Some("a"));
        assert_eq!(frontmatter(text, "description"), Some("Does it: well"));
        assert_eq!(frontmatter(text, "cost"), None);
    }
}
