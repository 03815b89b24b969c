//! What of an author's document is of no use beside a form.

use pulldown_cmark::{Event, HeadingLevel, Tag};

/// A part of the document that is in no other one.
#[derive(Default)]
struct Block<'a>(Vec<Event<'a>>);

pub fn without_commands<'a>(events: impl Iterator<Item = Event<'a>>) -> Vec<Event<'a>> {
    let mut kept: Vec<Block<'a>> = Vec::new();
    // A command went, and nothing has come since.
    let mut bare = false;
    for block in blocks(events) {
        if block.is_command() {
            if kept.last().is_some_and(Block::leads_on) {
                kept.pop();
            }
            bare = true;
            continue;
        }
        if let Some(level) = block.heading() {
            forget_empty(&mut kept, bare, level);
        }
        bare = false;
        kept.push(block);
    }
    forget_empty(&mut kept, bare, HeadingLevel::H1);
    kept.into_iter().flat_map(|block| block.0).collect()
}

/// A section from which a command went, and which has nothing else, goes with it.
fn forget_empty(kept: &mut Vec<Block<'_>>, bare: bool, next: HeadingLevel) {
    if bare && kept.last().and_then(Block::heading).is_some_and(|level| next <= level) {
        kept.pop();
    }
}

fn blocks<'a>(events: impl Iterator<Item = Event<'a>>) -> Vec<Block<'a>> {
    let (mut all, mut block, mut depth) = (Vec::new(), Block::default(), 0_u32);
    for event in events {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        block.0.push(event);
        if depth == 0 {
            all.push(std::mem::take(&mut block));
        }
    }
    all
}

impl Block<'_> {
    fn heading(&self) -> Option<HeadingLevel> {
        match self.0.first() {
            Some(Event::Start(Tag::Heading { level, .. })) => Some(*level),
            _ => None,
        }
    }

    /// Calls the vendor's tool.
    fn is_command(&self) -> bool {
        let called = |line: &str| line.trim_start().trim_start_matches("$ ").starts_with("codika ");
        matches!(self.0.first(), Some(Event::Start(Tag::CodeBlock(_))))
            && self.0.iter().any(|event| matches!(event, Event::Text(text) if text.lines().any(called)))
    }

    /// "Like this:"
    fn leads_on(&self) -> bool {
        let last = self.0.iter().rev().find_map(|event| match event {
            Event::Text(text) => Some(text.trim_end().ends_with(':')),
            _ => None,
        });
        matches!(self.0.first(), Some(Event::Start(Tag::Paragraph))) && last == Some(true)
    }
}
