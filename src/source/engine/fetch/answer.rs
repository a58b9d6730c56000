//! What the head of an answer says: RFC 9110.

use std::ops::Range;
use std::time::Duration;

use reqwest::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED, RETRY_AFTER,
};
use reqwest::{Response, StatusCode};

use crate::error::{Error, Result};
use crate::metadata::Version;

/// No server is believed that asks for more.
const MAX_RETRY_AFTER: u64 = 24 * 60 * 60;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The body is the file.
    Whole { size: Option<u64> },
    /// The body is this part of a file.
    Part { range: Range<u64>, size: Option<u64> },
    /// The file has nothing where it was asked for a part.
    Beyond { size: Option<u64> },
}

impl Answer {
    pub(super) fn read(response: &Response) -> Result<Self> {
        let headers = response.headers();
        match response.status() {
            StatusCode::OK => identity(headers).map(|()| Self::Whole { size: response.content_length() }),
            // A success without a body: a file of no bytes.
            StatusCode::NO_CONTENT => Ok(Self::Whole { size: Some(0) }),
            StatusCode::PARTIAL_CONTENT => identity(headers).and_then(|()| part(headers)),
            StatusCode::RANGE_NOT_SATISFIABLE => Ok(Self::Beyond { size: size_if_unsatisfied(headers) }),
            status => Err(refusal(status, headers)),
        }
    }
}

/// The request asks for no other encoding, and nothing here decodes one.
fn identity(headers: &HeaderMap) -> Result<()> {
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    if encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        Ok(())
    } else {
        Err(Error::UpstreamUnavailable("its body is in an encoding that was not asked for"))
    }
}

/// A multipart answer (15.3.7.2) has no such header; it may only follow a request for several ranges.
fn part(headers: &HeaderMap) -> Result<Answer> {
    let part = text(headers, CONTENT_RANGE).and_then(content_range);
    part.ok_or(Error::UpstreamUnavailable("it does not say which part of the file it sends"))
}

/// 14.4: `bytes first-last/size`, where the size may be `*`.
fn content_range(text: &str) -> Option<Answer> {
    let (span, size) = range_and_size(text)?;
    let (first, last) = span.split_once('-')?;
    let range = number(first)?..number(last)?.checked_add(1)?;
    let size = if size == "*" { None } else { Some(number(size)?) };
    let plausible = !range.is_empty() && size.is_none_or(|size| range.end <= size);
    plausible.then_some(Answer::Part { range, size })
}

/// 14.4: `bytes */size`
fn size_if_unsatisfied(headers: &HeaderMap) -> Option<u64> {
    match text(headers, CONTENT_RANGE).and_then(range_and_size)? {
        ("*", size) => number(size),
        _ => None,
    }
}

/// Names of units know no case (14.1).
fn range_and_size(text: &str) -> Option<(&str, &str)> {
    let (unit, rest) = text.split_once(' ')?;
    unit.eq_ignore_ascii_case("bytes").then(|| rest.trim().split_once('/'))?
}

/// Digits alone: `parse` would take a sign.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn refusal(status: StatusCode, headers: &HeaderMap) -> Error {
    match status.as_u16() {
        // To whom it is not given it is not there: ImageKit's "does not exist or is inaccessible".
        401 | 403 | 404 | 410 | 451 => Error::NotFound,
        429 => Error::UpstreamRateLimited { retry_after: retry_after(headers) },
        _ => Error::UpstreamUnavailable("its status is none of a file's"),
    }
}

/// 10.2.3, in seconds; its other form, a date, counts as none.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = text(headers, RETRY_AFTER).and_then(number)?;
    Some(Duration::from_secs(seconds.min(MAX_RETRY_AFTER)))
}

/// 8.8. What is not text is as good as not stated.
pub(super) fn version(headers: &HeaderMap) -> Version {
    let stated = |name| text(headers, name).map(str::to_owned);
    Version { etag: stated(ETAG), last_modified: stated(LAST_MODIFIED) }
}

/// What If-Range may hold. A weak tag may not (13.1.5), and a date is strong only by a clock (8.8.2.2).
pub(super) fn strong_tag(version: &Version) -> Option<&str> {
    version.etag.as_deref().filter(|tag| tag.starts_with('"'))
}

