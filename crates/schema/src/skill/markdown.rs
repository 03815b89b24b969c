//! Just enough Markdown: headings, fenced blocks and pipe tables.

/// A body cut into sections at its headings; headings inside fences are none.
#[derive(Debug)]
pub struct Body<'a> {
    pub text: &'a str,
    sections: Vec<Section<'a>>,
}

#[derive(Debug)]
struct Section<'a> {
    level: usize,
    /// Lower case.
    title: String,
    lines: Vec<Line<'a>>,
}

#[derive(Clone, Copy, Debug)]
pub enum Line<'a> {
    Plain(&'a str),
    /// The first line of a fenced block, after the fence; marks where a block starts.
    Fence,
    Code(&'a str),
}

impl<'a> Body<'a> {
    pub fn read(text: &'a str) -> Body<'a> {
        let mut sections = vec![Section { level: 0, title: String::new(), lines: Vec::new() }];
        let mut fence: Option<(char, usize)> = None;
        for line in text.lines() {
            let kind = match (fence, fence_of(line)) {
                (Some((c, n)), Some((c2, n2))) if c == c2 && n2 >= n && line.trim().chars().all(|x| x == c) => {
                    fence = None;
                    continue;
                }
                (Some(_), _) => Line::Code(line),
                (None, Some(open)) => {
                    fence = Some(open);
                    Line::Fence
                }
                (None, None) => {
                    if let Some((level, title)) = heading(line) {
                        sections.push(Section { level, title: title.to_lowercase(), lines: Vec::new() });
                        continue;
                    }
                    Line::Plain(line)
                }
            };
            if let Some(section) = sections.last_mut() {
                section.lines.push(kind);
            }
        }
        Body { text, sections }
    }

    pub fn titles(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().skip(1).map(|s| s.title.as_str())
    }

    /// The lines under the first heading that `wanted` likes, up to the next heading of the same or a
    /// higher level.
    pub fn under(&self, wanted: impl Fn(&str) -> bool) -> Option<Vec<Line<'a>>> {
        let start = self.sections.iter().position(|s| s.level > 0 && wanted(&s.title))?;
        let level = self.sections.get(start)?.level;
        let mut lines = Vec::new();
        for (i, section) in self.sections.iter().enumerate().skip(start) {
            if i > start && section.level <= level {
                break;
            }
            lines.extend(section.lines.iter().copied());
        }
        Some(lines)
    }
}

/// The fenced blocks of some lines, each joined to one text.
pub fn blocks(lines: &[Line<'_>]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in lines {
        match (line, out.last_mut()) {
            (Line::Fence, _) => out.push(String::new()),
            (Line::Code(code), Some(block)) => {
                block.push_str(code);
                block.push('\n');
            }
            _ => {}
        }
    }
    out
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    let rest = line.get(level..)?;
    ((1..=6).contains(&level) && rest.starts_with([' ', '\t']))
        .then(|| (level, rest.trim().trim_end_matches('#').trim()))
}

fn fence_of(line: &str) -> Option<(char, usize)> {
    let trimmed = line.trim_start();
    ['`', '~'].into_iter().find_map(|c| {
        let n = trimmed.chars().take_while(|x| *x == c).count();
        (n >= 3).then_some((c, n))
    })
}
