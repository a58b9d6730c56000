//! ImageKit's metadata REST API. There is no batch endpoint: one image, one call.

mod answer;

use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::config::{self, ConfigError};
use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Metadata};
use crate::source::tls;

/// An answer with every EXIF tag there is has some 20 KB.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// ImageKit's ids have 24 digits; anything much longer is not one.
const MAX_ID_BYTES: usize = 256;
/// RFC 3986 section 2.3: what a path segment carries as it is.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The header is in milliseconds, unlike everybody else's.
const RATE_LIMIT_RESET: &str = "x-ratelimit-reset";

pub struct ImageKit {
    client: Client,
    /// Without a slash at the end.
    base: String,
    private_key: SecretString,
}

impl ImageKit {
    /// `deadline` bounds one call, connecting included.
    pub fn new(config: &config::ImageKit, deadline: Duration) -> Result<Self, ConfigError> {
        let client = tls::client().timeout(deadline).build();
        let client = client.map_err(|error| ConfigError::Unusable {
            setting: "imagekit_url (imagekit.url)",
            reason: error.to_string(),
        })?;
        let base = config.url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { client, base, private_key: config.private_key.clone() })
    }

    pub async fn metadata(&self, image: &ImageRef) -> Result<Metadata> {
        let response = self.get(&self.endpoint(image)?).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = read_body(response).await;
        if status == StatusCode::OK {
            return answer::metadata(&body?);
        }
        Err(refusal(status, &headers, &body.unwrap_or_default(), image))
    }

    fn endpoint(&self, image: &ImageRef) -> Result<String> {
        Ok(match image {
            ImageRef::File(id) => format!("{}/v1/files/{}/metadata", self.base, path_segment(id)?),
            ImageRef::Url(url) => format!("{}/v1/metadata?url={}", self.base, query_value(url)?),
        })
    }

    async fn get(&self, endpoint: &str) -> Result<Response> {
        let request = self.client.get(endpoint).basic_auth(self.private_key.expose_secret(), Some(""));
        request.send().await.map_err(|error| transport_error(&error))
    }
}

/// Refuses what could name another resource than a file once it is part of a path.
fn path_segment(id: &str) -> Result<String> {
    match id {
        "" => Err(Error::BadId("it is empty")),
        "." | ".." => Err(Error::BadId("it is a path")),
        _ if id.len() > MAX_ID_BYTES => Err(Error::BadId("it is too long")),
        _ => Ok(utf8_percent_encode(id, NOT_UNRESERVED).to_string()),
    }
}

fn query_value(url: &str) -> Result<String> {
    let parsed = Url::parse(url).map_err(|_| Error::BadUrl("it cannot be parsed"))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(Error::BadUrl("only http and https are possible"));
    }
    Ok(utf8_percent_encode(url, NOT_UNRESERVED).to_string())
}

async fn read_body(mut response: Response) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| transport_error(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(Error::UpstreamUnavailable("its answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Says nothing of the error itself: its text holds the URL.
fn transport_error(error: &reqwest::Error) -> Error {
    if error.is_timeout() { Error::Timeout } else { Error::UpstreamUnavailable("the connection failed") }
}

/// ImageKit's error bodies, as `docs/` of its API and its SDKs show them.
fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8], image: &ImageRef) -> Error {
    match status.as_u16() {
        400 => bad_request(&answer::message(body), image),
        401 | 403 => Error::UpstreamUnauthorized,
        404 => Error::NotFound,
        429 => Error::UpstreamRateLimited { retry_after: retry_after(headers) },
        _ => Error::UpstreamUnavailable("it answered with an error"),
    }
}

fn bad_request(message: &str, image: &ImageRef) -> Error {
    match image {
        _ if message.contains("corrupt or invalid") => Error::CorruptImage("ImageKit cannot read it"),
        ImageRef::Url(_) if message.contains("should be accessible") => Error::UrlNotAllowed,
        ImageRef::Url(_) => Error::BadUrl("ImageKit refused it"),
        ImageRef::File(_) => Error::BadId("ImageKit refused it"),
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let reset = number(RATE_LIMIT_RESET).map(Duration::from_millis);
    reset.or_else(|| number(RETRY_AFTER.as_str()).map(Duration::from_secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_path_segment() {
        assert_eq!(path_segment("5e1c13c2f2a3").as_deref(), Ok("5e1c13c2f2a3"));
        assert_eq!(path_segment("a/../b?c#d").as_deref(), Ok("a%2F..%2Fb%3Fc%23d"));
        for wrong in ["", ".", ".."] {
            assert!(matches!(path_segment(wrong), Err(Error::BadId(_))), "{wrong:?}");
        }
    }

    #[test]
    fn a_url_is_encoded_whole() {
        let encoded = query_value("https://ik.imagekit.io/demo/a b.jpg?tr=w-1&x=2#y").unwrap();
        assert_eq!(encoded, "https%3A%2F%2Fik.imagekit.io%2Fdemo%2Fa%20b.jpg%3Ftr%3Dw-1%26x%3D2%23y");
        assert!(matches!(query_value("ftp://example.com/a"), Err(Error::BadUrl(_))));
        assert!(matches!(query_value("a.jpg"), Err(Error::BadUrl(_))));
    }

    #[test]
    fn the_reset_header_is_in_milliseconds() {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, "3".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(3)));
        headers.insert(RATE_LIMIT_RESET, "1500".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_millis(1500)));
    }
}
