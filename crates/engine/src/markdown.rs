//! Markdown from upstream or from skills, as HTML that is safe to show.

mod manual;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Renders CommonMark with tables and strikethrough and removes everything that is not plain content:
/// scripts, styles, forms, frames, event handlers and every link that is not `http`, `https` or `mailto`.
pub fn to_html(markdown: &str) -> String {
    render(parse(markdown), markdown.len())
}

/// An author's document for somebody who has the form beside it: without the vendor's command lines, and without what
/// only leads to them.
pub fn manual_to_html(markdown: &str) -> String {
    render(manual::without_commands(parse(markdown)).into_iter(), markdown.len())
}

fn parse(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

fn render<'a>(events: impl Iterator<Item = Event<'a>>, length: usize) -> String {
    let mut rendered = String::with_capacity(length * 3 / 2);
    html::push_html(&mut rendered, events.map(one_level_down));
    ammonia::Builder::default()
        .url_schemes(["http", "https", "mailto"].into())
        .rm_tags(["img"])
        // What scrolls sideways can be reached and scrolled with the keyboard.
        .set_tag_attribute_value("pre", "tabindex", "0")
        .set_tag_attribute_value("table", "tabindex", "0")
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean(&rendered)
        .to_string()
}

/// The page around it has its own heading of the first level.
fn one_level_down(event: Event<'_>) -> Event<'_> {
    let lower = |level: HeadingLevel| match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    };
    match event {
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: lower(level), id, classes, attrs })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{manual_to_html, to_html};

    #[test]
    fn a_manual_beside_a_form_has_no_command_lines() {
        let manual = "# Sum\n\nAdds up.\n\n## How to trigger\n\nRun this:\n\n```bash\ncodika trigger sum --payload-file - <<'EOF'\n{}\nEOF\n```\n\n\
                      ## Input\n\nTwo numbers.\n\n```json\n{\"codika \": 1}\n```\n\n### On the command line\n\n```\n$ codika trigger sum\n```";
        let html = manual_to_html(manual);
        for gone in ["trigger", "Run this", "EOF", "command line"] {
            assert!(!html.contains(gone), "{gone} in {html}");
        }
        for kept in ["Sum", "Adds up.", "Input", "Two numbers.", "codika "] {
            assert!(html.contains(kept), "{kept} not in {html}");
        }
        // Words about it that are more than a way to it stay, under their heading.
        let told = manual_to_html("## How to trigger\n\nAsk Ann first.\n\n```\ncodika trigger x\n```\n\n## Notes");
        assert!(
            told.contains("How to trigger") && told.contains("Ask Ann first.") && !told.contains("codika"),
            "{told}"
        );
        let empty = manual_to_html("## Input\n\n## Output\n\nText");
        assert!(empty.contains("Input"), "nothing was taken from it: {empty}");
    }

    #[test]
    fn content_stays() {
        let html = to_html("# Title\n\n| a | b |\n|---|---|\n| 1 | *2* |\n\n[x](https://example.com)");
        for part in
            ["<h2>Title</h2>", "<table tabindex=\"0\">", "<em>2</em>", "href=\"https://example.com\"", "noopener"]
        {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn markup_that_acts_goes() {
        let html = to_html(
            "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[a](javascript:alert(1)) ![b](https://e.example/i)\n\n\
             <p style=\"x\" onclick=\"y\">t</p>\n\n<iframe src=\"//x\"></iframe>",
        );
        assert!(html.contains(">a</a>"), "it was read as a link: {html}");
        for part in ["script", "onerror", "javascript", "style", "onclick", "iframe", "<img"] {
            assert!(!html.contains(part), "{part} in {html}");
        }
    }
}
