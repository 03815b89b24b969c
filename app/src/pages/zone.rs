//! Times as the reader of a page has them.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use leptos::prelude::*;
use model::Millis;

/// The time zone that somebody has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl Zone {
    /// By its name in the time zone database, for example `Europe/Berlin`.
    pub fn named(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// All names that there are, but for those kept for old programs.
    pub fn names() -> Vec<String> {
        let is_place = |name: &String| name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("SystemV/");
        let names = jiff::tz::db().available().map(|name| name.to_string()).filter(is_place);
        std::iter::once("UTC".to_owned()).chain(names).collect()
    }

    /// When a day like `2026-11-29` begins, or ends, in this zone.
    pub fn day(&self, text: &str, end: bool) -> Option<Millis> {
        let day: Date = text.parse().ok()?;
        let day = if end { day.tomorrow().ok()? } else { day };
        Some(day.to_zoned(self.0.clone()).ok()?.timestamp().as_millisecond())
    }

    /// To the minute, with the zone's short name.
    fn moment(&self, at: Millis) -> String {
        let moment = Timestamp::from_millisecond(at).map(|at| at.to_zoned(self.0.clone()));
        moment.map(|moment| moment.strftime("%Y-%m-%d %H:%M %Z").to_string()).unwrap_or_default()
    }
}

/// A moment in the zone that the view provides, else in UTC.
#[component]
pub fn When(at: Millis) -> impl IntoView {
    let iso = Timestamp::from_millisecond(at).map(|at| format!("{at:.3}")).unwrap_or_default();
    let text = use_context::<Zone>().unwrap_or_default().moment(at);
    view! { <time datetime=iso>{text}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_its_zone() {
        let at = 1_700_000_000_000;
        assert_eq!(Zone::default().moment(at), "2023-11-14 22:13 UTC");
        let berlin = Zone::named("Europe/Berlin").expect("it is in the database");
        assert_eq!((berlin.moment(at).as_str(), berlin.name()), ("2023-11-14 23:13 CET", "Europe/Berlin"));
        assert_eq!(Zone::named("Moon/Crater"), None);
        let names = Zone::names();
        assert!(names[0] == "UTC" && names.iter().any(|name| name == "America/New_York"), "{}", names.len());
    }
}
