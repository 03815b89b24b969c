//! Programs that submit runs and do not give up: each key is offered until a 202 came, or the time is over.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    facts::MARKER,
    reconcile::{Book, FINAL},
    rng::Rng,
    stack::Stack,
};

/// What all clients of one stack share.
#[derive(Clone)]
pub struct Clients {
    pub(crate) http: Client,
    pub(crate) upstream: String,
    dashboards: Vec<String>,
    /// Decides which dashboard is asked.
    asked: Arc<AtomicU64>,
    tokens: [String; 2],
    book: Arc<Mutex<Book>>,
    pub(crate) seed: u64,
}

struct Offer {
    person: usize,
    key: String,
    body: Value,
    marker: String,
}

impl Clients {
    #[must_use]
    pub fn of(stack: &Stack, seed: u64) -> Self {
        Self {
            http: stack.http.clone(),
            upstream: stack.upstream.clone(),
            dashboards: stack.servers.iter().map(|server| server.url.clone()).collect(),
            asked: Arc::default(),
            tokens: stack.tokens.clone(),
            book: Arc::default(),
            seed,
        }
    }

    /// What they know so far.
    #[must_use]
    pub fn copy_of_book(&self) -> Book {
        self.book().clone()
    }

    /// Never across an `await`: the clients would wait in threads that others need.
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Submits one run after the other until `until`, about one every `pace`.
    pub async fn submit(self, number: u64, until: Instant, pace: Duration) {
        let mut rng = Rng::seeded(self.seed ^ (number << 32));
        let mut count = 0;
        while Instant::now() < until {
            let offer = self.offer(number, count, &mut rng);
            count += 1;
            self.insist(&offer, &mut rng, until).await;
            sleep(pace.mul_f64(f64::from(u32::try_from(rng.within(50, 150)).unwrap_or(100)) / 100.0)).await;
        }
    }

