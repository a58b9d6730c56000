//! Metadata in this process: bounded by bytes, each entry for a limited time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::{future, sync};

use super::Entry;
use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Question};

/// Loads that are under way hold no more than their callers do.
const FLIGHTS: u64 = 1 << 20;

pub struct MemoryCache {
    entries: sync::Cache<ImageRef, Entry>,
    /// Only for those who wait: what has landed is gone at once.
    flights: future::Cache<(ImageRef, Question), Entry>,
}

impl MemoryCache {
    /// An entry is kept for `stale` beyond the time that it is fresh.
    pub fn new(max_bytes: u64, stale: Duration) -> Self {
        let entries = sync::Cache::builder().max_capacity(max_bytes);
        let entries = entries.weigher(weight).expire_after(Kept { stale }).build();
        let flights = future::Cache::builder().max_capacity(FLIGHTS).time_to_live(Duration::ZERO).build();
        Self { entries, flights }
    }

    /// The newest that is known, however old.
    pub fn get(&self, image: &ImageRef) -> Option<Entry> {
        self.entries.get(image)
    }

    pub fn put(&self, image: ImageRef, entry: Entry) {
        self.entries.insert(image, entry);
    }

    /// Loads something once for all who ask meanwhile. Where the one whose ask started it goes away, another takes
    /// over. An error is told to all of them.
    pub async fn load_once(
        &self,
        image: &ImageRef,
        question: Question,
        load: impl Future<Output = Result<Entry>>,
    ) -> Result<Entry> {
        let loaded = self.flights.try_get_with((image.clone(), question), load).await;
        loaded.map_err(|error: Arc<Error>| (*error).clone())
    }
}

struct Kept {
    stale: Duration,
}

impl Expiry<ImageRef, Entry> for Kept {
    fn expire_after_create(&self, _: &ImageRef, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.time_left(self.stale))
    }

    fn expire_after_update(
        &self,
        _: &ImageRef,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.time_left(self.stale))
    }
}

/// Bytes, near enough for a bound: what is allocated grows with the text of the EXIF groups.
fn weight(image: &ImageRef, entry: &Entry) -> u32 {
    let metadata = entry.metadata.as_ref().map_or(0, |metadata| metadata.footprint());
    u32::try_from(image.id().len() + size_of::<Entry>() + metadata).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::time::SystemTime;

    use tokio::sync::oneshot;

    use super::*;
    use crate::metadata::Level;

    fn image() -> ImageRef {
        ImageRef::File("a".to_owned())
    }

    fn entry() -> Entry {
        let (asked, fresh_for) = (SystemTime::now(), Duration::from_secs(60));
        Entry { answered: Level::Pixels.into(), metadata: None, asked, fresh_for }
    }

    #[tokio::test]
    async fn a_load_that_is_given_up_is_taken_over() {
        let cache = Arc::new(MemoryCache::new(1 << 20, Duration::ZERO));
        let (started, has_started) = oneshot::channel();
        let leader = Arc::clone(&cache);
        let leader = tokio::spawn(async move {
            let load = async {
                let _ = started.send(());
                pending().await
            };
            leader.load_once(&image(), Level::Pixels.into(), load).await
        });
        has_started.await.unwrap();
        let (image, follower) = (image(), ready(Ok(entry())));
        let follower = cache.load_once(&image, Level::Pixels.into(), follower);
        let mut follower = pin!(follower);
        assert!(futures_util::poll!(&mut follower).is_pending());
        leader.abort();
        assert!(follower.await.is_ok());
    }

    #[tokio::test]
    async fn what_has_landed_is_loaded_anew() {
        let cache = MemoryCache::new(1 << 20, Duration::ZERO);
        let fail = || ready(Err(Error::Timeout));
        assert!(cache.load_once(&image(), Level::Pixels.into(), ready(Ok(entry()))).await.is_ok());
        assert_eq!(
            cache.load_once(&image(), Level::Pixels.into(), fail()).await.map(drop),
            Err(Error::Timeout)
        );
        assert!(cache.load_once(&image(), Level::Pixels.into(), ready(Ok(entry()))).await.is_ok());
    }

    #[test]
    fn an_entry_is_kept_as_long_as_it_may_be_stale_and_within_its_bytes() {
        let cache = MemoryCache::new(1 << 20, Duration::ZERO);
        cache.put(image(), Entry { fresh_for: Duration::ZERO, ..entry() });
        assert!(cache.get(&image()).is_none());
        let cache = MemoryCache::new(1 << 12, Duration::from_secs(60));
        for n in 0..1_000 {
            cache.put(ImageRef::File(n.to_string()), entry());
        }
        cache.entries.run_pending_tasks();
        assert!((1..=1 << 12).contains(&cache.entries.weighted_size()), "{}", cache.entries.weighted_size());
    }
}