/// RFC 9111, 5.2.2: what is kept here is for all callers (`private`) and given without asking anew (`no-cache`).
pub(super) fn no_store(headers: &HeaderMap) -> bool {
    let fields = headers.get_all(CACHE_CONTROL).iter().filter_map(|field| field.to_str().ok());
    let forbids = |directive: &str| {
        ["no-store", "private", "no-cache"].iter().any(|name| directive.eq_ignore_ascii_case(name))
    };
    fields.flat_map(|field| field.split(',')).any(|directive| forbids(directive.trim()))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(fields: &[(HeaderName, &'static str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn reads_a_content_range() {
        let part = |range, size| Some(Answer::Part { range, size });
        assert_eq!(content_range("bytes 0-65535/100000"), part(0..65536, Some(100_000)));
        assert_eq!(content_range("Bytes 5-5/6"), part(5..6, Some(6)));
        assert_eq!(content_range("bytes 5-9/*"), part(5..10, None));
    }

    #[test]
    fn refuses_a_content_range_that_cannot_be() {
        let bad = "|bytes|bytes 0-9|items 0-9/10|bytes 9-0/10|bytes 0-10/10|bytes -9/10|bytes 0-/10|bytes */10|\
                   bytes +0-9/10|bytes 0-9/|bytes 0-18446744073709551615/*|bytes 0-9/99999999999999999999|0-9/10";
        for text in bad.split('|') {
            assert_eq!(content_range(text), None, "{text}");
        }
    }

    #[test]
    fn reads_the_size_of_a_file_without_such_a_range() {
        let size = |text| size_if_unsatisfied(&headers(&[(CONTENT_RANGE, text)]));
        assert_eq!(size("bytes */10"), Some(10));
        assert_eq!(size("bytes 0-9/10"), None);
        assert_eq!(size("bytes */*"), None);
    }

    #[test]
    fn tells_why_there_is_no_file() {
        let refused =
            |status, after| refusal(StatusCode::from_u16(status).unwrap(), &headers(&[(RETRY_AFTER, after)]));
        for status in [401, 403, 404, 410, 451] {
            assert_eq!(refused(status, "1"), Error::NotFound);
        }
        let limited = |seconds: Option<u64>| Error::UpstreamRateLimited {
            retry_after: seconds.map(Duration::from_secs),
        };
        assert_eq!(refused(429, "7"), limited(Some(7)));
        assert_eq!(refused(429, "18446744073709551615"), limited(Some(86_400)));
        assert_eq!(refused(429, "Fri, 31 Dec 1999 23:59:59 GMT"), limited(None));
        for status in [201, 205, 300, 304, 400, 407, 418, 500, 503, 599] {
            assert!(matches!(refused(status, "1"), Error::UpstreamUnavailable(_)), "{status}");
        }
    }

    #[test]
    fn takes_no_encoded_body() {
        assert!(identity(&headers(&[])).is_ok());
        assert!(identity(&headers(&[(CONTENT_ENCODING, "Identity")])).is_ok());
        assert!(identity(&headers(&[(CONTENT_ENCODING, "gzip")])).is_err());
        assert!(identity(&headers(&[(CONTENT_ENCODING, "identity, br")])).is_err());
    }

    #[test]
    fn a_weak_tag_is_not_for_if_range() {
        let tag = |tag| strong_tag(&version(&headers(&[(ETAG, tag)]))).is_some();
        assert!(tag("\"a\"") && !tag("W/\"a\""));
    }

    #[test]
    fn no_store_is_one_directive_of_several() {
        let kept = |fields: &[_]| !no_store(&headers(fields));
        assert!(kept(&[]) && kept(&[(CACHE_CONTROL, "max-age=60, no-storeroom")]));
        assert!(!kept(&[(CACHE_CONTROL, "private, No-Store")]));
        assert!(!kept(&[(CACHE_CONTROL, "max-age=60"), (CACHE_CONTROL, "no-store")]));
        assert!(!kept(&[(CACHE_CONTROL, "Private, max-age=60")]) && !kept(&[(CACHE_CONTROL, "no-cache")]));
    }
}
