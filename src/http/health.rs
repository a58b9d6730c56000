//! Whether the gateway lives, and whether it can be asked.

use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::HttpResponse;
use actix_web::web::Data;

const TEXT: &str = "text/plain; charset=utf-8";

/// The gateway was told to stop.
#[derive(Default)]
pub struct Stopping(AtomicBool);

impl Stopping {
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type(TEXT).body("live\n")
}

/// Requests are welcome. Every part is built before the port opens, so whoever can ask is welcome until the gateway stops.
pub async fn ready(stopping: Data<Stopping>) -> HttpResponse {
    match stopping.has_begun() {
        false => HttpResponse::Ok().content_type(TEXT).body("ready\n"),
        true => HttpResponse::ServiceUnavailable().content_type(TEXT).body("stopping\n"),
    }
}
