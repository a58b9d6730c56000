//! Where an answer points to.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

use super::parse;
use crate::error::{Error, Result};

const UNUSABLE: Error = Error::UpstreamUnavailable("it redirects to what is not a usable URL");

/// `None` where the answer is an answer.
pub(super) fn target(from: &Url, status: StatusCode, headers: &HeaderMap) -> Result<Option<Url>> {
    // RFC 9110, 15.4. 300 leaves the choice to a person, 304 to a cache.
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = headers.get(LOCATION).and_then(|value| str::from_utf8(value.as_bytes()).ok());
    let to = location.and_then(|location| from.join(location).ok()).ok_or(UNUSABLE)?;
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(Error::UpstreamUnavailable("it redirects from https to http"));
    }
    parse(to.as_str()).map(Some).map_err(blame)
}

/// A bad URL is the upstream's fault where the upstream has named it.
pub(super) fn blame(error: Error) -> Error {
    match error {
        Error::BadUrl(_) => UNUSABLE,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn redirected(from: &str, status: u16, location: &[u8]) -> Result<Option<String>> {
        let headers = HeaderMap::from_iter([(LOCATION, HeaderValue::from_bytes(location).unwrap())]);
        let to = target(&Url::parse(from).unwrap(), StatusCode::from_u16(status).unwrap(), &headers);
        to.map(|to| to.map(String::from))
    }

    #[test]
    fn a_location_is_relative_to_the_url_that_was_asked() {
        for status in [301, 302, 303, 307, 308] {
            let to = redirected("http://a.b/c/d?e", status, b"f");
            assert_eq!(to, Ok(Some("http://a.b/c/f".to_owned())));
        }
        assert_eq!(redirected("http://a.b/", 302, b"//c.d/"), Ok(Some("http://c.d/".to_owned())));
        assert_eq!(redirected("http://a.b/", 302, b"https://c.d/"), Ok(Some("https://c.d/".to_owned())));
    }

    #[test]
    fn other_answers_point_nowhere() {
        for status in [200, 206, 300, 304, 305, 404] {
            assert_eq!(redirected("http://a.b/", status, b"/c"), Ok(None));
        }
    }

    #[test]
    fn https_is_never_left() {
        assert!(matches!(
            redirected("https://a.b/", 302, b"http://a.b/"),
            Err(Error::UpstreamUnavailable(_))
        ));
        assert!(redirected("https://a.b/", 302, b"//c.d/").is_ok());
    }

    #[test]
    fn what_is_no_url_is_unusable() {
        let long = "a".repeat(9000);
        for location in [&b"http://"[..], b"http://[::1", b"\xff", long.as_bytes()] {
            assert_eq!(redirected("http://a.b/", 302, location), Err(UNUSABLE));
        }
        let nowhere = target(&Url::parse("http://a.b/").unwrap(), StatusCode::FOUND, &HeaderMap::new());
        assert_eq!(nowhere, Err(UNUSABLE));
    }
}
