//! [`Error`] -> what a GraphQL client sees: a message and `extensions.code`.

use std::sync::LazyLock;

use async_graphql::resolver_utils::{EnumType, enum_value};
use async_graphql::{Enum, Error as GraphqlError, ErrorExtensions, ServerError, Value};

use crate::error::{Error, HttpFault};
use crate::metadata::Fact;
use crate::metrics::{Counter, Labels, Table};

/// Errors of answers.
pub static ERRORS: LazyLock<Table<ErrorCode, Counter>> = LazyLock::new(Table::default);

/// After the line that it quotes, the parser says what it expected there.
const PARSERS_LAST_LINE: &str = "\n  = ";
/// After what it expected, the library quotes what it found (`InputValueError::expected_type`).
const QUOTED_VALUE: &str = ", found ";
/// Errors of a request that was not run.
const MAX_FAULTS: usize = 20;

/// `extensions.code` of every error. From `UNAUTHENTICATED` on they concern a request, those before it one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ErrorCode {
    /// There is no such image, or it cannot be reached.
    NotFound,
    /// The file id is not one.
    BadId,
    /// The URL is not one, or not one that can be fetched.
    BadUrl,
    /// The name or the folder of an upload cannot be one of the library's.
    BadName,
    /// There is a file of this name, which is not overwritten.
    AlreadyExists,
    /// The URL leads to an address that the gateway does not ask.
    UrlNotAllowed,
    /// The file is there and is not an image.
    NotAnImage,
    /// This fact cannot be had for images of this format.
    UnsupportedFormat,
    /// The image is damaged; what could be read of it is still answered.
    CorruptImage,
    /// More bytes or pixels than the gateway reads, or a number beyond GraphQL's Int.
    TooLarge,
    /// ImageKit, or the library's bucket, refused the gateway's key.
    UpstreamUnauthorized,
    /// ImageKit's rate limit is used up; `extensions.retryAfterMs` may say for how long, in milliseconds.
    UpstreamRateLimited,
    /// The server or the bucket that has the image, or ImageKit, gave no usable answer.
    UpstreamUnavailable,
    /// The image was not known within the deadline.
    Timeout,
    /// The gateway's own fault.
    Internal,
    /// The caller is not known.
    Unauthenticated,
    /// The caller, or the page that sent the request, may not do this.
    Forbidden,
    /// The request is not one that can be run.
    BadRequest,
    /// The query would cost more than one request may.
    QueryTooCostly,
    /// The caller asks too often; `extensions.retryAfterMs` says for how long, in milliseconds.
    TooManyRequests,
    /// The gateway has no room for the request now; `extensions.retryAfterMs` says when to ask again, in milliseconds.
    Overloaded,
    /// No document is known by this hash or id: send it with its hash.
    PersistedQueryNotFound,
    /// Documents are not remembered by their hashes: send the document alone.
    PersistedQueryNotSupported,
    /// The caller may run only documents of the gateway's manifest.
    DocumentNotTrusted,
}

impl From<&Error> for ErrorCode {
    fn from(error: &Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::BadId(_) => Self::BadId,
            Error::BadUrl(_) => Self::BadUrl,
            Error::BadName(_) => Self::BadName,
            Error::AlreadyExists => Self::AlreadyExists,
            Error::UrlNotAllowed => Self::UrlNotAllowed,
            Error::NotAnImage => Self::NotAnImage,
            Error::UnsupportedFormat(_) => Self::UnsupportedFormat,
            Error::CorruptImage(_) => Self::CorruptImage,
            Error::TooLarge { .. } => Self::TooLarge,
            Error::UpstreamUnauthorized => Self::UpstreamUnauthorized,
            Error::UpstreamRateLimited { .. } => Self::UpstreamRateLimited,
            Error::UpstreamUnavailable(_) => Self::UpstreamUnavailable,
            Error::Timeout => Self::Timeout,
            Error::Internal => Self::Internal,
            Error::Unauthenticated { .. } => Self::Unauthenticated,
            Error::Forbidden | Error::BadHttp(HttpFault::CrossSite) => Self::Forbidden,
            Error::TooManyRequests { .. } => Self::TooManyRequests,
            Error::Overloaded(_) => Self::Overloaded,
            Error::BadRequest(_) | Error::BadHttp(_) => Self::BadRequest,
            Error::QueryTooCostly { .. } => Self::QueryTooCostly,
            Error::PersistedQueryNotFound => Self::PersistedQueryNotFound,
            Error::PersistedQueryNotSupported => Self::PersistedQueryNotSupported,
            Error::DocumentNotTrusted => Self::DocumentNotTrusted,
        }
    }
}

