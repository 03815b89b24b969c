//! A view that stays what it is as long as answers to the same question come, so that focus, selection and what was
//! folded open survive them.

use std::sync::Arc;

use leptos::{
    prelude::*,
    tachys::{
        html::attribute::any_attribute::AnyAttribute,
        hydration::Cursor,
        renderer::types::{Element, Node},
        view::{Position, PositionState, any_view::AnyViewState},
    },
};
use serde_json::Value;

use super::{Draw, Shared};

/// Brings a later answer into a view that is there.
pub(super) type Update = Box<dyn Fn(&Value) + Send>;
type DrawOnce = Arc<dyn Fn(&Value) -> (AnyView, Update) + Send + Sync>;

pub(super) fn draw(draw: DrawOnce) -> Draw {
    // Of the page: what is drawn outlives the loading of one answer.
    let owner = Owner::current().unwrap_or_default();
    Arc::new(move |question, Shared(answer)| {
        let keep = Keep { question, answer, draw: Arc::clone(&draw), owner: owner.clone() };
        // A server shows one answer only.
        if cfg!(feature = "ssr") { keep.plain() } else { keep.into_any() }
    })
}

struct Keep {
    question: String,
    answer: Arc<Value>,
    draw: DrawOnce,
    owner: Owner,
}

struct Kept {
    question: String,
    update: Update,
    view: AnyViewState,
    /// Everything that was drawn belongs to it.
    _owner: Owner,
}

impl Keep {
    fn draw(self, mount: impl FnOnce(AnyView) -> AnyViewState) -> Kept {
        let owner = self.owner.child();
        let (update, view) = owner.with(|| {
            untrack(|| {
                let (view, update) = (self.draw)(&self.answer);
                (update, mount(view))
            })
        });
        Kept { question: self.question, update, view, _owner: owner }
    }

    fn plain(self) -> AnyView {
        (self.draw)(&self.answer).0
    }
}

impl Render for Keep {
    type State = Kept;

    fn build(self) -> Kept {
        self.draw(Render::build)
    }

    fn rebuild(self, kept: &mut Kept) {
        if kept.question == self.question {
            (kept.update)(&self.answer);
        } else {
            let mut before = std::mem::replace(kept, self.build());
            before.insert_before_this(kept);
            before.unmount();
        }
    }
}

impl Mountable for Kept {
    fn unmount(&mut self) {
        self.view.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.view.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.view.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.view.elements()
    }
}

leptos::tachys::no_attrs!(Keep);

impl RenderHtml for Keep {
    type AsyncOutput = AnyView;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> AnyView {
        self.plain()
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.plain().to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Kept {
        self.draw(|view| view.hydrate::<FROM_SERVER>(cursor, position))
    }

    fn into_owned(self) -> Self {
        self
    }
}
