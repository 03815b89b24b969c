//! Moments and durations as people read them.

use leptos::prelude::*;
use model::Millis;

use crate::providers::clock::use_clock;

/// A moment, as its distance from now. The exact time is its title: in UTC, and from when somebody points
/// at it in the reader's own time zone. (The first time a browser writes a date it reads its tables of
/// languages, which takes as long as a fifth of hydration.)
#[component]
pub fn Moment(at: Millis) -> impl IntoView {
    let clock = use_clock();
    view! {
        <time datetime=iso(at) title=utc(at) on:mouseenter=move |event| put_local(&event, at)>
            {move || ago(clock.now(), at)}
        </time>
    }
}

/// "just now", "4 min ago", "2 h ago", "3 days ago", then the day.
fn ago(now: Millis, at: Millis) -> String {
    match now - at {
        ..45_000 => "just now".to_owned(),
        passed @ ..3_570_000 => format!("{} min ago", (passed + 30_000) / 60_000),
        passed @ ..84_600_000 => format!("{} h ago", (passed + 1_800_000) / 3_600_000),
        passed @ ..2_592_000_000 => match (passed + 43_200_000) / 86_400_000 {
            1 => "1 day ago".to_owned(),
            days => format!("{days} days ago"),
        },
        _ => iso(at)[..10].to_owned(),
    }
}

/// "2.3 s", "47 s", "4 min 10 s", "2 h 5 min".
pub fn duration(ms: i64) -> String {
    let ms = ms.max(0);
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..10_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        10_000..60_000 => format!("{} s", ms / 1_000),
        60_000..3_600_000 => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
        _ => format!("{} h {} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
    }
}

/// "usually 3 s": a median needs no decimals once it is above a second.
pub fn usual(ms: i64) -> String {
    match ms {
        ..1_000 => "usually under 1 s".to_owned(),
        1_000..60_000 => format!("usually {} s", (ms + 500) / 1_000),
        _ => format!("usually {}", duration(ms)),
    }
}

struct Civil {
    year: i64,
    month: i64,
    day: i64,
    ms: i64,
}

/// Days since 1970-01-01 to a calendar date, by Howard Hinnant's algorithm for the Gregorian calendar.
fn civil(at: Millis) -> Civil {
    let days = at.div_euclid(86_400_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: of_year - (153 * shifted + 2) / 5 + 1,
        ms: at.rem_euclid(86_400_000),
    }
}

fn iso(at: Millis) -> String {
    let Civil { year, month, day, ms } = civil(at);
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{:03}Z", ms % 1_000)
}

fn utc(at: Millis) -> String {
    let Civil { year, month, day, ms } = civil(at);
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02} {h:02}:{m:02}:{s:02} UTC")
}

/// Day and time in the reader's own zone and customs.
#[cfg(feature = "hydrate")]
fn put_local(event: &web_sys::MouseEvent, at: Millis) {
    let date = js_sys::Date::new(&(at as f64).into());
    let local = String::from(date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED));
    let _ = event_target::<web_sys::Element>(event).set_attribute("title", &local);
}

#[cfg(not(feature = "hydrate"))]
const fn put_local(_: &web_sys::MouseEvent, _: Millis) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_calendar_dates() {
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(utc(1_772_634_601_400), "2026-03-04 14:30:01 UTC");
        assert_eq!(iso(-1), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn distances_are_rough() {
        let now = 1_772_634_601_400;
        let cases = [
            (-5_000, "just now"),
            (44_000, "just now"),
            (45_000, "1 min ago"),
            (3_569_000, "59 min ago"),
            (3_570_000, "1 h ago"),
            (84_599_000, "23 h ago"),
            (84_600_000, "1 day ago"),
            (200_000_000, "2 days ago"),
            (2_592_000_000, "2026-02-02"),
        ];
        for (passed, words) in cases {
            assert_eq!(ago(now, now - passed), words, "{passed}");
        }
    }

    #[test]
    fn durations_are_short() {
        let cases = [
            (0, "0 ms"),
            (812, "812 ms"),
            (2_310, "2.3 s"),
            (47_900, "47 s"),
            (250_000, "4 min 10 s"),
            (7_500_000, "2 h 5 min"),
        ];
        for (ms, words) in cases {
            assert_eq!(duration(ms), words);
        }
        assert_eq!(usual(2_600), "usually 3 s");
    }
}