impl ErrorCode {
    pub fn as_value(self) -> Value {
        enum_value(self)
    }
}

impl Labels for ErrorCode {
    /// The last one is named here.
    const COUNT: usize = Self::DocumentNotTrusted as usize + 1;

    fn all() -> Vec<Vec<(&'static str, &'static str)>> {
        Self::items().iter().map(|code| vec![("code", code.name)]).collect()
    }

    fn place(self) -> usize {
        self as usize
    }
}

/// The code of an error that an answer tells, which is counted.
pub fn counted(error: &Error) -> ErrorCode {
    let code = ErrorCode::from(error);
    ERRORS.of(code).inc();
    code
}

/// The error of one field.
pub fn field_error(error: &Error) -> GraphqlError {
    let code = counted(error);
    GraphqlError::new(error.to_string()).extend_with(|_, extensions| {
        extensions.set("code", code.as_value());
        if let Some(wait) = retry_after_ms(error) {
            extensions.set("retryAfterMs", wait);
        }
    })
}

/// Milliseconds after which asking again may help, where that is known.
pub fn retry_after_ms(error: &Error) -> Option<u64> {
    error.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
}

/// The error of a whole request, which has no place in the document.
pub fn request_error(error: &Error) -> ServerError {
    let GraphqlError { message, extensions, .. } = field_error(error);
    ServerError { extensions, ..ServerError::new(message, None) }
}

/// A fact as a field that may fail alone: the error nulls this field and no parent.
pub fn field<T>(fact: Fact<T>) -> Option<async_graphql::Result<T>> {
    fact.map(|result| result.map_err(|error| field_error(&error)))
}

/// A number as GraphQL's 32-bit Int.
pub fn int(fact: Fact<u64>) -> Option<async_graphql::Result<i32>> {
    field(fact.map(|number| number.and_then(to_int)))
}

pub fn to_int(number: u64) -> Result<i32, Error> {
    let beyond = Error::TooLarge { what: "numbers of GraphQL's Int", limit: i32::MAX as u64 };
    i32::try_from(number).map_err(|_| beyond)
}

/// What the library itself refuses, a document that does not parse or fit the schema, is a bad request. It finds as many
/// faults as there are fields; who reads them mends the first ones first.
pub fn settle(errors: &mut Vec<ServerError>, introspection: bool) {
    if !was_run(errors) {
        errors.truncate(MAX_FAULTS);
    }
    errors.iter_mut().filter(|error| !has_code(error)).for_each(|error| settle_one(error, introspection));
}

/// Whether a request with these errors was run: each has a place in its document then.
pub fn was_run(errors: &[ServerError]) -> bool {
    errors.iter().all(|error| !error.path.is_empty())
}

/// What the library finds wrong has none before it is settled.
pub fn has_code(error: &ServerError) -> bool {
    error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some())
}

/// The library's texts quote the line that does not parse and the value that does not fit, which may hold a secret. They
/// name what the schema has, which whoever may not ask for the schema is not told: then its error says no more than where.
fn settle_one(error: &mut ServerError, introspection: bool) {
    ERRORS.of(ErrorCode::BadRequest).inc();
    error.extensions.get_or_insert_default().set("code", ErrorCode::BadRequest.as_value());
    if !introspection {
        error.message = "the request does not fit the schema".to_owned();
    } else if let Some((_, expected)) = error.message.rsplit_once(PARSERS_LAST_LINE) {
        error.message = format!("the document does not parse: {expected}");
    } else if let Some((expected, _)) = error.message.split_once(QUOTED_VALUE) {
        error.message = expected.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::EnumType;

    use super::*;

    #[test]
    fn each_code_has_a_place_in_the_table() {
        assert_eq!(ErrorCode::COUNT, ErrorCode::items().len());
    }
}
