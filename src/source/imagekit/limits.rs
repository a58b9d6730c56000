//! What ImageKit's headers say of its rate limits. Intervals are in milliseconds, unlike everybody else's.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::turns::Limit;

const LIMIT: &str = "x-ratelimit-limit";
const INTERVAL: &str = "x-ratelimit-interval";
const RESET: &str = "x-ratelimit-reset";

/// More are as good as no limit, and would be remembered call by call.
const MAX_CALLS: u64 = 10_000;
/// Calls that leave here an interval apart may arrive nearer to each other: a twentieth more keeps them apart.
const MARGIN: u32 = 20;
/// Longer waits than any deadline are all the same.
const MAX_WAIT: Duration = Duration::from_secs(3_600);
/// Where a refusal does not say for how long.
const DEFAULT_WAIT: Duration = Duration::from_secs(1);

/// The limit that an answer states.
pub fn stated(headers: &HeaderMap) -> Option<Limit> {
    let calls = number(headers, LIMIT).filter(|calls| *calls > 0)?.min(MAX_CALLS) as usize;
    let interval = Duration::from_millis(number(headers, INTERVAL)?);
    (!interval.is_zero() && interval <= MAX_WAIT)
        .then_some(Limit { calls, interval: interval + interval / MARGIN })
}

/// How long a refused caller is to wait.
pub fn wait(headers: &HeaderMap) -> Duration {
    let reset = number(headers, RESET).map(Duration::from_millis);
    let retry_after = || number(headers, RETRY_AFTER.as_str()).map(Duration::from_secs);
    reset.or_else(retry_after).unwrap_or(DEFAULT_WAIT).min(MAX_WAIT)
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(given: &[(&'static str, &'static str)]) -> HeaderMap {
        let header = |&(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        given.iter().map(header).collect()
    }

    #[test]
    fn the_reset_is_in_milliseconds_and_retry_after_in_seconds() {
        assert_eq!(wait(&headers(&[("retry-after", "3")])), Duration::from_secs(3));
        assert_eq!(wait(&headers(&[("retry-after", "3"), (RESET, "1500")])), Duration::from_millis(1_500));
        assert_eq!(wait(&headers(&[])), DEFAULT_WAIT);
        assert_eq!(wait(&headers(&[(RESET, "18446744073709551615")])), MAX_WAIT);
        assert_eq!(wait(&headers(&[(RESET, "-1")])), DEFAULT_WAIT);
    }

    #[test]
    fn a_limit_needs_a_number_and_an_interval_that_make_sense() {
        let limit = |calls, interval| stated(&headers(&[(LIMIT, calls), (INTERVAL, interval)]));
        assert_eq!(limit("40", "1000"), Some(Limit { calls: 40, interval: Duration::from_millis(1_050) }));
        assert_eq!(limit("100000", "1000").map(|limit| limit.calls), Some(10_000));
        for (calls, interval) in [("0", "1000"), ("40", "0"), ("-1", "1"), ("1e3", "1"), ("1", "9999999")] {
            assert_eq!(limit(calls, interval), None, "{calls} {interval}");
        }
        assert_eq!(stated(&headers(&[(LIMIT, "40")])), None);
    }
}
