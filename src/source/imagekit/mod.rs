//! ImageKit's metadata REST API. There is no batch endpoint: one image, one call.

mod answer;
mod call;
mod limits;
mod shared_turns;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use crate::config::{self, ConfigError};
use crate::cost::Endpoint;
use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Metadata};
use crate::redis::Redis;
use call::{Answer, Gate, Upstream};
use shared_turns::SharedTurns;
use turns::Turns;
pub use turns::{WAITED, WAITING};

/// ImageKit's ids have 24 digits; anything much longer is not one.
const MAX_ID_BYTES: usize = 256;
/// RFC 3986 section 2.3: what a path segment carries as it is.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub struct ImageKit {
    upstream: Upstream,
    /// Without a slash at the end.
    base: String,
    account: String,
    url_endpoint: Option<Url>,
    /// Of metadata by file id.
    files: Gate,
    /// Of metadata by URL.
    urls: Gate,
    /// Of a file's details.
    details: Gate,
    /// Of lists of files.
    lists: Gate,
}

impl ImageKit {
    /// `patience` bounds one look-up, waiting and trying again included.
    pub fn new(
        config: &config::ImageKit,
        redis: Option<&Arc<Redis>>,
        patience: Duration,
    ) -> Result<Self, ConfigError> {
        let base = config.url.as_str().trim_end_matches('/').to_owned();
        let account = account(&base, &config.private_key);
        let upstream = Upstream::new(config.private_key.clone(), patience)?;
        let gate = |endpoint| {
            let shared = |redis| SharedTurns::new(Arc::clone(redis), &account, endpoint, patience);
            Gate::new(Turns::new(endpoint, redis.map(shared)))
        };
        Ok(Self {
            files: gate(Endpoint::Files),
            urls: gate(Endpoint::Urls),
            details: gate(Endpoint::Details),
            lists: gate(Endpoint::Lists),
            upstream,
            base,
            account,
            url_endpoint: config.url_endpoint.clone(),
        })
    }

    /// Whether a URL is one at which the account's files are delivered.
    pub fn delivers(&self, url: &Url) -> bool {
        self.url_endpoint.as_ref().is_some_and(|endpoint| {
            let below = url.path().strip_prefix(endpoint.path().trim_end_matches('/'));
            url.origin() == endpoint.origin() && below.is_some_and(|below| below.starts_with('/'))
        })
    }

    /// By which accounts are told apart, without saying anything of their keys.
    pub fn account(&self) -> &str {
        &self.account
    }

    pub async fn metadata(&self, image: &ImageRef) -> Result<Metadata> {
        let (gate, url) = match image {
            ImageRef::File(id) => {
                (&self.files, format!("{}/v1/files/{}/metadata", self.base, path_segment(id)?))
            }
            ImageRef::Url(url) => {
                (&self.urls, format!("{}/v1/metadata?url={}", self.base, query_value(url)?))
            }
        };
        self.upstream.get(gate, &url, |answer| read(&answer, image)).await
    }

    /// The details of a file, as ImageKit prints them.
    pub async fn details(&self, id: &str) -> Result<Value> {
        let url = format!("{}/v1/files/{}/details", self.base, path_segment(id)?);
        let image = ImageRef::File(id.to_owned());
        self.upstream.get(&self.details, &url, |answer| verbatim(&answer, &image)).await
    }

    /// A list of files, as ImageKit prints it. `query` is its own and is passed on as it is.
    pub async fn files(&self, query: &str) -> Result<Value> {
        let url = format!("{}/v1/files?{query}", self.base);
        let read = |answer: Answer| match answer.status {
            StatusCode::BAD_REQUEST => Err(Error::BadRequest("ImageKit refuses these parameters")),
            _ => verbatim(&answer, &ImageRef::File(String::new())),
        };
        self.upstream.get(&self.lists, &url, read).await
    }
}

fn verbatim(answer: &Answer, image: &ImageRef) -> Result<Value> {
    match answer.status {
        StatusCode::OK => serde_json::from_slice(&answer.body)
            .map_err(|_| Error::UpstreamUnavailable("its answer is not JSON")),
        _ => Err(refusal(answer, image)),
    }
}

fn account(base: &str, private_key: &SecretString) -> String {
    let digest = Sha256::new().chain_update(base).chain_update([0]).chain_update(private_key.expose_secret());
    URL_SAFE_NO_PAD.encode(&digest.finalize()[..12])
}

fn read(answer: &Answer, image: &ImageRef) -> Result<Metadata> {
    match answer.status {
        StatusCode::OK => answer::metadata(&answer.body),
        _ => Err(refusal(answer, image)),
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

/// ImageKit's error bodies, as `docs/` of its API and its SDKs show them.
fn refusal(answer: &Answer, image: &ImageRef) -> Error {
    match answer.status.as_u16() {
        400 => bad_request(&answer::message(&answer.body), image),
        401 | 403 => Error::UpstreamUnauthorized,
        404 => Error::NotFound,
        429 => Error::UpstreamRateLimited { retry_after: Some(limits::wait(&answer.headers)) },
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
}
