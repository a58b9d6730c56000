//! The one door to metadata: from the cache, else from the source. Concurrent asks for an image share one load.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::{sleep, timeout};

use crate::cache::{Entry, Lead, MemoryCache, Shared, SharedCache};
use crate::config::{self, Config};
use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Level, Metadata};
use crate::redis::Redis;
use crate::source::engine::library::LibraryFile;
use crate::source::{Listed, Source};

/// How long a missing image is taken for missing: short, as it may be uploaded at any moment.
const MISSING_FOR: Duration = Duration::from_secs(10);
/// How long a file that is at hand is not looked at again.
const AT_HAND_FOR: Duration = Duration::from_secs(1);

/// How often it is looked whether another replica has found what it is loading.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

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

    /// What is known of an image, at least up to `level`; `Error::Timeout` where that takes too long.
    pub async fn metadata(&self, image: &ImageRef, level: Level) -> Result<Found> {
        let level = self.source.answers_at(level);
        let known = self.known(image, level).await;
        if let Some(fresh) = known.as_ref().filter(|entry| entry.is_fresh()) {
            return found(fresh, None);
        }
        let stated = self.stated(image, level).await?;
        let load = self.load(image, level, known.as_ref(), stated);
        let load = self.cache.load_once(image, level, load);
        let loaded = timeout(self.deadline, load).await.unwrap_or(Err(Error::Timeout));
        match (loaded, known) {
            (Ok(entry), _) => found(&entry, None),
            (Err(error), Some(old)) if error.is_passing() && old.metadata.is_some() => {
                found(&old, Some(old.age()))
            }
            (Err(error), _) => Err(error),
        }
    }

    /// What there is to complete, where the source answers at this level by completing.
    async fn stated(&self, image: &ImageRef, level: Level) -> Result<Option<Entry>> {
        if level < Level::Opacity {
            return Ok(None);
        }
        let Found { metadata, .. } = Box::pin(self.metadata(image, Level::Pixels)).await?;
        let for_once = || Entry {
            level: Level::Pixels,
            metadata: Some(metadata),
            asked: SystemTime::now(),
            fresh_for: Duration::ZERO,
        };
        Ok(Some(self.known(image, Level::Pixels).await.unwrap_or_else(for_once)))
    }

    async fn known(&self, image: &ImageRef, level: Level) -> Option<Entry> {
        self.cache.get(image).await.filter(|entry| entry.level >= level)
    }

    async fn load(
        &self,
        image: &ImageRef,
        level: Level,
        known: Option<&Entry>,
        stated: Option<Entry>,
    ) -> Result<Entry> {
        // Another load may have landed between the look into the cache and this one's start.
        if let Some(fresh) = self.known(image, level).await.filter(Entry::is_fresh) {
            return Ok(fresh);
        }
        let (others, lead) = self.others(image, level).await;
        if let Some(fresh) = others.as_ref().filter(|entry| entry.is_fresh()) {
            self.cache.put(image.clone(), fresh.clone()).await;
            return Ok(fresh.clone());
        }
        let entry = match stated {
            Some(stated) => self.complete(image, level, stated).await?,
            None => self.ask(image, level, known.or(others.as_ref())).await?,
        };
        if !entry.is_for_once() {
            self.keep(image.clone(), entry.clone(), lead).await;
        }
        Ok(entry)
    }

    /// Tells the other replicas while the caller goes on; the lead is theirs after that.
    async fn keep(&self, image: ImageRef, entry: Entry, lead: Option<Lead>) {
        self.cache.put(image.clone(), entry.clone()).await;
        if let Some(shared) = self.shared_of(&image).cloned() {
            tokio::spawn(async move {
                shared.put(&image, &entry).await;
                drop(lead);
            });
        }
    }

    /// What other replicas know. While one of them is finding out more, it is waited for.
    async fn others(&self, image: &ImageRef, level: Level) -> (Option<Entry>, Option<Lead>) {
        let Some(shared) = self.shared_of(image) else { return (None, None) };
        loop {
            match shared.get_or_lead(image, level).await {
                Shared::Fresh(entry) => return (Some(entry), None),
                Shared::Load(known, lead) => return (known, lead),
                Shared::Loading => sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// Each machine has files of its own.
    fn shared_of(&self, image: &ImageRef) -> Option<&SharedCache> {
        self.shared.as_ref().filter(|_| !self.source.is_at_hand(image))
    }

    async fn ask(&self, image: &ImageRef, level: Level, known: Option<&Entry>) -> Result<Entry> {
        let (level, metadata) = match self.ask_source(image, level, known).await {
            Ok(answer) => answer,
            // Whatever was wanted of it.
            Err(Error::NotFound) => (Level::Pixels, None),
            Err(error) => return Err(error),
        };
        let fresh_for = self.fresh_for(image, metadata.is_some());
        Ok(Entry { level, metadata, asked: SystemTime::now(), fresh_for })
    }

    /// It stays as old as what it completes.
    async fn complete(&self, image: &ImageRef, level: Level, stated: Entry) -> Result<Entry> {
        let metadata = stated.metadata.as_ref().ok_or(Error::NotFound)?;
        let metadata = self.source.complete(image, metadata).await;
        Ok(Entry { level, metadata: Some(Arc::new(metadata)), ..stated })
    }

    /// A version that is known is not looked at again.
    async fn ask_source(
        &self,
        image: &ImageRef,
        level: Level,
        known: Option<&Entry>,
    ) -> Result<(Level, Option<Arc<Metadata>>)> {
        let old = known.and_then(|entry| Some((entry.level, entry.metadata.as_ref()?)));
        let old = old.filter(|(_, metadata)| !metadata.version.is_unknown());
        let version = old.map(|(_, metadata)| &metadata.version);
        match (self.source.metadata(image, level, version).await?, old) {
            (Some(metadata), _) => Ok((level, Some(Arc::new(metadata)))),
            (None, Some((level, metadata))) => Ok((level, Some(Arc::clone(metadata)))),
            (None, None) => Err(Error::Internal),
        }
    }

    /// Images that came together are not all to be asked for together again: up to a tenth less.
    fn fresh_for(&self, image: &ImageRef, is_there: bool) -> Duration {
        match is_there {
            _ if self.source.is_at_hand(image) => self.keep.ttl.min(AT_HAND_FOR),
            true => self.keep.ttl.mul_f64(1.0 - fastrand::f64() / 10.0),
            false => self.keep.ttl.min(MISSING_FOR),
        }
    }
}

fn found(entry: &Entry, stale: Option<Duration>) -> Result<Found> {
    let metadata = entry.metadata.clone().ok_or(Error::NotFound)?;
    Ok(Found { metadata, stale })
}
