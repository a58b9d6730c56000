//! Whether the gateway lives, and whether it can be asked.

use actix_web::HttpResponse;

/// The process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("live\n")
}

/// Requests are welcome. Every part is built before the port opens, so whoever can ask is welcome.
pub async fn ready() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n")
}
