//! Why an image, or one fact of it, has no answer.
//!
//! One closed enum, cheap to clone, so that a failure can be shared by all who wait for the same image.
//! It is mapped exhaustively and at the top: `schema::error` gives the GraphQL code, `http::graphql::answer` the
//! status of a request that is refused, `http::imagekit::refusal` the REST status. Texts never say more about the
//! inside than a stranger may know.

use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("no such image")]
    NotFound,
    #[error("not a file id: {0}")]
    BadId(&'static str),
    #[error("not a usable URL: {0}")]
    BadUrl(&'static str),
    #[error("not a name for a file: {0}")]
    BadName(&'static str),
    #[error("there is a file of this name")]
    AlreadyExists,
    /// Says the same for every refused address, whether or not something listens there.
    #[error("the address of this URL is not allowed")]
    UrlNotAllowed,
    #[error("the file is not an image")]
    NotAnImage,
    #[error("{0} is not supported for this format")]
    UnsupportedFormat(&'static str),
    #[error("the image is damaged: {0}")]
    CorruptImage(&'static str),
    #[error("too large: {what} exceed the limit of {limit}")]
    TooLarge { what: &'static str, limit: u64 },
    #[error("the upstream refused the gateway's credentials")]
    UpstreamUnauthorized,
    #[error("the upstream's rate limit is used up")]
    UpstreamRateLimited { retry_after: Option<Duration> },
    #[error("the upstream gave no usable answer: {0}")]
    UpstreamUnavailable(&'static str),
    #[error("no answer within the deadline")]
    Timeout,
    #[error("an error inside the gateway")]
    Internal,
    #[error("{}", if *unknown_key { "the caller's key is not known" } else { "a caller's key is needed" })]
    Unauthenticated { unknown_key: bool },
    #[error("the caller may not do this")]
    Forbidden,
    #[error("the caller asks too often")]
    TooManyRequests { retry_after: Duration },
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    #[error("bad request: {0}")]
    BadHttp(HttpFault),
    #[error("the query costs too much: more than {limit} {what}")]
    QueryTooCostly { what: &'static str, limit: u64 },
    #[error("the gateway has no room now: {0}")]
    Overloaded(&'static str),
    /// Clients know this one and the next by their texts: they send the document then.
    #[error("PersistedQueryNotFound")]
    PersistedQueryNotFound,
    #[error("PersistedQueryNotSupported")]
    PersistedQueryNotSupported,
    #[error("only trusted documents are run")]
    DocumentNotTrusted,
}

/// How a request may not be sent, for which HTTP has statuses of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpFault {
    #[error("it has to be sent by GET or POST")]
    OtherMethod,
    #[error("a mutation has to be sent by POST")]
    MutationByGet,
    #[error("it has to be sent by GET or HEAD")]
    OnlyRead,
    #[error("a page of an origin that http.cors_origins does not name sent it")]
    CrossSite,
    #[error(
        "it was sent to a name that is not the gateway's, which answers to localhost and to addresses unless it is \
        given keys, `--public`, or an origin of this name in http.cors_origins"
    )]
    OtherHost,
    #[error("no media type that is accepted can be sent")]
    NotAcceptable,
    #[error("the body has to be application/json in UTF-8")]
    ContentType,
    #[error(
        "a body in parts needs a header that pages of other sites cannot add: GraphQL-Require-Preflight, \
        Apollo-Require-Preflight or X-Requested-With, with any value"
    )]
    NoPreflight,
    #[error("files are neither deleted nor changed by the gateway")]
    NothingChanges,
    #[error("it has to be sent by POST")]
    OnlyPost,
    #[error("the body has to be multipart/form-data with a boundary")]
    NoParts,
    #[error("the body has to be sent as it is, not compressed")]
    ContentEncoding,
    #[error("the body is too long")]
    BodyTooLong,
    #[error("the query string is too long")]
    QueryStringTooLong,
    #[error("the body came too slowly")]
    TooSlow,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Who knew something before may be told that instead. A key that is refused may have been taken back.
    pub fn is_outage(&self) -> bool {
        self.is_passing() && *self != Self::UpstreamUnauthorized
    }

    /// Asking again later may give an answer: the image is not to blame.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::UpstreamUnauthorized
            | Self::UpstreamRateLimited { .. }
            | Self::UpstreamUnavailable(_)
            | Self::Timeout
            | Self::Internal
            | Self::Overloaded(_) => true,
            Self::NotFound
            | Self::BadId(_)
            | Self::BadUrl(_)
            | Self::BadName(_)
            | Self::AlreadyExists
            | Self::UrlNotAllowed
            | Self::NotAnImage
            | Self::UnsupportedFormat(_)
            | Self::CorruptImage(_)
            | Self::TooLarge { .. }
            | Self::Unauthenticated { .. }
            | Self::Forbidden
            | Self::TooManyRequests { .. }
            | Self::BadRequest(_)
            | Self::BadHttp(_)
            | Self::QueryTooCostly { .. }
            | Self::PersistedQueryNotFound
            | Self::PersistedQueryNotSupported
            | Self::DocumentNotTrusted => false,
        }
    }

    /// How long to wait before asking again, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::UpstreamRateLimited { retry_after } => *retry_after,
            Self::TooManyRequests { retry_after } => Some(*retry_after),
            Self::Overloaded(_) => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}
