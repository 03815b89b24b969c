//! What a page loads and shows: on the server before it is sent, in the browser whenever what it asks
//! for changes.

mod keep;

use std::sync::Arc;

use leptos::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    components::{error::ErrorPage, loading::Loading},
    error::{AppError, Kind},
    providers::live::Live,
    wire::{self, Call, Plain},
};

/// Asks again whenever `source` changes. `view` may be called several times, also with an answer that was
/// shown before: while the server is away for a moment, the last answer to the same question stays.
pub fn page<S, T>(
    source: impl Fn() -> S + Send + Sync + 'static,
    ask: impl Fn(S) -> Result<Call<T>, AppError> + Send + Sync + 'static,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    S: Clone + PartialEq + Send + Sync + 'static,
    T: DeserializeOwned + 'static,
{
    let draw = Arc::new(move |_, Shared(answer)| match wire::decode(&answer) {
        Ok(answer) => view(answer),
        Err(_) => view! { <ErrorPage error=AppError::not_understood() /> }.into_any(),
    });
    show(asked(source, ask), draw)
}

/// Like [`page`], but draws each question's view once: later answers to the same question come into its signal, and
/// whatever does not read what has changed stays as it is, with the focus and the selection in it.
pub fn page_in_place<S, T>(
    source: impl Fn() -> S + Send + Sync + 'static,
    ask: impl Fn(S) -> Result<Call<T>, AppError> + Send + Sync + 'static,
    view: impl Fn(RwSignal<T>) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    S: Clone + PartialEq + Send + Sync + 'static,
    T: DeserializeOwned + Send + Sync + 'static,
{
    let draw = Arc::new(move |answer: &Value| -> (AnyView, keep::Update) {
        let Ok(answer) = wire::decode(answer) else {
            return (view! { <ErrorPage error=AppError::not_understood() /> }.into_any(), Box::new(|_| ()));
        };
        let shown = RwSignal::new(answer);
        let update = move |answer: &Value| {
            if let Ok(answer) = wire::decode(answer) {
                let _ = shown.try_set(answer);
            }
        };
        (view(shown), Box::new(update))
    });
    show(asked(source, ask), keep::draw(draw))
}

/// What `source` asks for, whenever that changes.
fn asked<S, T>(
    source: impl Fn() -> S + Send + Sync + 'static,
    ask: impl Fn(S) -> Result<Call<T>, AppError> + Send + Sync + 'static,
) -> Resource<Told, Plain>
where
    S: Clone + PartialEq + Send + Sync + 'static,
    T: 'static,
{
    let source = Memo::new(move |_| source());
    // Reads it: a memo that is only tracked counts as changed once somebody reads it for the first time.
    let changed = Box::new(move || source.with(|_| ()));
    let ask = Box::new(move || {
        let call = ask(source.get_untracked())?;
        Ok(Asked { question: call.question, answer: call.answer })
    });
    load(changed, ask)
}

/// Draws an answer, with its question.
type Draw = Arc<dyn Fn(String, Shared) -> AnyView + Send + Sync>;

struct Asked {
    question: String,
    answer: wire::Pending<Value>,
}

/// An answer together with its question. Of one type for all pages, which keeps the bundle small.
#[derive(Clone, Serialize, Deserialize)]
struct Told {
    question: String,
    answer: Result<Shared, AppError>,
}

#[derive(Clone)]
struct Shared(Arc<Value>);

impl Serialize for Shared {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Shared {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self(Arc::new(value)))
    }
}

fn load(
    changed: Box<dyn Fn() + Send + Sync>,
    ask: Box<dyn Fn() -> Result<Asked, AppError> + Send + Sync>,
) -> Resource<Told, Plain> {
    let turn = StoredValue::new(0u32);
    let turns = move || {
        changed();
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        turn.get_value()
    };
    let fetch = move |_| {
        let asked = ask();
        async move {
            match asked {
                Ok(Asked { question, answer }) => {
                    Told { question, answer: answer.await.map(|value| Shared(Arc::new(value))) }
                }
                Err(error) => Told { question: String::new(), answer: Err(error) },
            }
        }
    };
    Resource::new_with_options(turns, fetch, true)
}

fn show(told: Resource<Told, Plain>, draw: Draw) -> AnyView {
    let kept = StoredValue::new(None);
    let live = use_context::<Live>();
    view! {
        <Transition fallback=Loading>
            {move || {
                let draw = Arc::clone(&draw);
                Suspend::new(async move {
                    let told = told.await;
                    let question = told.question.clone();
                    match or_last(kept, live, told) {
                        Ok(answer) => draw(question, answer),
                        Err(error) => view! { <ErrorPage error /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

/// The answer, or the last one to this question when the server could not be asked. Then it is asked
/// again in a while.
fn or_last(kept: StoredValue<Option<(String, Shared)>>, live: Option<Live>, told: Told) -> Result<Shared, AppError> {
    let Told { question, answer } = told;
    match answer {
        Ok(fresh) => {
            kept.set_value(Some((question, fresh.clone())));
            Ok(fresh)
        }
        Err(error) if matches!(error.kind, Kind::Network | Kind::Unavailable) => {
            if let Some(live) = live {
                live.fell_behind();
            }
            let last = kept.with_value(|kept| {
                kept.as_ref().filter(|(known, _)| *known == question).map(|(_, answer)| answer.clone())
            });
            last.ok_or(error)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(question: &str, answer: Result<&str, Kind>) -> Told {
        let answer = answer.map(|text| Shared(Arc::new(text.into()))).map_err(|kind| AppError::new(kind, "no"));
        Told { question: question.to_owned(), answer }
    }

    #[test]
    fn only_a_server_that_is_away_is_bridged() {
        let owner = Owner::new();
        owner.set();
        let kept = StoredValue::new(None);
        let shown = |told| or_last(kept, None, told).ok().map(|Shared(answer)| (*answer).clone());
        assert_eq!(shown(told("one", Err(Kind::Network))), None);
        assert_eq!(shown(told("one", Ok("a"))), Some("a".into()));
        assert_eq!(shown(told("one", Err(Kind::Network))), Some("a".into()));
        assert_eq!(shown(told("one", Err(Kind::Unavailable))), Some("a".into()));
        assert_eq!(shown(told("two", Err(Kind::Network))), None, "another question");
        assert_eq!(shown(told("one", Err(Kind::LoggedOut))), None);
    }
}
