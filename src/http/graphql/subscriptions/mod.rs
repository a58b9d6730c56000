//! Answers that come in parts: over WebSocket and as server-sent events.

mod admission;
mod inlet;
mod outlet;
mod socket;
mod sse;
mod transport_ws;
mod websocket;

use std::time::Duration;

use actix_web::Route;
use actix_web::guard::{Get, GuardContext, fn_guard};
use actix_web::http::header::UPGRADE;
use actix_web::web::route;
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::config::Subscriptions;
use crate::error::{Error, Result};
use crate::http::GRACE;
use crate::http::auth::Caller;
use crate::permits::{Permit, Permits, Pool};
pub use sse::events;

/// How long what is running may go on after the order to stop, beyond its deadline: time is left to say goodbye in.
const FINISH: Duration = GRACE.checked_sub(Duration::from_secs(2)).expect("a longer grace");

const FULL: Error = Error::Overloaded("too many connections are open");

/// All connections whose answers come in parts.
pub struct Connections {
    places: Permits,
    /// For those who have not said who they are: they take nothing from callers.
    strangers: Permits,
    max_operations: usize,
    idle: Duration,
    stopping: watch::Sender<bool>,
}

/// A connection's place, for as long as it is held.
struct Place {
    _of_all: Permit,
    /// Where it is a caller's.
    _of_caller: Option<OwnedSemaphorePermit>,
}

impl Connections {
    pub fn new(limits: &Subscriptions) -> Self {
        Self {
            places: Permits::new(Pool::Connections, limits.max_connections),
            strangers: Permits::new(Pool::Strangers, limits.max_strangers),
            max_operations: limits.max_operations,
            idle: limits.idle,
            stopping: watch::Sender::new(false),
        }
    }

    /// Begins nothing new, and closes what has nothing to do any more.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    fn enter(&self, caller: &Caller) -> Result<Place> {
        let of_caller = caller.connect().ok_or(FULL)?;
        let of_all = self.places.try_acquire().ok_or(FULL)?;
        Ok(Place { _of_all: of_all, _of_caller: Some(of_caller) })
    }

    fn enter_as_stranger(&self) -> Result<Place> {
        let of_all = self.strangers.try_acquire().ok_or(FULL)?;
        Ok(Place { _of_all: of_all, _of_caller: None })
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
