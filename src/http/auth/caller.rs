//! Who asks: what it may do, how often, and whose metadata it sees.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::catalog::{Catalog, View};
use crate::config::{self, Config, Rate, Right};
use crate::error::{Error, Result};

pub struct Caller {
    /// For logs.
    pub name: String,
    /// As it may see it.
    pub catalog: Arc<View>,
    /// Nobody in particular: whoever asks is told the same.
    pub anonymous: bool,
    /// May run documents of the manifest alone.
    pub only_trusted: bool,
    rights: Vec<Right>,
    rate: Option<Bucket>,
    /// Those of its connections that may stay open.
    connections: Arc<Semaphore>,
}

impl Caller {
    pub fn new(caller: &config::Caller, config: &Config, catalog: &Arc<Catalog>) -> Self {
        Self {
            name: caller.name.clone(),
            catalog: Arc::new(View::new(catalog, &caller.withheld)),
            anonymous: false,
            only_trusted: caller.only_trusted || config.documents.only_trusted,
            rights: caller.rights.clone(),
            rate: caller.rate.map(Bucket::new),
            connections: connections(config),
        }
    }

    /// Everybody, where nobody has a key.
    pub fn anonymous(config: &Config, catalog: &Arc<Catalog>) -> Self {
        Self {
            name: "anonymous".to_owned(),
            catalog: Arc::new(View::new(catalog, &config.anonymous.withheld)),
            anonymous: true,
            only_trusted: config.documents.only_trusted,
            rights: config.anonymous.rights.clone(),
            rate: config.anonymous.rate.map(Bucket::new),
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
        self.rate.as_ref().map_or(Ok(()), |bucket| bucket.take(NonZeroU32::MIN))
    }

    /// Counts those that came in one body with one that is counted already: all of them or none.
    pub fn admit_others(&self, others: usize) -> Result<()> {
        let others = NonZeroU32::new(u32::try_from(others).unwrap_or(u32::MAX));
        let (Some(bucket), Some(others)) = (&self.rate, others) else { return Ok(()) };
        if others < bucket.burst { bucket.take(others) } else { Err(bucket.never()) }
    }
}

struct Bucket {
    limiter: DefaultDirectRateLimiter,
    burst: NonZeroU32,
}

impl Bucket {
    fn new(rate: Rate) -> Self {
        let quota = Quota::per_second(rate.requests_per_second).allow_burst(rate.burst);
        Self { limiter: RateLimiter::direct(quota), burst: rate.burst }
    }

    fn take(&self, requests: NonZeroU32) -> Result<()> {
        self.limiter.check_n(requests).map_err(|_| self.never())?.map_err(|early| {
            let wait = early.wait_time_from(self.limiter.clock().now());
            // Rounded up to what callers are told, or who waits as told would come too early.
            let retry_after = Duration::from_millis(wait.as_nanos().div_ceil(1_000_000) as u64);
            Error::TooManyRequests { retry_after }
        })
    }

    /// What it never holds nobody is to wait for.
    fn never(&self) -> Error {
        Error::QueryTooCostly { what: "requests at once, the caller's burst", limit: self.burst.get().into() }
    }
}

fn connections(config: &Config) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(config.subscriptions.per_caller(config.callers.len())))
}
