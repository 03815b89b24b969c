//! Moments and durations as people read them.

use leptos::prelude::*;
use model::Millis;

use crate::providers::clock::use_clock;

/// A moment: for a day as its distance from now, later as day and time. Where there is room the exact time stands
/// beside the distance; elsewhere it is the title, which a row shows when it has the focus.
#[component]
pub fn Moment(
    at: Millis,
    /// Beside the distance.
    #[prop(optional)]
    exact: bool,
) -> impl IntoView {
    let clock = use_clock();
    let words = move || {
        let printed = || stamp(at, clock.offset_ms(at), false);
        match ago(clock.now(), at) {
            Some(ago) if exact => format!("{ago} ({})", printed()),
            Some(ago) => ago,
            None => printed(),
        }
    };
    view! {
        <time datetime=iso(at) title=move || stamp(at, clock.offset_ms(at), true)>
            {words}
        </time>
    }
}

/// Day and time to the second.
#[component]
pub fn Exact(at: Millis) -> impl IntoView {
    let clock = use_clock();
    view! { <time datetime=iso(at)>{move || stamp(at, clock.offset_ms(at), true)}</time> }
}

/// "just now", "4 min ago", "2 h ago"; nothing after a day.
fn ago(now: Millis, at: Millis) -> Option<String> {
    Some(match now - at {
        ..45_000 => "just now".to_owned(),
        passed @ ..3_570_000 => format!("{} min ago", (passed + 30_000) / 60_000),
        passed @ ..84_600_000 => format!("{} h ago", (passed + 1_800_000) / 3_600_000),
        _ => return None,
    })
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

const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";

/// "4 Mar 2026, 14:30 UTC"; without the last word in the reader's own zone, which the server does not know.
/// Not by the browser's tables of languages: to read them takes as long as a fifth of hydration.
fn stamp(at: Millis, offset: Option<Millis>, seconds: bool) -> String {
    let Civil { year, month, day, ms } = civil(at + offset.unwrap_or(0));
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    let name = usize::try_from(month * 3 - 3).ok().and_then(|at| MONTHS.get(at..at + 3)).unwrap_or_default();
    let seconds = if seconds { format!(":{s:02}") } else { String::new() };
    let zone = if offset.is_none() { " UTC" } else { "" };
    format!("{day} {name} {year}, {h:02}:{m:02}{seconds}{zone}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_calendar_dates() {
        assert_eq!(stamp(0, None, true), "1 Jan 1970, 00:00:00 UTC");
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(stamp(1_772_634_601_400, None, false), "4 Mar 2026, 14:30 UTC");
        assert_eq!(stamp(1_772_634_601_400, Some(-12 * 3_600_000), true), "4 Mar 2026, 02:30:01");
        assert_eq!(stamp(1_798_761_599_000, Some(3_600_000), true), "1 Jan 2027, 00:59:59");
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
        ];
        for (passed, words) in cases {
            assert_eq!(ago(now, now - passed).as_deref(), Some(words), "{passed}");
        }
        assert_eq!(ago(now, now - 84_600_000), None, "then it is printed");
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
