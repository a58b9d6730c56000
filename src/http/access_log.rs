//! One line a request: never a query string, a header or a body, any of which may hold a secret.

use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use super::imagekit::request_id::REQUEST_ID;

pub async fn log_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let response = next.call(request).await?;
    let (status, ms) = (response.status().as_u16(), started.elapsed().as_millis());
    let id = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    tracing::info!(%method, path, status, ms, id, "request");
    Ok(response)
}
