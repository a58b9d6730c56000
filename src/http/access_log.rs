//! One line a request: never a query string, a header or a body, any of which may hold a secret. All its lines carry its
//! id, and so does its answer.

use std::array::from_fn;
use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use tracing::{Instrument, Span, error_span};

use super::health::Stopping;
use super::{is_imagekits, metrics, trace};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The same, as ImageKit calls it.
const IMAGEKIT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ik-requestid");
const DIGITS: &[u8; 16] = b"0123456789abcdef";
/// A UUID has 36.
const MAX_ID_BYTES: usize = 64;

pub async fn log_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = id_of(request.headers());
    let imagekits = is_imagekits(request.path());
    let span = span(&id);
    trace::adopt(&span, request.headers());
    let mut response = answer(request, next).instrument(span).await?;
    let headers = response.headers_mut();
    if imagekits {
        headers.insert(IMAGEKIT_REQUEST_ID, id.clone());
    }
    headers.insert(REQUEST_ID, id);
    Ok(response)
}

async fn answer<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let mut response = next.call(request).await?;
    let took = started.elapsed();
    let (status, ms) = (response.status().as_u16(), took.as_millis() as u64);
    let (route, verb) = metrics::count(&response, took);
    trace::describe(&Span::current(), route, verb, status);
    close_if_stopping(&mut response);
    tracing::info!(%method, path, status, ms, "request");
    Ok(response)
}

/// Who asks again is to ask another replica.
fn close_if_stopping<B>(response: &mut ServiceResponse<B>) {
    let stopping = response.request().app_data::<Data<Stopping>>();
    if stopping.is_some_and(|stopping| stopping.has_begun()) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
}

/// Of the highest level: whatever is logged of a request carries its id.
fn span(id: &HeaderValue) -> Span {
    error_span!("request", id = %id.to_str().unwrap_or_default())
}

/// The caller's own, where it is one that can stand in a log.
fn id_of(headers: &HeaderMap) -> HeaderValue {
    let given = headers.get(REQUEST_ID).filter(|id| is_safe(id.as_bytes()));
    given.cloned().unwrap_or_else(|| {
        let id = fastrand::u128(..);
        let digits: [u8; 32] = from_fn(|place| DIGITS[(id >> (4 * place)) as usize % DIGITS.len()]);
        HeaderValue::from_bytes(&digits).unwrap_or(HeaderValue::from_static("none"))
    })
}

fn is_safe(id: &[u8]) -> bool {
    let is_safe = |sign: &u8| sign.is_ascii_alphanumeric() || b"-_.".contains(sign);
    (1..=MAX_ID_BYTES).contains(&id.len()) && id.iter().all(is_safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_taken(id: &[u8]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_bytes(id).unwrap());
        id_of(&headers).as_bytes() == id
    }

    #[test]
    fn a_caller_s_id_is_taken_if_it_can_stand_in_a_log() {
        for id in [&b"a"[..], b"4bf92f35-77b3_4da6.a3", &[b'x'; MAX_ID_BYTES]] {
            assert!(is_taken(id), "{id:?}");
        }
        for id in [&b""[..], b"a b", b"a\tb", b"a\"", b"{a}", b"a=b", b"\xe9", &[b'x'; MAX_ID_BYTES + 1]] {
            assert!(!is_taken(id), "{id:?}");
        }
        let (one, other) = (id_of(&HeaderMap::new()), id_of(&HeaderMap::new()));
        assert!(one != other && one.len() == 32);
    }
}
