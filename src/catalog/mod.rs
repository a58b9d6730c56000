//! The one door to metadata: from the cache, else from the source. Concurrent asks for an image share one load.

mod load;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, timeout, timeout_at};

use crate::cache::{Entry, MemoryCache, SharedCache};
use crate::config::{self, Config};
use crate::cost;
use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Level, Metadata};
use crate::redis::Redis;
use crate::source::engine::library::LibraryFile;
use crate::source::{Listed, Source};

pub struct Catalog {
    source: Source,
    cache: MemoryCache,
    /// With other replicas.
    shared: Option<SharedCache>,
    keep: config::Cache,
    deadline: Duration,
}

/// An answer to a question about an image.
#[derive(Debug, Clone)]
pub struct Found {
    pub metadata: Arc<Metadata>,
    /// How old it is, where it is older than it may be because asking anew failed.
    pub stale: Option<Duration>,
}

impl Catalog {
    pub fn new(source: Source, redis: Option<Arc<Redis>>, config: &Config) -> Self {
        let keep = config.cache.clone();
        let share = |redis| SharedCache::new(redis, &source.scope(), keep.stale);
        let shared = redis.map(share);
        let cache = MemoryCache::new(keep.max_bytes, keep.stale);
        Self { source, cache, shared, keep, deadline: config.limits.deadline }
    }

    /// How long a caller waits for an answer at most.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The files that a query in ImageKit's parameters selects; asked for anew each time.
    pub async fn files(&self, query: &str) -> Result<Listed<Vec<LibraryFile>>> {
        timeout(self.deadline, self.source.files(query)).await.unwrap_or(Err(Error::Timeout))
    }

    /// One file, without what its bytes say; asked for anew each time.
    pub async fn file(&self, id: &str) -> Result<Listed<LibraryFile>> {
        timeout(self.deadline, self.source.file(id)).await.unwrap_or(Err(Error::Timeout))
    }

    /// When a request that comes now is to be answered.
    pub fn until(&self) -> Instant {
        Instant::now() + self.deadline
    }

    /// What is known of an image, at least up to `level`; `Error::Timeout` where that takes longer than `until`.
    pub async fn metadata(self: &Arc<Self>, image: &ImageRef, level: Level, until: Instant) -> Result<Found> {
        match self.source.answers_at(level) {
            Level::Opacity => self.completed(image, until).await,
            level => self.stated(image, level, until).await,
        }
    }

    /// What the source says.
    async fn stated(self: &Arc<Self>, image: &ImageRef, level: Level, until: Instant) -> Result<Found> {
        let Some(known) = self.known(image, level).await else {
            let load = self.load_once(image, level, None);
            return found(&timeout_at(until, load).await.unwrap_or(Err(Error::Timeout))?, None);
        };
        if known.is_fresh() {
            cost::add(|cost| &cost.cache_hits, 1);
            return found(&known, None);
        }
        match (self.renewed(image, level, &known, until).await, &known.metadata) {
            (Ok(entry), _) => found(&entry, None),
            (Err(error), Some(_)) if error.is_passing() => {
                cost::add(|cost| &cost.cache_hits, 1);
                found(&known, Some(known.age()))
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Asks anew. Who could be told something old does not wait for long; the load goes on for those who come next.
    async fn renewed(
        self: &Arc<Self>,
        image: &ImageRef,
        level: Level,
        known: &Entry,
        until: Instant,
    ) -> Result<Entry> {
        let (catalog, image, old) = (Arc::clone(self), image.clone(), known.clone());
        let load = tokio::spawn(cost::shared(async move {
            let load = catalog.load_once(&image, level, Some(&old));
            timeout_at(until, load).await.unwrap_or(Err(Error::Timeout))
        }));
        let patience = if known.metadata.is_some() { Instant::now() + self.deadline / 4 } else { until };
        let ended = timeout_at(until.min(patience), load).await.map_err(|_| Error::Timeout)?;
        ended.unwrap_or(Err(Error::Internal))
    }

    async fn load_once(&self, image: &ImageRef, level: Level, known: Option<&Entry>) -> Result<Entry> {
        self.cache.load_once(image, level, self.load(image, level, known, None)).await
    }

    /// What the source says, with what it does not state. That costs nothing else where it cannot be had.
    async fn completed(self: &Arc<Self>, image: &ImageRef, until: Instant) -> Result<Found> {
        let level = Level::Opacity;
        if let Some(fresh) = self.known(image, level).await.filter(Entry::is_fresh) {
            cost::add(|cost| &cost.cache_hits, 1);
            return found(&fresh, None);
        }
        let Found { metadata, stale } = self.stated(image, Level::Pixels, until).await?;
        if stale.is_some() && metadata.is_opaque.is_some() {
            return Ok(Found { metadata, stale });
        }
        let stated = self.entry_of(image, &metadata).await;
        let load = self.cache.load_once(image, level, self.load(image, level, None, Some(stated)));
        match timeout_at(until, load).await.unwrap_or(Err(Error::Timeout)) {
            Ok(entry) => found(&entry, stale),
            Err(error) => {
                let metadata = Metadata { is_opaque: Some(Err(error)), ..(*metadata).clone() };
                Ok(Found { metadata: Arc::new(metadata), stale })
            }
        }
    }

    /// The entry that an answer came from; where it was not kept, one that nobody is to be told again.
    async fn entry_of(&self, image: &ImageRef, metadata: &Arc<Metadata>) -> Entry {
        let for_once = || Entry {
            level: Level::Pixels,
            metadata: Some(Arc::clone(metadata)),
            asked: SystemTime::now(),
            fresh_for: Duration::ZERO,
        };
        self.known(image, Level::Pixels).await.unwrap_or_else(for_once)
    }

    async fn known(&self, image: &ImageRef, level: Level) -> Option<Entry> {
        self.cache.get(image).await.filter(|entry| entry.level >= level)
    }
}

fn found(entry: &Entry, stale: Option<Duration>) -> Result<Found> {
    let metadata = entry.metadata.clone().ok_or(Error::NotFound)?;
    Ok(Found { metadata, stale })
}
