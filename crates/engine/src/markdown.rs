//! Markdown from upstream or from skills, as HTML that is safe to show.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Renders CommonMark with tables and strikethrough and removes everything that is not plain content:
/// scripts, styles, forms, frames, event handlers and every link that is not `http`, `https` or `mailto`.
pub fn to_html(markdown: &str) -> String {
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut rendered = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut rendered, parser.map(one_level_down));
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
    use super::to_html;

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
