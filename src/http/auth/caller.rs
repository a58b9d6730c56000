//! Who asks: what it may do, how often, and whose metadata it sees.

use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::catalog::Catalog;
use crate::config::{self, Config, Rate, Right};
use crate::error::{Error, Result};

pub struct Caller {
    /// For logs.
    pub name: String,
    pub catalog: Arc<Catalog>,
    /// Nobody in particular: whoever asks is told the same.
    pub anonymous: bool,
    /// May run documents of the manifest alone.
    pub only_trusted: bool,
    rights: Vec<Right>,
    rate: Option<DefaultDirectRateLimiter>,
    /// Those of its connections that may stay open.
    connections: Arc<Semaphore>,
}

impl Caller {
    pub fn new(caller: &config::Caller, config: &Config, catalog: &Arc<Catalog>) -> Self {
        Self {
            name: caller.name.clone(),
            catalog: Arc::clone(catalog),
            anonymous: false,
            only_trusted: caller.only_trusted || config.documents.only_trusted,
            rights: caller.rights.clone(),
            rate: caller.rate.map(limiter),
            connections: connections(config),
        }
    }

    /// Everybody, where nobody has a key.
    pub fn anonymous(config: &Config, catalog: &Arc<Catalog>) -> Self {
        Self {
            name: "anonymous".to_owned(),
            catalog: Arc::clone(catalog),
            anonymous: true,
            only_trusted: config.documents.only_trusted,
            rights: config.anonymous.rights.clone(),
            rate: config.anonymous.rate.map(limiter),
            connections: connections(config),
        }
    }

    pub fn may(&self, right: Right) -> Result<()> {
        if self.rights.contains(&right) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// One more connection that stays open, for as long as it is held; `None` where it has as many as it may.
    pub fn connect(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.connections).try_acquire_owned().ok()
    }

    /// Counts one request, or refuses it. Of requests that come in one body or over one connection each counts, and so
    /// does opening a WebSocket.
    pub fn admit(&self) -> Result<()> {
        let Some(rate) = &self.rate else { return Ok(()) };
        rate.check().map_err(|early| {
            tracing::debug!(caller = self.name, "asks too often");
            let wait = early.wait_time_from(rate.clock().now());
            // Rounded up to what callers are told, or who waits as told would come too early.
            let retry_after = Duration::from_millis(wait.as_nanos().div_ceil(1_000_000) as u64);
            Error::TooManyRequests { retry_after }
        })
    }
}

fn connections(config: &Config) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(config.subscriptions.per_caller(config.callers.len())))
}

fn limiter(rate: Rate) -> DefaultDirectRateLimiter {
    RateLimiter::direct(Quota::per_second(rate.requests_per_second).allow_burst(rate.burst))
}
