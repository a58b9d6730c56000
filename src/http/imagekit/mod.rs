//! ImageKit's REST routes -> catalog: the same paths, the same JSON, the same error bodies.

mod files;
mod metadata;
mod refusal;
mod upload;

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::{HttpServiceFactory, Payload};
use actix_web::error::InternalError;
use actix_web::http::header::HeaderName;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, delete, patch, resource, scope, to};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Resource};
use percent_encoding::percent_decode_str;

use super::auth::Callers;
use super::{only_read, slow_reader};
use crate::catalog::View;
use crate::config::{Private, Right};
use crate::error::{Error, HttpFault, Result};

/// Names what of an answer is not shown to who asks.
pub const X_WITHHELD: HeaderName = HeaderName::from_static("x-withheld");

/// What lies below `/v1`.
pub fn routes() -> impl HttpServiceFactory {
    scope("/v1")
        .wrap(from_fn(slow_reader::hold))
        .service(only_read("/metadata", to(metadata::by_url)))
        .service(only_read("/files", to(files::list)))
        .service(only_read("/files/", to(files::list)))
        .service(only_read("/files/{id}/metadata", to(metadata::by_id)))
        .service(only_read("/files/{id}/details", to(files::details)))
        .service(whole_file())
        .default_service(to(nothing))
}

/// At ImageKit a file is deleted and changed here, and not looked at.
fn whole_file() -> Resource {
    let changed = resource("/files/{id}").route(delete().to(unchanged)).route(patch().to(unchanged));
    changed.default_service(to(nothing))
}

pub use upload::route as upload_route;

/// The catalog that the caller may ask.
pub struct Asked(Arc<View>);

impl FromRequest for Asked {
    type Error = InternalError<Error>;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(http: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::by(http).map_err(|error| {
            let answer = refuse(&error);
            InternalError::from_response(error, answer)
        }))
    }
}

impl Asked {
    fn by(http: &HttpRequest) -> Result<Self> {
        let callers = http.app_data::<Data<Callers>>().ok_or(Error::Internal)?;
        callers.admit(http.headers(), Right::Read).map(|caller| Self(Arc::clone(&caller.catalog)))
    }
}

/// What of an answer is withheld, for its header; none where nothing is.
fn withheld(private: &[Private]) -> Option<(HeaderName, String)> {
    let names: Vec<_> = private.iter().map(|private| private.name()).collect();
    (!names.is_empty()).then(|| (X_WITHHELD, names.join(", ")))
}

async fn unchanged() -> HttpResponse {
    refuse(&Error::BadHttp(HttpFault::NothingChanges))
}

async fn nothing() -> HttpResponse {
    refuse(&Error::NotFound)
}

/// The answer to a request that is not run.
pub fn refuse(error: &Error) -> HttpResponse {
    refusal::refusal(error, "")
}

/// The third part of the path. Decoded with replacements different ids would be the same.
fn file_id(http: &HttpRequest) -> Result<String> {
    let encoded = http.uri().path().split('/').nth(3).unwrap_or_default();
    let decoded = percent_decode_str(encoded).decode_utf8();
    decoded.map(Into::into).map_err(|_| Error::BadId("it is not UTF-8"))
}
