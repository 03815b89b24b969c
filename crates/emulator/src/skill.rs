//! The platform's reading of a skill's frontmatter: one line, split at its first colon.

use serde_json::Value;

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

/// The payload of the first shell example: the JSON between `<<'EOF'` and `EOF`.
#[must_use]
pub fn example(text: &str) -> Option<Value> {
    let (_, rest) = text.split_once("<<'EOF'\n")?;
    let (json, _) = rest.split_once("\nEOF")?;
    serde_json::from_str(json).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use super::{example, frontmatter};

    #[test]
    fn a_value_may_contain_colons() {
        let text = "---\r\nname: a\r\ndescription: Does it: well\r\n---\r\n# name: b\n";
        assert_eq!(frontmatter(text, "name"), Some("a"));
        assert_eq!(frontmatter(text, "description"), Some("Does it: well"));
        assert_eq!(frontmatter(text, "cost"), None);
    }

    #[test]
    fn the_example_is_what_the_heredoc_holds() {
        let text = "```bash\ncodika trigger a --payload-file - <<'EOF'\n{\n  \"a\": 1\n}\nEOF\n```\n";
        assert_eq!(example(text), Some(serde_json::json!({ "a": 1 })));
        assert_eq!(example("no example"), None);
    }
}
