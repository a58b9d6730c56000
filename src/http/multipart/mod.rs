//! `multipart/form-data` (RFC 7578), part by part as it comes: no more is held than one piece of the network's, and all of it
//! has to be there by the deadline.

mod head;

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::mime::Mime;
use actix_web::web::{Bytes, BytesMut, Payload};
use bytes::Buf;
use futures_util::StreamExt;
use memchr::memmem;
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, HttpFault, Result};
pub use head::Head;

/// Parts of one body: more than any client sends.
const MAX_PARTS: usize = 100;
/// Bytes of what stands ahead of a part.
const MAX_HEAD: usize = 8 << 10;
/// RFC 2046, 5.1.1.
const MAX_BOUNDARY: usize = 70;

const MALFORMED: Error = Error::BadRequest("the body is no multipart/form-data");
const BROKEN_OFF: Error = Error::BadRequest("the body broke off");

pub struct Multipart<'a> {
    payload: &'a mut Payload,
    until: Instant,
    /// What has come and is not read.
    buffer: BytesMut,
    /// What stands behind each part, and as if a part were ahead of it before the first.
    delimiter: Vec<u8>,
    place: Place,
    parts: usize,
    /// Bytes that the body may still have.
    left: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before a delimiter.
    Inside,
    /// Right behind one.
    Between,
    Over,
}

/// Whether a request says that its body comes in parts.
pub fn is_multipart(http: &HttpRequest) -> bool {
    let stated = http.headers().get(CONTENT_TYPE).map(|value| value.as_bytes());
    let starts = |value: &[u8]| value.to_ascii_lowercase().starts_with(b"multipart/form-data");
    stated.is_some_and(starts)
}

impl<'a> Multipart<'a> {
    /// Of a body that has no more than so many bytes, and is there by `until`. Nothing is read yet.
    pub fn new(http: &HttpRequest, payload: &'a mut Payload, max_bytes: u64, until: Instant) -> Result<Self> {
        let boundary = boundary(http).ok_or(Error::BadHttp(HttpFault::NoParts))?;
        if http.headers().contains_key(CONTENT_ENCODING) {
            return Err(Error::BadHttp(HttpFault::ContentEncoding));
        }
        let declared =
            http.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if declared.is_some_and(|bytes: u64| bytes > max_bytes) {
            return Err(Error::BadHttp(HttpFault::BodyTooLong));
        }
        let (delimiter, buffer) = (format!("\r\n--{boundary}").into_bytes(), BytesMut::from(&b"\r\n"[..]));
        Ok(Self { payload, until, buffer, delimiter, place: Place::Inside, parts: 0, left: max_bytes })
    }

    /// The next part, once the one before has been read to its end; none behind the last one.
    pub async fn next(&mut self) -> Result<Option<Head>> {
        if self.parts == 0 {
            self.skip_preamble().await?;
        }
        match self.place {
            Place::Inside => return Err(Error::Internal),
            Place::Over => return Ok(None),
            Place::Between => {}
        }
        while self.buffer.len() < 2 {
            self.fill().await?;
        }
        if self.buffer.starts_with(b"--") {
            self.place = Place::Over;
            return self.skip_epilogue().await.map(|()| None);
        }
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(Error::BadRequest("the body has too many parts"));
        }
        let head = self.head().await?;
        self.place = Place::Inside;
        Head::parse(&head).map(Some).ok_or(MALFORMED)
    }

    /// The next bytes of a part; none at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        while self.place == Place::Inside {
            match memmem::find(&self.buffer, &self.delimiter) {
                Some(0) => {
                    self.buffer.advance(self.delimiter.len());
                    self.place = Place::Between;
                }
                Some(end) => return Ok(Some(self.buffer.split_to(end).freeze())),
                // A delimiter may have begun.
                None if self.buffer.len() >= self.delimiter.len() => {
                    let sure = self.buffer.len() - self.delimiter.len() + 1;
                    return Ok(Some(self.buffer.split_to(sure).freeze()));
                }
                None => self.fill().await?,
            }
        }
        Ok(None)
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

    /// RFC 2046 lets something stand there, and no client does it.
    async fn skip_preamble(&mut self) -> Result<()> {
        match self.chunk().await? {
            None => Ok(()),
            Some(_) => Err(MALFORMED),
        }
    }

    /// Nothing but the end of a line may follow.
    async fn skip_epilogue(&mut self) -> Result<()> {
        loop {
            if self.buffer.len() > MAX_HEAD {
                return Err(MALFORMED);
            }
            match self.fill().await {
                Err(BROKEN_OFF) => return Ok(()),
                filled => filled?,
            }
        }
    }

    /// From the end of the delimiter's line on.
    async fn head(&mut self) -> Result<Bytes> {
        if !self.buffer.starts_with(b"\r\n") {
            return Err(MALFORMED);
        }
        loop {
            match memmem::find(&self.buffer, b"\r\n\r\n") {
                Some(end) if end <= MAX_HEAD => return Ok(self.buffer.split_to(end + 4).freeze()),
                None if self.buffer.len() <= MAX_HEAD => self.fill().await?,
                _ => return Err(Error::BadRequest("the head of a part is too long")),
            }
        }
    }

    async fn fill(&mut self) -> Result<()> {
        let next = timeout_at(self.until, self.payload.next()).await;
        let piece = next.map_err(|_| Error::BadHttp(HttpFault::TooSlow))?;
        let piece = piece.and_then(|piece| piece.ok()).ok_or(BROKEN_OFF)?;
        self.left =
            self.left.checked_sub(piece.len() as u64).ok_or(Error::BadHttp(HttpFault::BodyTooLong))?;
        self.buffer.extend_from_slice(&piece);
        Ok(())
    }
}

fn boundary(http: &HttpRequest) -> Option<String> {
    let mut stated = http.headers().get_all(CONTENT_TYPE);
    let (only, None) = (stated.next()?, stated.next()) else { return None };
    let media_type: Mime = only.to_str().ok()?.parse().ok()?;
    let boundary = media_type.get_param("boundary")?.as_str().to_owned();
    let is_form = media_type.essence_str() == "multipart/form-data";
    (is_form && (1..=MAX_BOUNDARY).contains(&boundary.len())).then_some(boundary)
}

#[cfg(test)]
mod tests;
