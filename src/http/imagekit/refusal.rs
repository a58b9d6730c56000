//! Why there is no answer, in ImageKit's words.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use serde_json::json;

use crate::error::{Error, HttpFault};
use crate::http::whole_seconds;

/// An error body of ImageKit's. `asked` is the id or URL that was asked for.
pub fn refusal(error: &Error, asked: &str) -> HttpResponse {
    let (status, message) = status_and_message(error, asked);
    let mut body = json!({"message": message, "help": error.to_string()});
    if matches!(error, Error::BadId(_) | Error::BadUrl(_)) {
        body["type"] = json!("INVALID_PARAM_ERROR");
    }
    let mut answer = HttpResponse::build(status);
    match error {
        Error::BadHttp(HttpFault::OnlyRead) => drop(answer.insert_header((ALLOW, "GET, HEAD"))),
        // There is nothing else that it answers either: RFC 9110, 10.2.1.
        Error::BadHttp(HttpFault::NothingChanges) => drop(answer.insert_header((ALLOW, ""))),
        Error::BadHttp(HttpFault::OnlyPost) => drop(answer.insert_header((ALLOW, "POST"))),
        _ => {}
    }
    if let Some(wait) = error.retry_after() {
        answer.insert_header((RETRY_AFTER, whole_seconds(wait)));
        answer.insert_header(("X-RateLimit-Reset", wait.as_millis().to_string()));
    }
    answer.json(body)
}

/// ImageKit's words for what went wrong.
fn status_and_message(error: &Error, asked: &str) -> (StatusCode, String) {
    let internal = "We have experienced an internal error while processing your request.";
    let (status, message) = match error {
        Error::NotFound => (404, "The requested file does not exist or is inaccessible at this time."),
        Error::BadId(_) => (400, "Your request contains invalid fileId parameter."),
        Error::BadUrl(_) => (400, "Your request contains invalid url parameter."),
        Error::UrlNotAllowed => {
            // A signature may stand in its query.
            let url = asked.split(['?', '#']).next().unwrap_or_default();
            let message = format!("{url} should be accessible using your ImageKit.io account.");
            return (StatusCode::BAD_REQUEST, message);
        }
        Error::NotAnImage | Error::UnsupportedFormat(_) | Error::CorruptImage(_) | Error::TooLarge { .. } => {
            (400, "The requested file is corrupt or invalid.")
        }
        Error::Unauthenticated { unknown_key: false } => {
            (401, "Your request does not contain private API key.")
        }
        Error::Unauthenticated { unknown_key: true } | Error::Forbidden => {
            (403, "Your account cannot be authenticated.")
        }
        Error::BadName(_) => (400, "Your request contains invalid fileName or folder parameter."),
        Error::AlreadyExists => (
            400,
            "A file with the same name already exists at the exact location. We could not overwrite it because \
                   overwriteFile is not true and useUniqueFileName is false.",
        ),
        Error::BadHttp(HttpFault::TooSlow) => (408, "Your request came too slowly."),
        Error::BadHttp(HttpFault::OnlyPost) => (405, "Your request's method is not allowed here."),
        Error::BadHttp(HttpFault::OnlyRead | HttpFault::NothingChanges) => {
            (405, "Your request's method is not allowed here: the gateway deletes and changes nothing.")
        }
        Error::BadHttp(HttpFault::CrossSite) => (403, "Your request comes from a page that may not ask."),
        Error::BadHttp(HttpFault::OtherHost) => (421, "Your request is for another host."),
        Error::BadRequest(_)
        | Error::BadHttp(_)
        | Error::QueryTooCostly { .. }
        | Error::PersistedQueryNotFound
        | Error::PersistedQueryNotSupported
        | Error::DocumentNotTrusted => (400, "Your request is invalid."),
        Error::UpstreamUnauthorized => (403, "Your account cannot be authenticated."),
        Error::UpstreamRateLimited { .. } | Error::TooManyRequests { .. } => (429, "Too many requests."),
        Error::UpstreamUnavailable(_) => (502, internal),
        Error::Overloaded(_) => (503, internal),
        Error::Timeout => (504, internal),
        Error::Internal => (500, internal),
    };
    (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), message.to_owned())
}
