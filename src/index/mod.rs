//! What was seen of the library, kept: which of its images look alike.

pub mod bands;
mod directory;
mod file;
pub mod groups;
mod keep_up;
pub mod near;
pub mod nearest;
mod rank;
mod scan;
mod seen;
mod store;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::breaker::Breaker;
use crate::config::{Config, ConfigError, IndexPlace, Upstream};
use crate::error::{Error, Result};
use crate::source::engine::Engine;
use file::now;
pub use file::{Facts, Listed};
use groups::{Duplicates, Group};
pub use keep_up::FILES;
pub use rank::Rank;
use scan::Last;
pub use scan::{Progress, Scanned};
use store::Store;
pub use store::{Count, OpenError, Place, Wanted};

/// Groups are worked out again when something has changed, and where that takes more than this not all the time: they
/// are kept so many times as long as it takes.
const AT_ONCE: Duration = Duration::from_millis(200);
const KEPT_FOR_TIMES: u32 = 20;
/// A database that says nothing for so long is not there any more: to read ten million hashes takes less.
const SILENCE: Duration = Duration::from_secs(120);
/// How long the start of a gateway waits for an index that replicas share.
const PATIENCE: Duration = Duration::from_secs(1);
/// Distances whose groups are kept.
const KEPT: usize = 3;

/// The index of the engine's library.
pub struct Index {
    store: Store,
    /// Of a database that is away nobody waits for a connection, one after the other.
    breaker: Breaker,
    engine: Arc<Engine>,
    duplicates: Mutex<Vec<Kept>>,
    last: Mutex<Last>,
}

/// The groups within a distance, as they were.
struct Kept {
    within: u32,
    changes: i64,
    until: Instant,
    groups: Arc<Duplicates>,
}

impl Index {
    /// That of the engine's library, where there is one and the settings want one. Nothing is connected to yet.
    pub fn of_library(config: &Config, engine: &Arc<Engine>) -> Result<Option<Arc<Self>>, ConfigError> {
        let library = config.library.as_ref().filter(|_| config.upstream == Upstream::Engine);
        let url = library.and_then(|library| Some((library, config.index.url(library)?)));
        let Some((library, url)) = url else { return Ok(None) };
        let store = match Store::new(&url, library.to_string()) {
            // Nobody asked for it: a container may have no place to write to.
            Err(error) if matches!(config.index.place, IndexPlace::Default) => {
                tracing::warn!(%error, "there is no place for an index of the library: --index says where, or off");
                return Ok(None);
            }
            store => store?,
        };
        let (breaker, engine) = (Breaker::default(), Arc::clone(engine));
        Ok(Some(Arc::new(Self {
            store,
            breaker,
            engine,
            duplicates: Mutex::default(),
            last: Mutex::default(),
        })))
    }

    /// Makes what is missing of the database. Everything else does so too, but this tells what is wrong.
    pub async fn open(&self) -> Result<(), OpenError> {
        self.store.open().await
    }

    /// The same at the start of a gateway, which does not wait long for a database that replicas share.
    pub async fn open_unless_away(&self) -> Result<(), OpenError> {
        let patience = if self.store.is_shared() { PATIENCE } else { Duration::MAX };
        match timeout(patience, self.open()).await {
            Ok(Err(error)) if !self.store.is_shared() || error.is_final() => return Err(error),
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the index is away: it is used as soon as it is there"),
            Err(_) => tracing::warn!("the index does not answer yet: it is used as soon as it does"),
        }
        Ok(())
    }

    /// That of a library that was elsewhere becomes the index of this one, tags and all.
    pub async fn move_from(&self, address: &str) -> Result<(), OpenError> {
        self.store.move_from(address).await
    }

    /// The files nearest to a hash, nearest first.
    pub async fn alike(&self, wanted: &Wanted) -> Result<Vec<Place>> {
        self.unless_away(self.store.alike(wanted)).await
    }

    /// A file that was put into the library, what it is, and the tags that it has instead of others.
    pub async fn note(&self, file: &Listed, facts: &Facts, tags: &[String]) -> Result<()> {
        self.unless_away(self.store.put(file, facts, tags, now())).await
    }

    /// The tags of those of these files that have any.
    pub async fn tags(&self, paths: &[PathBuf]) -> Result<HashMap<PathBuf, Vec<String>>> {
        self.unless_away(self.store.tags(paths)).await
    }

    /// The files that have any of these tags, in the order of their paths; an error where they are too many for a list.
    pub async fn tagged(&self, tags: &[String]) -> Result<Vec<PathBuf>> {
        self.unless_away(self.store.tagged(tags)).await
    }

    /// The groups of files that look alike, all of them. It goes on while nobody waits for it, and is kept.
    pub async fn duplicates(self: &Arc<Self>, within: u32) -> Result<Arc<Duplicates>> {
        let index = Arc::clone(self);
        tokio::spawn(async move { index.find_duplicates(within).await }).await.unwrap_or(Err(Error::Internal))
    }

    async fn find_duplicates(&self, within: u32) -> Result<Arc<Duplicates>> {
        let mut kept = self.duplicates.lock().await;
        let changes = self.unless_away(self.store.changes()).await?;
        kept.retain(|kept| kept.changes == changes || kept.until > Instant::now());
        if let Some(kept) = kept.iter().find(|kept| kept.within == within) {
            return Ok(Arc::clone(&kept.groups));
        }
        let begun = Instant::now();
        let ranked = self.unless_away(self.store.ranked()).await?;
        let flat = self.unless_away(self.store.flat_copies()).await?;
        let work = move || Duplicates::new(&ranked, flat, within);
        let groups = Arc::new(spawn_blocking(work).await.map_err(|_| Error::Internal)?);
        let took = Some(begun.elapsed()).filter(|took| *took > AT_ONCE).unwrap_or_default();
        let until = Instant::now() + took * KEPT_FOR_TIMES;
        kept.truncate(KEPT - 1);
        kept.insert(0, Kept { within, changes, until, groups: Arc::clone(&groups) });
        Ok(groups)
    }

    /// The files of a group, the best copy first: the most pixels, then the least compressed of JPEGs, then the largest.
    pub async fn files_of(&self, group: &Group, limit: usize) -> Result<Vec<PathBuf>> {
        self.unless_away(self.store.best_of(&group.hashes, group.checksum.as_ref(), limit)).await
    }

    async fn unless_away<T>(&self, ask: impl Future<Output = Result<T>>) -> Result<T> {
        // Each question is another.
        let leave = self.breaker.leave(fastrand::u64(..)).ok_or(store::AWAY)?;
        let answer = timeout(SILENCE, ask).await.unwrap_or(Err(store::AWAY));
        match &answer {
            Err(error) if *error == store::AWAY => leave.failed(),
            _ => leave.succeeded(),
        }
        answer
    }

    pub async fn count(&self) -> Result<Count> {
        self.unless_away(self.store.count()).await
    }
}
