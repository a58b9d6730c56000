//! Files that are put into the library, and known at once.

use std::array::from_fn;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use super::Catalog;
use crate::cache::Entry;
use crate::error::{Error, Result};
use crate::index::{Facts, Listed};
use crate::metadata::{Format, ImageRef, Metadata, Version};
use crate::permits::Permit;
use crate::source::engine::library::{Draft, LibraryFile, Named};
use crate::source::engine::{Engine, Kept, uploaded};

const FULL: Error = Error::Overloaded("too many files are being sent");
const NO_TAGS: Error = Error::BadRequest("there is no index, which would keep the tags");

/// Of files of one name one is stored at a time: what is noted last then is of the one that stays.
pub struct Storing([Mutex<()>; 64]);

impl Default for Storing {
    fn default() -> Self {
        Self(from_fn(|_| Mutex::default()))
    }
}

impl Storing {
    /// However the name is written. Other names may have to wait for this one, too.
    async fn of(&self, path: &Path) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        path.hash(&mut hasher);
        self.0[hasher.finish() as usize % self.0.len()].lock().await
    }
}

impl Catalog {
    /// A place among those who send files. Who waits for it longer than a quarter of the deadline could send nothing any more.
    pub async fn intake(&self) -> Result<Arc<Permit>> {
        let patience = Instant::now() + self.deadline / 4;
        timeout_at(patience, self.library()?.intake()).await.unwrap_or(Err(FULL))
    }

    /// Bytes of one file.
    pub fn max_file_bytes(&self) -> u64 {
        self.max_file_bytes
    }

    /// An empty file to write to.
    pub async fn draft(&self, intake: &Arc<Permit>) -> Result<Draft> {
        self.library()?.draft(intake).await
    }

    /// A file with what is at a URL.
    pub async fn fetch(&self, url: &str, intake: &Arc<Permit>, until: Instant) -> Result<Draft> {
        let (engine, url, intake) = (Arc::clone(self.library()?), url.to_owned(), Arc::clone(intake));
        self.run(until, async move { engine.fetch(&url, &intake).await }).await
    }

    /// Puts a file into the library, and notes at once what it is. That goes on while nobody waits for it.
    pub async fn store(
        self: &Arc<Self>,
        draft: Draft,
        named: Named,
        tags: Vec<String>,
        until: Instant,
    ) -> Result<LibraryFile> {
        let engine = Arc::clone(self.library()?);
        if !tags.is_empty() && self.index.is_none() {
            return Err(NO_TAGS);
        }
        let catalog = Arc::clone(self);
        let store = async move {
            let _alone = catalog.storing.of(&named.path(Format::Jpeg.name())?).await;
            let Kept { file, metadata } = engine.keep(draft, &named).await?;
            let noted = catalog.note(&file, &metadata, &tags).await;
            catalog.learn(&file, metadata).await;
            match noted {
                Err(error) if !tags.is_empty() => Err(error),
                // The next scan finds it.
                _ => Ok(file),
            }
        };
        self.run(until, store).await
    }

    /// The tags of each of these files.
    pub async fn tags(&self, paths: Vec<PathBuf>, until: Instant) -> Result<Vec<Vec<String>>> {
        let Some(index) = self.index.clone() else { return Ok(vec![Vec::new(); paths.len()]) };
        let tags = async move {
            let mut tags = index.tags(&paths).await?;
            Ok(paths.iter().map(|path| tags.remove(path).unwrap_or_default()).collect())
        };
        self.run(until, tags).await
    }

    async fn note(&self, file: &LibraryFile, metadata: &Metadata, tags: &[String]) -> Result<()> {
        match &self.index {
            Some(index) => index.note(&Listed::from(file), &Facts::from(metadata), tags).await,
            None => Ok(()),
        }
    }

    /// Whoever asks is told of it from now on, whatever was known before.
    async fn learn(&self, file: &LibraryFile, metadata: Metadata) {
        let image = ImageRef::File(file.id.clone());
        // A bucket knows it by a tag of its own.
        let version = if self.source.is_at_hand(&image) { metadata.version } else { Version::default() };
        let metadata = Some(Arc::new(Metadata { version, ..metadata }));
        let fresh_for = self.fresh_for(&image, true);
        let entry = Entry { answered: uploaded(), metadata, asked: SystemTime::now(), fresh_for };
        self.keep(image, entry, None).await;
    }

    /// The engine, where the library is its own.
    fn library(&self) -> Result<&Arc<Engine>> {
        self.source.library()
    }
}
