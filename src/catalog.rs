//! The one door to metadata: from the cache, else from the source. Concurrent asks for an image share one load.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::cache::{Key, MemoryCache};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Level, Metadata};
use crate::source::Source;

/// From what knows most to what knows least.
const RICHEST_FIRST: [Level; 5] = [Level::Pixels, Level::Exif, Level::Frames, Level::Size, Level::Header];

pub struct Catalog {
    source: Source,
    cache: MemoryCache,
    deadline: Duration,
}

impl Catalog {
    pub fn new(source: Source, config: &Config) -> Self {
        Self { source, cache: MemoryCache::new(&config.cache), deadline: config.limits.deadline }
    }

    /// What is known of an image, at least up to `level`; `Error::Timeout` where that takes too long.
    pub async fn metadata(&self, image: &ImageRef, level: Level) -> Result<Arc<Metadata>> {
        let level = self.source.answers_at(level);
        if let Some(known) = self.cached(image, level).await {
            return Ok(known);
        }
        let key = Key { image: image.clone(), level };
        let load = self.cache.get_or_load(key, self.source.metadata(image, level));
        timeout(self.deadline, load).await.unwrap_or(Err(Error::Timeout))
    }

    /// An entry that knows more serves whoever asks for less.
    async fn cached(&self, image: &ImageRef, level: Level) -> Option<Arc<Metadata>> {
        for richer in RICHEST_FIRST.into_iter().filter(|richer| *richer >= level) {
            let key = Key { image: image.clone(), level: richer };
            if let Some(known) = self.cache.get(&key).await {
                return Some(known);
            }
        }
        None
    }
}
