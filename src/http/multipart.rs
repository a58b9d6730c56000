//! `multipart/form-data` (RFC 7578), part by part as it comes: no more is held than the 64 KiB of its reader, and all of it has to
//! be there by the deadline.

use std::io::{self, ErrorKind};

use actix_multipart::{Field, Multipart as Parts, MultipartError};
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::mime::Mime;
use actix_web::web::{Bytes, Payload};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, HttpFault, Result};

/// Parts of one body: more than any client sends.
const MAX_PARTS: usize = 100;

const MALFORMED: Error = Error::BadRequest("the body is no multipart/form-data");
const BROKEN_OFF: Error = Error::BadRequest("the body broke off");

pub struct Multipart {
    parts: Parts,
    /// What is being read; none once its end was seen.
    part: Option<Field>,
    until: Instant,
    begun: usize,
    /// Of all of the body.
    max_bytes: u64,
}

/// What stands ahead of a part.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// Of the field.
    pub name: String,
    /// Of the file, as its sender calls it; none of what is no file.
    pub file_name: Option<String>,
}

/// Whether a request says that its body comes in parts.
pub fn is_multipart(http: &HttpRequest) -> bool {
    let stated = http.headers().get(CONTENT_TYPE).map(|value| value.as_bytes());
    let starts = |value: &[u8]| value.to_ascii_lowercase().starts_with(b"multipart/form-data");
    stated.is_some_and(starts)
}

impl Multipart {
    /// Of a body that has no more than so many bytes, and is there by `until`. Nothing is read yet.
    pub fn new(http: &HttpRequest, payload: Payload, max_bytes: u64, until: Instant) -> Result<Self> {
        if !has_boundary(http) {
            return Err(Error::BadHttp(HttpFault::NoParts));
        }
        if http.headers().contains_key(CONTENT_ENCODING) {
            return Err(Error::BadHttp(HttpFault::ContentEncoding));
        }
        let declared =
            http.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if declared.is_some_and(|bytes: u64| bytes > max_bytes) {
            return Err(too_large(max_bytes));
        }
        let mut left = max_bytes;
        let pieces = payload.into_inner().map(move |piece| capped(piece?, &mut left));
        Ok(Self { parts: Parts::new(http.headers(), pieces), part: None, until, begun: 0, max_bytes })
    }

    /// The next part; what was not read of the one before is passed over. None behind the last one.
    pub async fn next(&mut self) -> Result<Option<Head>> {
        self.part = None;
        let Some(part) = in_time(self.until, self.max_bytes, self.parts.next()).await? else {
            return Ok(None);
        };
        self.begun += 1;
        if self.begun > MAX_PARTS {
            return Err(Error::BadRequest("the body has too many parts"));
        }
        let head = Head::of(&part).ok_or(MALFORMED)?;
        self.part = Some(part);
        Ok(Some(head))
    }

    /// The next bytes of a part; none at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let Some(part) = &mut self.part else { return Ok(None) };
        let chunk = in_time(self.until, self.max_bytes, part.next()).await?;
        if chunk.is_none() {
            self.part = None;
        }
        Ok(chunk)
    }

    /// All of a part that is a text of so many bytes at most.
    pub async fn text(&mut self, max_bytes: usize) -> Result<String> {
        let mut text = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if text.len() + chunk.len() > max_bytes {
                return Err(Error::BadHttp(HttpFault::BodyTooLong));
            }
            text.extend_from_slice(&chunk);
        }
        String::from_utf8(text).map_err(|_| Error::BadRequest("a field is not UTF-8"))
    }
}

impl Head {
    fn of(part: &Field) -> Option<Self> {
        let disposition = part.content_disposition()?;
        let file_name = disposition.get_filename().map(unescaped);
        Some(Self { name: unescaped(disposition.get_name()?), file_name })
    }
}

/// Browsers write quotes and line ends as %22, %0D and %0A (HTML, 4.10.21.8).
fn unescaped(name: &str) -> String {
    name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

fn capped(piece: Bytes, left: &mut u64) -> Result<Bytes, PayloadError> {
    let rest = left.checked_sub(piece.len() as u64);
    *left = rest.ok_or_else(|| PayloadError::Io(io::Error::from(ErrorKind::FileTooLarge)))?;
    Ok(piece)
}

async fn in_time<T>(
    until: Instant,
    max_bytes: u64,
    next: impl Future<Output = Option<Result<T, MultipartError>>>,
) -> Result<Option<T>> {
    let next = timeout_at(until, next).await.map_err(|_| Error::BadHttp(HttpFault::TooSlow))?;
    next.transpose().map_err(|error| fault(error, max_bytes))
}

fn too_large(limit: u64) -> Error {
    Error::TooLarge { what: "bytes of the body", limit }
}

fn fault(error: MultipartError, max_bytes: u64) -> Error {
    match error {
        MultipartError::Payload(PayloadError::Io(error)) if error.kind() == ErrorKind::FileTooLarge => {
            too_large(max_bytes)
        }
        MultipartError::Payload(PayloadError::Overflow) => {
            Error::BadRequest("the head of a part is too long")
        }
        MultipartError::Payload(_) | MultipartError::Incomplete => BROKEN_OFF,
        _ => MALFORMED,
    }
}

/// One type, which is the one of forms: the parts' reader takes any that begins with `multipart/`.
fn has_boundary(http: &HttpRequest) -> bool {
    let mut stated = http.headers().get_all(CONTENT_TYPE);
    let (Some(only), None) = (stated.next(), stated.next()) else { return false };
    let media_type = only.to_str().ok().and_then(|only| only.parse::<Mime>().ok());
    media_type.is_some_and(|media_type| {
        let boundary = media_type.get_param("boundary");
        media_type.essence_str() == "multipart/form-data"
            && boundary.is_some_and(|boundary| !boundary.as_str().is_empty())
    })
}

#[cfg(test)]
mod tests;
