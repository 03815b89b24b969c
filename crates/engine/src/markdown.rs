//! Markdown from upstream or from skills, as HTML that is safe to show.

use pulldown_cmark::{Options, Parser, html};

/// Renders CommonMark with tables and strikethrough and removes everything that is not plain content:
/// scripts, styles, forms, frames, event handlers and every link that is not `http`, `https` or `mailto`.
pub fn to_html(markdown: &str) -> String {
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut rendered = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut rendered, parser);
    ammonia::Builder::default()
        .url_schemes(["http", "https", "mailto"].into())
        .rm_tags(["img"])
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean(&rendered)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::to_html;

    #[test]
    fn content_stays() {
        let html = to_html("# Title\n\n| a | b |\n|---|---|\n| 1 | *2* |\n\n[x](https://example.com)");
        for part in ["<h1>Title</h1>", "<table>", "<em>2</em>", "href=\"https://example.com\"", "noopener"] {
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
