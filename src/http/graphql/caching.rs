//! What caches between are told. Answers that may be kept get a strong validator over their bytes, as they are encoded,
//! and are not sent again to who has them.

use actix_web::body::{self, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ContentEncoding, ETAG,
    Encoding, EntityTag, HeaderMap, HeaderValue, IfNoneMatch, VARY,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Bytes of a digest that are told: two answers are not alike in them by chance.
const TAG: usize = 16;

/// All that an answer depends on beside its URL.
const DEPENDS_ON: HeaderValue =
    HeaderValue::from_static("Accept, Accept-Encoding, Authorization, Origin, Sec-Fetch-Site, X-API-Key");

pub async fn tell(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if takes_nothing(&request) {
        request.headers_mut().remove(ACCEPT_ENCODING);
    }
    let known = request.get_header::<IfNoneMatch>();
    let mut answer = next.call(request).await?;
    let headers = answer.headers_mut();
    headers.insert(VARY, DEPENDS_ON);
    // What is not to be compressed says that it is encoded already, in what is no encoding.
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding == ContentEncoding::Identity.as_str()) {
        headers.remove(CONTENT_ENCODING);
    }
    if !may_be_kept(headers) {
        return Ok(answer.map_into_boxed_body());
    }
    let (http, answer) = answer.into_parts();
    let answer = tagged(answer, known.as_ref()).await?;
    Ok(ServiceResponse::new(http, answer))
}

/// Whether no encoding that there is will do, not even none. RFC 9110, 12.5.3: then it is sent without one.
fn takes_nothing(request: &ServiceRequest) -> bool {
    let encodings = [Encoding::identity(), Encoding::gzip(), Encoding::brotli()];
    let accepted = request.get_header::<AcceptEncoding>();
    accepted.is_some_and(|accepted| accepted.negotiate(encodings.iter()).is_none())
}

fn may_be_kept(headers: &HeaderMap) -> bool {
    let caching = headers.get(CACHE_CONTROL).and_then(|caching| caching.to_str().ok());
    caching.is_some_and(|caching| caching.contains("max-age"))
}

async fn tagged(
    answer: HttpResponse<impl MessageBody>,
    known: Option<&IfNoneMatch>,
) -> Result<HttpResponse, Error> {
    let (answer, body) = answer.into_parts();
    let body = body::to_bytes(body).await.map_err(|_| ErrorInternalServerError("the answer broke off"))?;
    let tag = EntityTag::new_strong(URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..TAG]));
    let is_known = known.is_some_and(|known| names(known, &tag));
    let mut answer = if is_known { not_modified(answer) } else { answer.set_body(BoxBody::new(body)) };
    answer.headers_mut().insert(ETAG, HeaderValue::try_from(tag.to_string())?);
    Ok(answer)
}

/// RFC 9110 section 13.1.2: compared weakly.
fn names(known: &IfNoneMatch, tag: &EntityTag) -> bool {
    match known {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(tag)),
    }
}

fn not_modified(answer: HttpResponse<()>) -> HttpResponse {
    let mut answer = answer.set_body(BoxBody::new(()));
    *answer.status_mut() = StatusCode::NOT_MODIFIED;
    let headers = answer.headers_mut();
    headers.remove(CONTENT_TYPE);
    headers.remove(CONTENT_ENCODING);
    answer
}
