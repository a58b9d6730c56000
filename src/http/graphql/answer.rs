//! What the schema says, or why it was not asked -> a response: status, headers, JSON.

use actix_web::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_TYPE, ContentEncoding, HeaderName, HeaderValue,
    RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::accept::MediaType;
use crate::error::{Error, HttpFault, Result};
use crate::http::whole_seconds;
use crate::schema::Answer;
use crate::schema::error::was_run;

/// `Basic` is taken as well, but would make browsers ask for a password.
const BEARER: &str = "Bearer";
/// Bytes: what fits into a packet arrives no sooner when it is shorter.
const COMPRESSED_FROM: usize = 1_024;
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The answer to one request. `is_public` where whoever asks is told the same.
pub fn one(http: &HttpRequest, media_type: MediaType, mut answered: Answer, is_public: bool) -> HttpResponse {
    let caching = (http.method() == Method::GET).then(|| caching(&answered, is_public));
    if caching.as_ref().is_some_and(|caching| *caching != NO_STORE) {
        // What it cost now is not what it costs whoever is given the copy.
        answered.extensions.cost = None;
    }
    let mut answer = respond(status_of(&answered, media_type), media_type, &answered);
    if let Some(caching) = caching {
        answer.headers_mut().insert(CACHE_CONTROL, caching);
    }
    answer
}

/// The answers to a list of requests, in its order.
pub fn list(media_type: MediaType, answers: impl Iterator<Item = Result<Answer>>) -> HttpResponse {
    let answer = |answer: Result<Answer>| answer.unwrap_or_else(|error| Answer::refused(&error));
    respond(StatusCode::OK, media_type, &answers.map(answer).collect::<Vec<_>>())
}

/// The answer to a request that is not run.
pub fn refuse(http: &HttpRequest, error: &Error) -> HttpResponse {
    let media_type = MediaType::of_refusal(http);
    let mut answer = respond(status(error, media_type), media_type, &Answer::refused(error));
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, NO_STORE);
    if let Some(wait) = error.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
    }
    if let Some((name, value)) = instead(error) {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// The header that says how to ask instead. Of content codings: RFC 9110, 15.5.16.
fn instead(error: &Error) -> Option<(HeaderName, &'static str)> {
    match error {
        Error::Unauthenticated { .. } => Some((WWW_AUTHENTICATE, BEARER)),
        Error::BadHttp(HttpFault::OtherMethod) => Some((ALLOW, "GET, POST")),
        Error::BadHttp(HttpFault::MutationByGet) => Some((ALLOW, "POST")),
        Error::BadHttp(HttpFault::OnlyPost) => Some((ALLOW, "POST")),
        Error::BadHttp(HttpFault::OnlyRead) => Some((ALLOW, "GET, HEAD")),
        Error::BadHttp(HttpFault::ContentEncoding) => Some((ACCEPT_ENCODING, "identity")),
        _ => None,
    }
}

fn respond(status: StatusCode, media_type: MediaType, body: &impl Serialize) -> HttpResponse {
    let mut json = Vec::with_capacity(COMPRESSED_FROM);
    if serde_json::to_writer(&mut json, body).is_err() {
        return HttpResponse::InternalServerError().finish();
    }
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CONTENT_TYPE, media_type.content_type()));
    if json.len() < COMPRESSED_FROM {
        answer.insert_header(ContentEncoding::Identity);
    }
    answer.body(json)
}

/// Under the newer media type a request that could not be run at all has status 400, under the older one 200.
fn status_of(answer: &Answer, media_type: MediaType) -> StatusCode {
    match media_type {
        MediaType::GraphqlResponse if !was_run(&answer.errors) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

/// The status of an error that concerns a whole request.
fn status(error: &Error, media_type: MediaType) -> StatusCode {
    match error {
        Error::Unauthenticated { .. } => StatusCode::UNAUTHORIZED,
        Error::BadHttp(fault) => match fault {
            HttpFault::NothingChanges
            | HttpFault::OtherMethod
            | HttpFault::MutationByGet
            | HttpFault::OnlyRead
            | HttpFault::OnlyPost => StatusCode::METHOD_NOT_ALLOWED,
            HttpFault::CrossSite => StatusCode::FORBIDDEN,
            HttpFault::OtherHost => StatusCode::MISDIRECTED_REQUEST,
            HttpFault::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            HttpFault::ContentType
            | HttpFault::ContentEncoding
            | HttpFault::NoPreflight
            | HttpFault::NoParts => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            HttpFault::BodyTooLong => StatusCode::PAYLOAD_TOO_LARGE,
            HttpFault::QueryStringTooLong => StatusCode::URI_TOO_LONG,
            HttpFault::TooSlow => StatusCode::REQUEST_TIMEOUT,
        },
        Error::Forbidden | Error::DocumentNotTrusted => StatusCode::FORBIDDEN,
        Error::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Overloaded(_) => StatusCode::SERVICE_UNAVAILABLE,
        // As Apollo Server has it: not every client looks into an answer of another status.
        Error::PersistedQueryNotFound | Error::PersistedQueryNotSupported
            if media_type == MediaType::Json =>
        {
            StatusCode::OK
        }
        Error::BadRequest(_)
        | Error::QueryTooCostly { .. }
        | Error::PersistedQueryNotFound
        | Error::PersistedQueryNotSupported => StatusCode::BAD_REQUEST,
        // Of a file that is sent; of one that is read it stands at its place.
        Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        // Of one image, which is not refused but answered at its place.
        Error::NotFound
        | Error::BadId(_)
        | Error::BadUrl(_)
        | Error::UrlNotAllowed
        | Error::NotAnImage
        | Error::UnsupportedFormat(_)
        | Error::CorruptImage(_)
        | Error::BadName(_)
        | Error::AlreadyExists
        | Error::UpstreamUnauthorized
        | Error::UpstreamRateLimited { .. }
        | Error::UpstreamUnavailable(_)
        | Error::Timeout
        | Error::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// `Cache-Control` of an answer: as long as all of it is fresh.
fn caching(answer: &Answer, is_public: bool) -> HeaderValue {
    let seconds = answer.extensions.max_age;
    if seconds == 0 || !answer.errors.is_empty() {
        return NO_STORE;
    }
    let whose = if is_public { "public" } else { "private" };
    HeaderValue::try_from(format!("{whose}, max-age={seconds}")).unwrap_or(NO_STORE)
}
