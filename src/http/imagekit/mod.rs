//! ImageKit's REST routes -> catalog: the same paths, the same JSON, the same error bodies.

mod files;
mod metadata;
mod refusal;
pub mod request_id;

use actix_web::HttpResponse;
use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::from_fn;
use actix_web::web::scope;

use super::read;
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

async fn nothing() -> HttpResponse {
    refusal::refusal(&Error::NotFound, "")
}
