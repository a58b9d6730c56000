//! Answers that come in parts: over WebSocket and as server-sent events.

mod outlet;
mod sse;
mod transport_ws;
mod websocket;

use std::sync::Arc;
use std::time::Duration;

use actix_web::Route;
use actix_web::guard::{Get, GuardContext, fn_guard};
use actix_web::http::header::UPGRADE;
use actix_web::web::route;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::config::Subscriptions;
use crate::error::{Error, HttpFault, Result};
use crate::http::GRACE;
pub use sse::events;

/// How long what is running may go on after the order to stop, beyond its deadline: time is left to say goodbye in.
const FINISH: Duration = GRACE.checked_sub(Duration::from_secs(2)).expect("a longer grace");

/// All connections whose answers come in parts.
pub struct Connections {
    room: Arc<Semaphore>,
    max_operations: usize,
    stopping: watch::Sender<bool>,
}

impl Connections {
    pub fn new(limits: &Subscriptions) -> Self {
        let room = Arc::new(Semaphore::new(limits.max_connections));
        Self { room, max_operations: limits.max_operations, stopping: watch::Sender::new(false) }
    }

    /// Begins nothing new, and closes what has nothing to do any more.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// A place, for as long as it is held.
    fn enter(&self) -> Result<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.room).try_acquire_owned();
        place.map_err(|_| Error::BadHttp(HttpFault::TooManyConnections))
    }
}

/// The route of who wants to speak over a WebSocket.
pub fn websocket() -> Route {
    let upgrades = |ctx: &GuardContext<'_>| {
        let upgrade = ctx.head().headers().get(UPGRADE).and_then(|value| value.to_str().ok());
        upgrade.is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"))
    };
    route().guard(Get()).guard(fn_guard(upgrades)).to(websocket::open)
}