    /// Submits one run, named apart from all others, and insists.
    pub async fn submit_one(&self, name: &str, workflow: &str) {
        let marker = format!("{MARKER}one-{name}");
        let input = match workflow {
            "always-fails" => failing(&marker),
            _ => text(&marker),
        };
        let offer = self.note_offer(0, marker.clone(), workflow, input, marker);
        while !self.post(&offer).await {
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Two people use the same keys for inputs of their own.
    fn offer(&self, number: u64, count: u64, rng: &mut Rng) -> Offer {
        let person = usize::from(!number.is_multiple_of(2));
        let key = format!("key-{}-{count}", number / 2);
        let marker = format!("{MARKER}{:x}-{number}-{count}", self.seed);
        let (workflow, input) = match rng.within(0, 12) {
            0..7 => ("text-summary", text(&marker)),
            7..9 => ("always-fails", failing(&marker)),
            9..11 => ("file-output", json!({ "title": marker, "rows": rng.within(1, 2000) })),
            _ => ("never-answers", json!({ "note": marker })),
        };
        self.note_offer(person, key, workflow, input, marker)
    }

    fn note_offer(&self, person: usize, key: String, workflow: &str, input: Value, marker: String) -> Offer {
        self.book().offered.insert(marker.clone());
        let body = json!({ "environment": "dev", "workflow": workflow, "input": input });
        Offer { person, key, body, marker }
    }

    async fn insist(&self, offer: &Offer, rng: &mut Rng, until: Instant) {
        if rng.one_in(10) {
            // Impatient: three at once with one key.
            tokio::join!(self.post(offer), self.post(offer), self.post(offer));
        }
        while !self.post(offer).await && Instant::now() < until {
            sleep(Duration::from_millis(rng.within(20, 200))).await;
        }
        if rng.one_in(5) {
            self.post(offer).await;
        }
        if rng.one_in(10) && self.book().acknowledged.contains_key(&offer.marker) {
            self.post_other_input(offer).await;
        }
    }

    /// `true` once the run is acknowledged.
    async fn post(&self, offer: &Offer) -> bool {
        let Some((status, body)) = self.call(offer, &offer.body).await else { return false };
        let mut book = self.book();
        match (status, body["id"].as_str()) {
            (StatusCode::ACCEPTED, Some(id)) => {
                book.acknowledged.entry(offer.marker.clone()).or_default().insert(id.to_owned());
                book.markers.insert(id.to_owned(), offer.marker.clone());
                true
            }
            (StatusCode::ACCEPTED, None) => {
                book.complaints.push(format!("1: {} was accepted without an id", offer.marker));
                true
            }
            (status, _) if status.is_client_error() && status != StatusCode::CONFLICT => {
                book.complaints.push(format!("5: {} was refused with {status}: {body}", offer.marker));
                true
            }
            _ => false,
        }
    }

    /// The same key with another input must never be accepted.
    async fn post_other_input(&self, offer: &Offer) {
        let mut body = offer.body.clone();
        body["input"]["extra"] = true.into();
        if let Some((status, _)) = self.call(offer, &body).await
            && status != StatusCode::UNPROCESSABLE_ENTITY
            && !status.is_server_error()
        {
            let complaint = format!("5: another input under the key of {} was answered with {status}", offer.marker);
            self.book().complaints.push(complaint);
        }
    }

    /// Sends to a dashboard chosen by chance; to the next one where nobody listens. Nothing without an answer.
    pub(crate) async fn send(
        &self,
        path: &str,
        person: usize,
        request: impl Fn(String) -> RequestBuilder,
    ) -> Option<Response> {
        let chance = Rng::seeded(self.asked.fetch_add(1, Ordering::Relaxed)).next();
        let (mut dashboards, first) = (self.dashboards.clone(), chance % self.dashboards.len() as u64);
        dashboards.rotate_left(usize::try_from(first).ok()?);
        for dashboard in dashboards {
            match request(format!("{dashboard}{path}")).bearer_auth(&self.tokens[person]).send().await {
                Err(error) if error.is_connect() => {}
                answer => return answer.ok(),
            }
        }
        None
    }

    /// Nothing if there was no whole answer.
    async fn call(&self, offer: &Offer, body: &Value) -> Option<(StatusCode, Value)> {
        let request = |url| self.http.post(url).json(body).header("Idempotency-Key", &offer.key);
        let answer = self.send("/api/v1/runs", offer.person, request).await?;
        let status = answer.status();
        let text = answer.text().await.ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    /// Notes the final statuses that REST shows, until `until`.
    pub async fn observe(self, until: Instant) {
        while Instant::now() < until {
            self.note_final().await;
            sleep(Duration::from_millis(300)).await;
        }
    }

    async fn note_final(&self) {
        let path = format!("/api/v1/runs?status={}&limit=100", FINAL[..3].join(","));
        let Some(answer) = self.send(&path, 0, |url| self.http.get(url)).await else { return };
        let Ok(list) = answer.json::<Value>().await else { return };
        for item in list["items"].as_array().into_iter().flatten() {
            if let (Some(id), Some(status)) = (item["id"].as_str(), item["status"].as_str()) {
                self.book().seen.entry(id.to_owned()).or_default().insert(status.to_owned());
            }
        }
    }

    /// The stream of everybody's events.
    pub async fn open_stream(&self, longest: Duration) -> Option<Response> {
        self.send("/api/v1/events", 0, |url| self.http.get(url).timeout(longest)).await
    }

    /// Notes an event that the stream told.
    pub fn note_event(&self, run: &str, seq: i64) {
        let mut book = self.book();
        let newest = book.streamed.entry(run.to_owned()).or_default();
        *newest = seq.max(*newest);
        book.events += 1;
    }

    /// Notes something that may never happen.
    pub fn complain(&self, complaint: String) {
        self.book().complaints.push(complaint);
    }

    /// How many runs still move, at most 100; nothing while nobody answers.
    pub async fn moving(&self) -> Option<usize> {
        self.count("queued,submitting,pending").await
    }

    /// How many runs have one of these statuses, at most 100; nothing while nobody answers.
    pub async fn count(&self, statuses: &str) -> Option<usize> {
        let path = format!("/api/v1/runs?status={statuses}&limit=100");
        let answer = self.send(&path, 0, |url| self.http.get(url)).await?;
        let list: Value = answer.json().await.ok()?;
        Some(list["items"].as_array()?.len())
    }
}

fn text(marker: &str) -> Value {
    json!({ "text": format!("Marker {marker}. It is the only one. So be it.") })
}

fn failing(marker: &str) -> Value {
    json!({ "message": format!("As wished by {marker}") })
}
