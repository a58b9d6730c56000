//! ImageKit's REST routes -> catalog: the same paths, the same JSON, the same error bodies.

mod files;
mod metadata;
mod refusal;
pub mod request_id;

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::{HttpServiceFactory, Payload};
use actix_web::error::InternalError;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, scope};
use actix_web::{FromRequest, HttpRequest, HttpResponse};

use super::auth::Callers;
use super::read;
use crate::catalog::Catalog;
use crate::error::Error;

/// What lies below `/v1`.
pub fn routes() -> impl HttpServiceFactory {
    scope("/v1")
        .wrap(from_fn(request_id::add))
        .route("/metadata", read().to(metadata::by_url))
        .route("/files", read().to(files::list))
        .route("/files/", read().to(files::list))
        .route("/files/{id}/metadata", read().to(metadata::by_id))
        .route("/files/{id}/details", read().to(files::details))
        .default_service(read().to(nothing))
}

/// The catalog that the caller may ask.
pub struct Asked(Arc<Catalog>);

impl FromRequest for Asked {
    type Error = InternalError<Error>;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(http: &HttpRequest, _: &mut Payload) -> Self::Future {
        let callers = http.app_data::<Data<Callers>>().ok_or(Error::Internal);
        let caller = callers.and_then(|callers| callers.caller(http.headers()).cloned());
        ready(caller.map(|caller| Self(Arc::clone(&caller.catalog))).map_err(|error| {
            let answer = refusal::refusal(&error, "");
            InternalError::from_response(error, answer)
        }))
    }
}

async fn nothing() -> HttpResponse {
    refusal::refusal(&Error::NotFound, "")
}
