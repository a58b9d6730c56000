//! Metadata in this process: bounded by bytes, each entry for a limited time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;

use crate::config;
use crate::error::Result;
use crate::metadata::{ImageRef, Level, Metadata};

/// One image, known at one level.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub image: ImageRef,
    pub level: Level,
}

pub struct MemoryCache {
    entries: Cache<Key, Arc<Metadata>>,
}

impl MemoryCache {
    pub fn new(config: &config::Cache) -> Self {
        let entries = Cache::builder()
            .max_capacity(config.max_bytes)
            .weigher(|key: &Key, metadata: &Arc<Metadata>| weight(key, metadata))
            .expire_after(TimeToLive(config.ttl))
            .build();
        Self { entries }
    }

    pub async fn get(&self, key: &Key) -> Option<Arc<Metadata>> {
        self.entries.get(key).await
    }

    /// Loads what is not there. All who ask meanwhile wait for the same load; where the one whose ask started
    /// it goes away, another takes over. An error is told to all of them and not kept.
    pub async fn get_or_load(
        &self,
        key: Key,
        load: impl Future<Output = Result<Metadata>>,
    ) -> Result<Arc<Metadata>> {
        let load = async { load.await.map(Arc::new) };
        self.entries.try_get_with(key, load).await.map_err(|error| (*error).clone())
    }
}

/// What is missing for a passing reason is not kept: the next one who asks shall try again.
struct TimeToLive(Duration);

impl Expiry<Key, Arc<Metadata>> for TimeToLive {
    fn expire_after_create(&self, _: &Key, metadata: &Arc<Metadata>, _: Instant) -> Option<Duration> {
        Some(if metadata.lacks_for_now() { Duration::ZERO } else { self.0 })
    }
}

/// Bytes, near enough for a bound: what is allocated grows with the text of the EXIF groups.
fn weight(key: &Key, metadata: &Metadata) -> u32 {
    let bytes = key.image.id().len() + metadata.footprint();
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
