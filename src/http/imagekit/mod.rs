//! ImageKit's REST routes -> catalog: the same paths, the same JSON, the same error bodies.

mod files;
mod metadata;
mod refusal;

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::{HttpServiceFactory, Payload};
use actix_web::error::InternalError;
use actix_web::http::header::ALLOW;
use actix_web::web::{Data, resource, scope, to};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Resource, Route};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::auth::Callers;
use super::{cors, read};
use crate::catalog::Catalog;
use crate::config::Right;
use crate::error::{Error, HttpFault, Result};

/// What lies below `/v1`.
pub fn routes() -> impl HttpServiceFactory {
    scope("/v1")
        .service(only_read("/metadata", read().to(metadata::by_url)))
        .service(only_read("/files", read().to(files::list)))
        .service(only_read("/files/", read().to(files::list)))
        .service(only_read("/files/{id}/metadata", read().to(metadata::by_id)))
        .service(only_read("/files/{id}/details", read().to(files::details)))
        .default_service(to(nothing))
}

fn only_read(path: &str, route: Route) -> Resource {
    resource(path).route(route).default_service(to(other_method))
}

/// The catalog that the caller may ask.
pub struct Asked(Arc<Catalog>);

impl FromRequest for Asked {
    type Error = InternalError<Error>;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(http: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::by(http).map_err(|error| {
            let answer = refusal::refusal(&error, "");
            InternalError::from_response(error, answer)
        }))
    }
}

impl Asked {
    fn by(http: &HttpRequest) -> Result<Self> {
        if cors::is_foreign(http) {
            return Err(Error::BadHttp(HttpFault::CrossSite));
        }
        let callers = http.app_data::<Data<Callers>>().ok_or(Error::Internal)?;
        callers.admit(http.headers(), Right::Read).map(|caller| Self(Arc::clone(&caller.catalog)))
    }
}

async fn nothing() -> HttpResponse {
    refusal::refusal(&Error::NotFound, "")
}

async fn other_method() -> HttpResponse {
    let body = json!({"message": "Your request's method is not allowed here.", "help": "GET and HEAD are."});
    HttpResponse::MethodNotAllowed().insert_header((ALLOW, "GET, HEAD")).json(body)
}

/// The third part of the path. Decoded with replacements different ids would be the same.
fn file_id(http: &HttpRequest) -> Result<String> {
    let encoded = http.uri().path().split('/').nth(3).unwrap_or_default();
    let decoded = percent_decode_str(encoded).decode_utf8();
    decoded.map(Into::into).map_err(|_| Error::BadId("it is not UTF-8"))
}
