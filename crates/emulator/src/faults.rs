//! Scripted faults: which calls they hit and what they do to them.

use std::sync::Mutex;

use axum::http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    call::{Endpoint, Target},
    clock,
    delay::Delay,
    dice::Dice,
    lock,
};

/// A fault as `POST /_emulator/faults` takes it. Without `nth`, `next`, `probability` or `always` it
/// hits the next matching call and is spent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fault {
    /// Which calls; `all` if absent.
    #[serde(default)]
    pub endpoint: Target,
    /// Only calls about this workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    #[serde(flatten)]
    pub when: When,
    #[serde(flatten)]
    pub effect: Effect,
}

/// How often a fault strikes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct When {
    /// Only the n-th matching call from now on, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// The next so many matching calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// Each matching call with this probability (0 to 1), until cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Makes `probability` repeatable.
    #[serde(default)]
    pub seed: u64,
    /// Every matching call until cleared.
    #[serde(default)]
    pub always: bool,
}

/// What a fault does. Members combine: `delay_ms` with anything, `body` with `status`, `drip` with `body`, …
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Waits before the answer starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<Delay>,
    /// Answers with this status instead of the real answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Answers with this body: a string as it is, other JSON as its text.
    /// `{{executionId}}` becomes the id of the execution that the call created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// `application/json` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Further headers, such as `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<std::collections::BTreeMap<String, String>>,
    /// Answers with a body of so many bytes: one JSON string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<u64>,
    /// Sends a made-up body compressed: with `body_bytes` a bomb.
    #[serde(default)]
    pub gzip: bool,
    /// Resets the TCP connection (a real RST).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<Reset>,
    /// Never answers.
    #[serde(default)]
    pub hang: bool,
    /// Sends the body byte by byte, so many milliseconds apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drip: Option<u64>,
    /// Closes the connection after so many bytes of a body that was announced whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncate: Option<u64>,
    /// Redirects there, with 307 unless `status` says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// Does what was asked, then closes the connection without a byte of an answer.
    #[serde(default)]
    pub drop_reply: bool,
    /// A trigger answers with the id of the execution before its own.
    #[serde(default)]
    pub duplicate_id: bool,
    /// The times in the answer, and its `Date`, are so many milliseconds ahead, or behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_skew_ms: Option<i64>,
    /// Whether what was asked is done nevertheless. If absent: yes where the real answer is only damaged
    /// on its way, no where another answer is made up or none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execute: Option<bool>,
}

/// When a connection is reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reset {
    /// After the request's head, before its body is read.
    BeforeBody,
    /// After the whole request, before a byte of the answer.
    BeforeHeaders,
    /// After the answer's headers.
    AfterHeaders,
    /// After half of the answer's body.
    MidBody,
}

impl Fault {
    /// Refuses a fault that could not do what it says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        let Self { when, effect, .. } = self;
        let harmless = Effect { execute: effect.execute, ..Effect::default() };
        if *effect == harmless {
            return Err("the fault does nothing: it needs one of delay_ms, status, body, body_bytes, headers, \
                        content_type, redirect, reset, hang, drip, truncate, drop_reply, duplicate_id, clock_skew_ms"
                .to_owned());
        }
        if when.probability.is_some_and(|probability| !(0.0..=1.0).contains(&probability)) {
            return Err("probability must be between 0 and 1".to_owned());
        }
        if when.nth == Some(0) || when.next == Some(0) {
            return Err("nth and next count from 1".to_owned());
        }
        let ways = [when.nth.is_some(), when.next.is_some(), when.probability.is_some(), when.always];
        if ways.into_iter().filter(|way| *way).count() > 1 {
            return Err("of nth, next, probability and always a fault takes one".to_owned());
        }
        let about_one = matches!(self.endpoint, Target::All | Target::Trigger | Target::Status | Target::Details);
        if self.workflow.is_some() && !about_one {
            return Err("workflow goes with the endpoints trigger, status and details only".to_owned());
        }
        effect.check()
    }
}

