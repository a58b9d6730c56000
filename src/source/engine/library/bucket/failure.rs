//! Why a bucket gave no answer, in words that say nothing of it.

use std::error::Error as StdError;

use object_store::Error as StoreError;
use object_store::client::{HttpError, HttpErrorKind};

use crate::error::Error;

const NO_BUCKET: Error = Error::UpstreamUnavailable("the library's bucket is not there");
const UNREACHABLE: Error = Error::UpstreamUnavailable("the library's bucket cannot be reached");
const UNUSABLE: Error = Error::UpstreamUnavailable("the library's bucket gives no usable answer");

/// What S3 says of keys that are wrong, and not of a file that this one may not see.
const BAD_KEYS: [&str; 5] = [
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "AuthorizationHeaderMalformed",
];

/// Of a request for a file. Who may not see it is told that it is not there, as a stranger is of a remote image.
pub fn of_object(error: StoreError) -> Error {
    match &error {
        StoreError::NotFound { .. } if says(&error, &["NoSuchBucket"]) => NO_BUCKET,
        StoreError::PermissionDenied { .. } if says(&error, &BAD_KEYS) => Error::UpstreamUnauthorized,
        StoreError::NotFound { .. } | StoreError::PermissionDenied { .. } => Error::NotFound,
        StoreError::InvalidPath { .. } => Error::NotFound,
        _ => of_any(&error),
    }
}

/// Of a request for a list, which is refused only with the whole bucket.
pub fn of_list(error: StoreError) -> Error {
    match &error {
        StoreError::NotFound { .. } => NO_BUCKET,
        StoreError::PermissionDenied { .. } => Error::UpstreamUnauthorized,
        _ if status_is(&error, 404) => NO_BUCKET,
        _ if status_is(&error, 403) => Error::UpstreamUnauthorized,
        _ => of_any(&error),
    }
}

/// Whether the object has no such bytes.
pub fn is_beyond_the_end(error: &StoreError) -> bool {
    status_is(error, 416)
}

fn of_any(error: &StoreError) -> Error {
    match http_kind(error) {
        _ if matches!(error, StoreError::Unauthenticated { .. }) => Error::UpstreamUnauthorized,
        Some(HttpErrorKind::Timeout) => Error::Timeout,
        Some(HttpErrorKind::Connect) => UNREACHABLE,
        _ if status_is(error, 401) => Error::UpstreamUnauthorized,
        _ if status_is(error, 429) => Error::UpstreamRateLimited { retry_after: None },
        _ => UNUSABLE,
    }
}

/// The codes of an error's body (S3's `<Code>`), which the library passes on in its text alone.
fn says(error: &StoreError, codes: &[&str]) -> bool {
    let text = error.to_string();
    codes.iter().any(|code| text.contains(&format!("<Code>{code}</Code>")))
}

/// The library passes a status on that it has no case for in its text alone.
fn status_is(error: &StoreError, status: u16) -> bool {
    causes(error).any(|cause| cause.to_string().contains(&format!("status code: {status} ")))
}

fn http_kind(error: &StoreError) -> Option<HttpErrorKind> {
    causes(error).find_map(|cause| cause.downcast_ref::<HttpError>()).map(HttpError::kind)
}

fn causes(error: &StoreError) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    std::iter::successors(Some(first), |cause| StdError::source(*cause))
}
