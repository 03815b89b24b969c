//! What a person reads about how asking goes. Distances, not times of day: these need the reader's time zone.

use model::{Millis, Notice, Outage, WatchNote};

/// For the top of Home.
pub fn outage(outage: &Outage, now: Millis) -> Notice {
    warning(
        "Codika is not answering".to_owned(),
        format!("For {} now; {}.", lasting((now - outage.since).max(1_000)), again(outage.again_at - now)),
        "Runs that are under way go on there; their results come when it answers.",
    )
}

/// For the page of a run that is waited for.
pub fn note(note: &WatchNote, now: Millis) -> Notice {
    let goes_on = |at: &Millis| format!("The run itself goes on; {}.", again(at - now));
    match note {
        WatchNote::Registering => Notice {
            warning: false,
            ..warning(
                "Registering".to_owned(),
                "Codika has accepted the run and does not list it yet.".to_owned(),
                "This takes some seconds at most.",
            )
        },
        WatchNote::Word { word } => warning(
            format!("Codika reports the status “{word}”"),
            "The dashboard does not know this word.".to_owned(),
            "It goes on asking.",
        ),
        WatchNote::Unavailable { again_at } => {
            warning("Status temporarily unavailable".to_owned(), goes_on(again_at), "")
        }
        WatchNote::Limited { again_at } => warning("Codika asks for fewer questions".to_owned(), goes_on(again_at), ""),
        WatchNote::KeyRefused => warning(
            "Waiting for a valid key".to_owned(),
            "Codika does not accept the key of this environment. The run itself goes on.".to_owned(),
            "When an administrator has set a valid key, its answer comes.",
        ),
        WatchNote::Outage(gone) => outage(gone, now),
    }
}

fn warning(title: String, why: String, hint: &str) -> Notice {
    Notice { title, why, hint: hint.to_owned(), warning: true }
}

fn again(ms: Millis) -> String {
    if ms < 1_000 { "we are asking again".to_owned() } else { format!("we ask again in {}", lasting(ms)) }
}

fn lasting(ms: Millis) -> String {
    match ms.max(0) / 1_000 {
        seconds @ ..90 => format!("{seconds} s"),
        seconds @ ..5_400 => format!("{} min", (seconds + 30) / 60),
        seconds => format!("{} h", (seconds + 1_800) / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_rounded() {
        let cases = [(-5, "0 s"), (89_999, "89 s"), (90_000, "2 min"), (5_399_000, "90 min"), (5_400_000, "2 h")];
        for (ms, words) in cases {
            assert_eq!(lasting(ms), words, "{ms}");
        }
    }

    #[test]
    fn an_outage_says_since_when_and_when_next() {
        let gone = Outage { since: 0, again_at: 252_000 };
        assert_eq!(outage(&gone, 240_000).why, "For 4 min now; we ask again in 12 s.");
        assert_eq!(outage(&gone, 252_500).why, "For 4 min now; we are asking again.");
    }
}