impl Effect {
    fn check(&self) -> Result<(), String> {
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("status must be between 200 and 599".to_owned());
        }
        if self.gzip && !self.makes_up() {
            return Err("gzip compresses a body that is made up: body, body_bytes, or status with them".to_owned());
        }
        if self.clock_skew_ms.is_some_and(|ms| !clock::is_skew(ms)) {
            return Err(clock::SKEW_LIMIT.to_owned());
        }
        let named = self.headers.iter().flatten().map(|(name, value)| (name.as_str(), value.as_str()));
        let content_type = self.content_type.iter().map(|value| ("content-type", value.as_str()));
        let redirect = self.redirect.iter().map(|value| ("location", value.as_str()));
        for (name, value) in named.chain(content_type).chain(redirect) {
            if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                return Err(format!("'{name}: {value}' is no HTTP header"));
            }
        }
        Ok(())
    }

    /// Whether another answer takes the place of the real one.
    #[must_use]
    pub const fn makes_up(&self) -> bool {
        self.status.is_some() || self.body.is_some() || self.body_bytes.is_some() || self.redirect.is_some()
    }

    /// Whether the call takes effect although its answer is damaged.
    #[must_use]
    pub fn executes(&self) -> bool {
        let unanswered = self.hang || matches!(self.reset, Some(Reset::BeforeBody | Reset::BeforeHeaders));
        self.execute.unwrap_or(self.drop_reply || !(self.makes_up() || unanswered))
    }
}

struct Armed {
    fault: Fault,
    calls: u64,
    hits: u64,
    dice: Dice,
}

impl Armed {
    fn matches(&self, endpoint: &Endpoint, workflow: Option<&str>) -> bool {
        let wanted = self.fault.workflow.as_deref();
        endpoint.is_hit_by(self.fault.endpoint) && (wanted.is_none() || wanted == workflow)
    }

    /// What it does this time.
    fn effect(&mut self) -> Effect {
        let mut effect = self.fault.effect.clone();
        effect.delay_ms = effect.delay_ms.map(|delay| Delay::Fixed(delay.sample(&mut self.dice)));
        effect
    }

    /// Whether it can still strike.
    fn waits(&self) -> bool {
        let When { nth, next, probability, always, .. } = self.fault.when;
        always || probability.is_some() || self.calls < nth.or(next).unwrap_or(1)
    }

    fn strikes(&mut self) -> bool {
        self.calls += 1;
        let when = &self.fault.when;
        let strikes = if when.always {
            true
        } else if let Some(probability) = when.probability {
            self.dice.fraction() < probability
        } else if let Some(nth) = when.nth {
            self.calls == nth
        } else {
            self.calls <= when.next.unwrap_or(1)
        };
        self.hits += u64::from(strikes);
        strikes
    }
}

/// All faults in force, in the order they were set.
#[derive(Default)]
pub struct Faults(Mutex<Vec<Armed>>);

impl Faults {
    /// Arms another fault.
    pub fn add(&self, fault: Fault) {
        let dice = Dice::seeded(fault.when.seed);
        lock(&self.0).push(Armed { fault, calls: 0, hits: 0, dice });
    }

    /// Disarms all faults.
    pub fn clear(&self) {
        lock(&self.0).clear();
    }

    /// The effect on this call, if a fault strikes. The first one in order wins.
    pub fn strike(&self, endpoint: &Endpoint, workflow: Option<&str>) -> Option<Effect> {
        lock(&self.0)
            .iter_mut()
            .filter(|armed| armed.matches(endpoint, workflow))
            .find_map(|armed| armed.strikes().then(|| armed.effect()))
    }

    /// Every fault with how many calls it saw and how many it hit.
    #[must_use]
    pub fn view(&self) -> Vec<Value> {
        lock(&self.0)
            .iter()
            .map(|armed| {
                let mut view = serde_json::to_value(&armed.fault).unwrap_or_default();
                if let Some(members) = view.as_object_mut() {
                    members.insert("calls".to_owned(), armed.calls.into());
                    members.insert("hits".to_owned(), armed.hits.into());
                    members.insert("waiting".to_owned(), armed.waits().into());
                }
                view
            })
            .collect()
    }
}
