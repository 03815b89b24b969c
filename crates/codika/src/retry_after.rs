use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

const LONGEST: Duration = Duration::from_secs(300);

/// The wait asked for by `Retry-After`, in seconds or as a date, at most five minutes.
///
/// Zero, negative, past and unreadable values are `None`: they say nothing a client could use. A
/// date is measured from the answer's own `Date`, so that two clocks need not agree.
pub(crate) fn parse(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<f64>() {
        Ok(seconds) => {
            // `clamp` keeps NaN, which is no duration; `min` would make it the longest.
            Duration::try_from_secs_f64(seconds.clamp(0.0, LONGEST.as_secs_f64())).ok()?
        }
        Err(_) => {
            let until = httpdate::parse_http_date(text).ok()?;
            until.duration_since(date(headers).unwrap_or(now)).ok()?
        }
    };
    (!wait.is_zero()).then(|| wait.min(LONGEST))
}

fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(retry_after: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, retry_after.parse().unwrap());
        if let Some(date) = date {
            headers.insert(header::DATE, date.parse().unwrap());
        }
        parse(&headers, SystemTime::UNIX_EPOCH).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds() {
        assert_eq!(wait("7", None), Some(7));
        assert_eq!(wait("300", None), Some(300));
        for huge in ["301", "1000000000", "1e9", "99999999999999999999999", "inf"] {
            assert_eq!(wait(huge, None), Some(300), "{huge}");
        }
        for useless in ["0", "-5", "-1e9", "NaN", "soon", ""] {
            assert_eq!(wait(useless, None), None, "{useless}");
        }
    }

    #[test]
    fn dates() {
        assert_eq!(wait("Thu, 01 Jan 1970 00:00:20 GMT", None), Some(20));
        assert_eq!(wait("Fri, 01 Jan 2100 00:00:00 GMT", None), Some(300));
        let now = Some("Sun, 01 Mar 2026 10:00:00 GMT");
        assert_eq!(wait("Sun, 01 Mar 2026 10:00:09 GMT", now), Some(9));
        assert_eq!(wait("Sun, 01 Mar 2026 09:59:59 GMT", now), None);
    }
}
