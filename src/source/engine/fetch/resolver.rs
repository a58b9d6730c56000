//! Name resolution that judges what it finds.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Settings;
use super::client::UNREACHABLE;
use crate::error::{Error, Result};
use crate::source::engine::address::{self, Reach};

/// The system's resolver cannot be cancelled: slow names hold at most so many threads of the blocking pool.
const LOOKUPS_AT_ONCE: usize = 64;

/// What a name stands for, whatever is thought of it. Takes its time.
pub(super) type LookUp = Arc<dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

#[derive(Clone)]
pub(super) struct Resolver {
    reach: Reach,
    settings: Arc<Settings>,
    permits: Arc<Semaphore>,
    look_up: LookUp,
}

impl Resolver {
    pub(super) fn new(settings: Arc<Settings>, look_up: LookUp) -> Self {
        Self { reach: Reach::Public, settings, permits: Arc::new(Semaphore::new(LOOKUPS_AT_ONCE)), look_up }
    }

    pub(super) fn reaching(&self, reach: Reach) -> Self {
        Self { reach, ..self.clone() }
    }

    async fn addresses(self, name: Name) -> Result<Vec<SocketAddr>> {
        let looked_up = look_up(name, self.look_up, self.permits);
        let found = timeout(self.settings.connect_timeout, looked_up).await.unwrap_or(Err(Error::Timeout))?;
        address::judge(found, self.reach, &self.settings.allowed)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.clone().addresses(name);
        Box::pin(async move { Ok(Box::new(addresses.await?.into_iter()) as Addrs) })
    }
}

/// The system's own resolver. Port 0: the client puts in the URL's.
pub(super) fn system(name: &str) -> io::Result<Vec<SocketAddr>> {
    (name, 0).to_socket_addrs().map(Vec::from_iter)
}

/// Keeps its permit until there is an answer, even when nobody waits any more.
async fn look_up(name: Name, look_up: LookUp, permits: Arc<Semaphore>) -> Result<Vec<SocketAddr>> {
    let permit = permits.acquire_owned().await.map_err(|_| Error::Internal)?;
    let lookup = spawn_blocking(move || {
        let _permit = permit;
        look_up(name.as_str())
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
        Resolver::new(Arc::new(settings), Arc::new(system))
            .reaching(reach)
            .addresses(name.parse().unwrap())
            .await
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
