//! A document as a browser reads it.

use std::cell::{Cell, RefCell};

use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind::{Rawtext, Rcdata, ScriptData},
    },
};

/// Its tags with their attributes, and its title.
#[derive(Debug, Default)]
pub struct Html {
    pub tags: Vec<Tag>,
    pub title: String,
}

#[derive(Debug)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

impl Html {
    pub fn read(text: &str) -> Self {
        let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(text));
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.html.into_inner()
    }

    pub fn with_name(&self, name: &str) -> impl Iterator<Item = &Tag> {
        self.tags.iter().filter(move |tag| tag.name == name)
    }
}

impl Tag {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Sink {
    html: RefCell<Html>,
    in_title: Cell<bool>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let name = tag.name.to_string();
                let attributes = tag.attrs.iter().map(|one| (one.name.local.to_string(), one.value.to_string()));
                self.html.borrow_mut().tags.push(Tag { name: name.clone(), attributes: attributes.collect() });
                self.in_title.set(name == "title");
                return match name.as_str() {
                    "title" | "textarea" => TokenSinkResult::RawData(Rcdata),
                    "style" | "noscript" | "iframe" | "xmp" | "noembed" | "noframes" => {
                        TokenSinkResult::RawData(Rawtext)
                    }
                    "script" => TokenSinkResult::RawData(ScriptData),
                    _ => TokenSinkResult::Continue,
                };
            }
            Token::TagToken(_) => self.in_title.set(false),
            Token::CharacterTokens(text) if self.in_title.get() => self.html.borrow_mut().title.push_str(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}
