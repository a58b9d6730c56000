//! `GET /preview/{id}`: what an image looks like, for the page at `/`. Whoever may ask about it may see it.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::percent_decode_str;

use super::auth::Callers;
use super::graphql;
use crate::config::Right;
use crate::error::{Error, Result};
use crate::metadata::ImageRef;

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

pub async fn serve(http: HttpRequest, callers: Data<Callers>) -> HttpResponse {
    show(&http, &callers).await.unwrap_or_else(|error| refuse(&http, &error))
}

async fn show(http: &HttpRequest, callers: &Callers) -> Result<HttpResponse> {
    let catalog = &callers.admit(http.headers(), Right::Read)?.catalog;
    let image = image(http)?;
    let fresh_for = catalog.fresh_for(&image);
    let preview = catalog.preview(image, catalog.until()).await?;
    let caching = match preview.no_store {
        true => "no-store".to_owned(),
        false => format!("private, max-age={}", fresh_for.as_millis().div_ceil(1_000)),
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, preview.media_type))
        .insert_header((CACHE_CONTROL, caching))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'"))
        .insert_header((CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .body(preview.file))
}

/// The second part of the path is an image's `id`. Decoded with replacements different ids would be the same.
fn image(http: &HttpRequest) -> Result<ImageRef> {
    let encoded = http.uri().path().split('/').nth(2).unwrap_or_default();
    let id = percent_decode_str(encoded).decode_utf8().map_err(|_| Error::BadId("it is not UTF-8"))?;
    Ok(ImageRef::of_id(id.into()))
}

fn refuse(http: &HttpRequest, error: &Error) -> HttpResponse {
    let mut answer = graphql::refuse(http, error);
    if let Some(status) = status(error) {
        *answer.status_mut() = status;
    }
    answer
}

/// Of what is wrong with one image; of all else it is that of other requests.
fn status(error: &Error) -> Option<StatusCode> {
    match error {
        Error::BadId(_) | Error::BadUrl(_) => Some(StatusCode::BAD_REQUEST),
        Error::UrlNotAllowed => Some(StatusCode::FORBIDDEN),
        Error::NotFound => Some(StatusCode::NOT_FOUND),
        Error::NotAnImage | Error::UnsupportedFormat(_) | Error::CorruptImage(_) => {
            Some(StatusCode::UNPROCESSABLE_ENTITY)
        }
        Error::UpstreamUnauthorized | Error::UpstreamUnavailable(_) => Some(StatusCode::BAD_GATEWAY),
        Error::UpstreamRateLimited { .. } => Some(StatusCode::SERVICE_UNAVAILABLE),
        Error::Timeout => Some(StatusCode::GATEWAY_TIMEOUT),
        _ => None,
    }
}
