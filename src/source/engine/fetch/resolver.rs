//! Name resolution that judges what it finds.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Settings;
use super::client::UNREACHABLE;
use crate::error::{Error, Result};
use crate::source::engine::address::{self, Reach};

/// The system's resolver cannot be cancelled: slow names hold at most so many threads of the blocking pool.
const LOOKUPS_AT_ONCE: usize = 64;

#[derive(Clone)]
pub(super) struct Resolver {
    reach: Reach,
    settings: Arc<Settings>,
    permits: Arc<Semaphore>,
}

impl Resolver {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        Self { reach: Reach::Public, settings, permits: Arc::new(Semaphore::new(LOOKUPS_AT_ONCE)) }
    }

    pub(super) fn reaching(&self, reach: Reach) -> Self {
        Self { reach, ..self.clone() }
    }

    async fn addresses(self, name: Name) -> Result<Vec<SocketAddr>> {
        let looked_up = timeout(self.settings.connect_timeout, look_up(name, self.permits));
        let found = looked_up.await.unwrap_or(Err(Error::Timeout))?;
        address::judge(found, self.reach, &self.settings.allowed)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.clone().addresses(name);
        Box::pin(async move { Ok(Box::new(addresses.await?.into_iter()) as Addrs) })
    }
}

/// Keeps its permit until the system has answered, even when nobody waits any more.
async fn look_up(name: Name, permits: Arc<Semaphore>) -> Result<Vec<SocketAddr>> {
    let permit = permits.acquire_owned().await.map_err(|_| Error::Internal)?;
    let lookup = tokio::spawn(async move {
        // Port 0: the client puts in the URL's.
        let found = lookup_host((name.as_str(), 0)).await.map(Vec::from_iter);
        drop(permit);
        found
    });
    let found = lookup.await.map_err(|_| Error::Internal)?.unwrap_or_default();
    if found.is_empty() { Err(Error::UpstreamUnavailable(UNREACHABLE)) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::source::engine::address::Allowed;

    async fn resolved(name: &str, reach: Reach) -> Result<Vec<SocketAddr>> {
        let settings = Settings {
            max_bytes: 0,
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::ZERO,
            total_timeout: Duration::ZERO,
            allowed: Allowed::default(),
        };
        Resolver::new(Arc::new(settings)).reaching(reach).addresses(name.parse().unwrap()).await
    }

    #[tokio::test]
    async fn a_name_of_a_denied_address_is_denied_unless_it_may_be_anywhere() {
        assert_eq!(resolved("localhost", Reach::Public).await, Err(Error::UrlNotAllowed));
        let loopback = resolved("localhost", Reach::Anywhere).await.unwrap();
        assert!(!loopback.is_empty() && loopback.iter().all(|addr| addr.ip().is_loopback()));
    }

    #[tokio::test]
    async fn a_name_that_cannot_be_is_as_unreachable_as_a_closed_port() {
        // A label of 64 bytes: RFC 1035, 2.3.4 has 63; no server is asked.
        let name = "a".repeat(64);
        assert_eq!(resolved(&name, Reach::Public).await, Err(Error::UpstreamUnavailable(UNREACHABLE)));
    }
}
