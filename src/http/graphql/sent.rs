//! A body, or a query string, as it was sent -> what it says.

use actix_web::body::{self, BodyStream};
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use actix_web::mime::{APPLICATION_JSON, Mime};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpMessage, HttpRequest};
use async_graphql::indexmap::IndexMap;
use async_graphql::indexmap::map::Entry;
use percent_encoding::percent_decode_str;
use tokio::time::{Instant, timeout_at};

use super::json::weight;
use super::members::Body;
use super::parameters::{self, Parameters};
use crate::error::{Error, HttpFault, Result};
use crate::permits::Permit;
use crate::schema::Room;

/// Bytes of a query string: as much as common proxies let through in a request line.
const MAX_QUERY_STRING: usize = 8 << 10;

/// The requests of one body.
pub struct Sent {
    pub requests: Vec<Parameters>,
    /// They are answered in a list, be it of one.
    pub is_list: bool,
    /// Room for them.
    pub held: Option<Permit>,
}

impl Sent {
    /// The body of a POST, which has to be there by `until`.
    pub async fn in_body(
        http: &HttpRequest,
        payload: Payload,
        max_bytes: usize,
        room: &Room,
        until: Instant,
    ) -> Result<Self> {
        if !is_json(http) {
            return Err(Error::BadHttp(HttpFault::ContentType));
        }
        if is_encoded(http) {
            return Err(Error::BadHttp(HttpFault::ContentEncoding));
        }
        if declared(http).is_some_and(|bytes| bytes > max_bytes as u64) {
            return Err(Error::BadHttp(HttpFault::BodyTooLong));
        }
        let body = read(payload, max_bytes, until).await?;
        let held = room.wait(weight(&body), until).await?;
        let Body { requests, is_list } = parameters::parse(&body)?;
        if requests.is_empty() {
            return Err(Error::BadRequest("the list is empty"));
        }
        let requests = requests.into_iter().map(Parameters::of).collect::<Result<_>>()?;
        Ok(Self { requests, is_list, held })
    }

    /// The query string of a GET.
    pub async fn in_query_string(http: &HttpRequest, room: &Room, until: Instant) -> Result<Self> {
        let query_string = http.query_string();
        if query_string.len() > MAX_QUERY_STRING {
            return Err(Error::BadHttp(HttpFault::QueryStringTooLong));
        }
        let held = room.wait(weight(query_string.as_bytes()), until).await?;
        let mut texts = IndexMap::new();
        for pair in query_string.split('&').filter(|pair| !pair.is_empty()) {
            let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
            match texts.entry(decoded(name)?) {
                Entry::Vacant(free) => free.insert(decoded(text)?),
                Entry::Occupied(_) => return Err(Error::BadRequest("a parameter stands twice")),
            };
        }
        Ok(Self { requests: vec![Parameters::of_texts(texts)?], is_list: false, held })
    }
}

/// A browser sends JSON to another site only after asking that site, so no page can use a visitor's access.
fn is_json(http: &HttpRequest) -> bool {
    let is_json = |media_type: &Mime| {
        let charset = media_type.get_param("charset");
        media_type.essence_str() == APPLICATION_JSON && charset.is_none_or(|charset| charset == "utf-8")
    };
    let mut stated = http.headers().get_all(CONTENT_TYPE);
    let (first, stated_once) = (stated.next(), stated.next().is_none());
    // As nearly everybody writes it.
    let is_plain =
        first.is_some_and(|media_type| media_type.as_bytes() == APPLICATION_JSON.as_ref().as_bytes());
    stated_once
        && (is_plain || http.mime_type().ok().flatten().is_some_and(|media_type| is_json(&media_type)))
}

/// RFC 9110, 8.4.1: names of codings have no case. `identity` is no coding, and is said all the same.
fn is_encoded(http: &HttpRequest) -> bool {
    let is_coding = |coding: &HeaderValue| !coding.as_bytes().eq_ignore_ascii_case(b"identity");
    http.headers().get_all(CONTENT_ENCODING).any(is_coding)
}

/// How long the body is going to be, where that is said.
fn declared(http: &HttpRequest) -> Option<u64> {
    http.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn read(payload: Payload, max_bytes: usize, until: Instant) -> Result<Bytes> {
    match timeout_at(until, body::to_bytes_limited(BodyStream::new(payload), max_bytes)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(Error::BadRequest("the body broke off")),
        Ok(Err(_)) => Err(Error::BadHttp(HttpFault::BodyTooLong)),
        Err(_) => Err(Error::BadHttp(HttpFault::TooSlow)),
    }
}

/// `application/x-www-form-urlencoded`. Decoded with replacements different texts would be the same.
fn decoded(text: &str) -> Result<String> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    decoded.map(Into::into).map_err(|_| Error::BadRequest("the query string is not UTF-8"))
}
