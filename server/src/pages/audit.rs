use app::pages::{
    settings::audit::{AuditQuery, Trail, audit},
    zone::Zone,
};
use axum::{
    body::{Body, Bytes},
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use engine::{
    Access, By, Engine, EngineError, Problem,
    store::{AuditFilter, AuditRow},
};
use futures::{StreamExt, TryStreamExt, stream};
use model::{AuditKind, UserId};

use crate::{App, extractors::SignedIn, middleware::error_pages::Refusal, rest::run::rfc3339};

use super::{PageRequest, ReaderZone};

/// Entries on one page.
const PAGE: u32 = 100;
/// Entries that a download reads at once.
const BATCH: u32 = 1_000;

type Wrong = (&'static str, String);

pub async fn show(ReaderZone(zone): ReaderZone, request: PageRequest, query: Query<AuditQuery>) -> Response {
    let Query(query) = query;
    let (filter, wrong) = match filter(&query, &zone) {
        Ok(filter) => (filter, None),
        Err(wrong) => (AuditFilter::default(), Some(wrong)),
    };
    match read(&request, filter, zone).await {
        Ok(trail) => {
            let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            let page = audit(&request.who, query, trail, wrong).with_status(status);
            request.draw(page).await
        }
        Err(error) => request.refuse(error).await,
    }
}

async fn read(request: &PageRequest, filter: AuditFilter, zone: Zone) -> Result<Trail, EngineError> {
    let engine = &request.app.services.engine;
    let page = engine.audit_trail(&request.who, AuditFilter { limit: PAGE, ..filter }).await?;
    let people = engine.people(By::Person(&request.who)).await?;
    let people = people.into_iter().map(|row| (row.principal.id.to_string(), row.principal.name)).collect();
    Ok(Trail { entries: page.items, next: page.next, people, zone })
}

fn filter(query: &AuditQuery, zone: &Zone) -> Result<AuditFilter, Wrong> {
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let day = |name: &'static str, value: &str, end: bool| match text(value) {
        None => Ok(None),
        Some(value) => match zone.day(&value, end) {
            Some(at) => Ok(Some(at)),
            None => Err((name, "Write a day like 2026-11-29.".to_owned())),
        },
    };
    // Only an address that somebody has written can have these wrong; then nothing is shown unfiltered.
    let unknown = |name: &'static str, words: &str| (name, words.to_owned());
    let actor = text(&query.actor).map(UserId::parse).transpose();
    let actor = actor.map_err(|_| unknown("about", "There is no such account to filter by."))?;
    let kind = text(&query.kind).map(|kind| kind.parse::<AuditKind>()).transpose();
    let kind = kind.map_err(|_| unknown("about", "There is no such kind of entry to filter by."))?;
    let about = text(&query.about);
    if about.as_ref().is_some_and(|about| !about.contains(':')) {
        return Err(("about", "Write the kind before the id, for example run:01m8….".to_owned()));
    }
    Ok(AuditFilter {
        actor,
        kind,
        subject: about,
        since: day("from", &query.from, false)?,
        until: day("to", &query.to, true)?,
        before: query.before.parse().ok(),
        limit: PAGE,
    })
}

pub async fn csv(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    jar: CookieJar,
    zone: ReaderZone,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Refusal> {
    let head = row(["time", "actor_id", "actor", "action", "subject", "detail", "position"].map(str::to_owned));
    download(app, (who, jar), &query, zone, ("csv", "text/csv; charset=utf-8"), head, csv_line).await
}

pub async fn ndjson(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    jar: CookieJar,
    zone: ReaderZone,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Refusal> {
    download(app, (who, jar), &query, zone, ("ndjson", "application/x-ndjson"), String::new(), json_line).await
}

async fn download(
    app: App,
    (who, jar): (Access, CookieJar),
    query: &AuditQuery,
    ReaderZone(zone): ReaderZone,
    (extension, kind): (&'static str, &'static str),
    head: String,
    line: fn(&AuditRow) -> String,
) -> Result<Response, Refusal> {
    let wrong = |(_, words): Wrong| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, words);
    let filter = AuditFilter { limit: BATCH, before: None, ..filter(query, &zone).map_err(wrong)? };
    let session = jar.get(app.cookie_name()).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    let engine = app.services.engine;
    let what = format!("{extension}, {}", serde_json::to_string(query).unwrap_or_default());
    engine.note_audit_export(&who, &what).await?;
    let rest =
        batches(engine, session, filter).map_ok(move |rows| Bytes::from(rows.iter().map(line).collect::<String>()));
    let body = stream::once(async { Ok(Bytes::from(head)) }).chain(rest);
    let name = format!("attachment; filename=\"audit.{extension}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// The right to go on ends with the session and the right itself: each batch asks who reads.
fn batches(
    engine: Engine,
    session: String,
    filter: AuditFilter,
) -> impl stream::Stream<Item = Result<Vec<AuditRow>, EngineError>> {
    stream::try_unfold(Some(filter), move |filter| {
        let (engine, session) = (engine.clone(), session.clone());
        async move {
            let Some(filter) = filter else { return Ok(None) };
            let who = engine.who_by_session(&session).await?.ok_or(Problem::Forbidden)?;
            let page = engine.audit_trail(&who, filter.clone()).await?;
            let next = page.next.and_then(|mark| mark.parse().ok());
            Ok(Some((page.items, next.map(|before| AuditFilter { before: Some(before), ..filter }))))
        }
    })
}

fn csv_line(entry: &AuditRow) -> String {
    row([
        rfc3339(entry.at),
        entry.actor.as_ref().map(ToString::to_string).unwrap_or_default(),
        entry.actor_name.clone().unwrap_or_default(),
        entry.action.clone(),
        entry.subject.clone(),
        entry.detail.clone(),
        entry.position.map(|position| position.to_string()).unwrap_or_default(),
    ])
}

/// RFC 4180. What a spreadsheet would take for a formula gets an apostrophe before it.
fn row(cells: [String; 7]) -> String {
    let cell = |text: String| {
        let guarded = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text };
        format!("\"{}\"", guarded.replace('"', "\"\""))
    };
    format!("{}\r\n", cells.map(cell).join(","))
}

fn json_line(entry: &AuditRow) -> String {
    let json = serde_json::json!({
        "time": rfc3339(entry.at),
        "actor_id": entry.actor,
        "actor": entry.actor_name,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "position": entry.position,
    });
    format!("{json}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_takes_no_cell_for_a_formula() {
        let mut cells = [""; 7].map(str::to_owned);
        cells[0] = "=cmd|' /C calc'!A0".to_owned();
        cells[1] = "@sum".to_owned();
        cells[2] = "said \"x\",\ny".to_owned();
        assert_eq!(row(cells), "\"'=cmd|' /C calc'!A0\",\"'@sum\",\"said \"\"x\"\",\ny\",\"\",\"\",\"\",\"\"\r\n");
    }

    #[test]
    fn a_filter_is_read_in_the_zone_of_its_reader() {
        let zone = Zone::named("Europe/Berlin").expect("a zone");
        let query = AuditQuery { from: "2023-11-15".into(), to: "2023-11-15".into(), ..AuditQuery::default() };
        let read = filter(&query, &zone).expect("a filter");
        assert_eq!((read.since, read.until), (Some(1_700_002_800_000), Some(1_700_089_200_000)));
        let wrong = |query| filter(&query, &zone).expect_err("it is wrong").0;
        assert_eq!(wrong(AuditQuery { to: "yesterday".into(), ..AuditQuery::default() }), "to");
        assert_eq!(wrong(AuditQuery { about: "01m8".into(), ..AuditQuery::default() }), "about");
    }
}
