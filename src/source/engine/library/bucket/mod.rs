//! A bucket as the library: S3 and what speaks its API, Google Cloud Storage, Azure Blob Storage.

mod connection;
mod failure;
mod keys;
mod lists;
mod object;
mod plain_keys;
mod publish;
mod store;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use object_store::list::PaginatedListStore;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use tokio::time::{Instant, timeout};

use super::{LibraryFile, id_of, path_of};
use crate::config::{self, ConfigError, Limits};
use crate::error::{Error, Result};
use crate::metadata::Version;
use keys::Keys;
pub use object::Object;

pub struct Bucket {
    objects: Arc<dyn ObjectStore>,
    lists: Arc<dyn PaginatedListStore>,
    keys: Keys,
    /// Which bucket it is, and whose: what is known of another's files is not known of its.
    scope: String,
    /// Bytes of one file that are held at most.
    max_bytes: u64,
    /// How long one file may take, or one request for a part of a list.
    patience: Duration,
}

impl Bucket {
    /// Asks nobody yet. Credentials are those of the environment.
    pub fn new(bucket: &config::Bucket, limits: &Limits) -> Result<Self, ConfigError> {
        let store::Store { objects, lists, scope } = store::build(bucket, limits.patience())?;
        let keys = Keys::below(&bucket.prefix);
        let (max_bytes, patience) = (limits.max_bytes, limits.patience());
        Ok(Self { objects, lists, keys, scope, max_bytes, patience })
    }

    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The file with its first bytes; `None` where it still is that version.
    pub async fn open(&self, id: &str, known: Option<&Version>) -> Result<Option<Object>> {
        let key = self.keys.key(&path_of(id)?)?;
        let deadline = Instant::now() + self.patience;
        Object::open(Arc::clone(&self.objects), key, self.max_bytes, deadline, known).await
    }

    /// What is known of a file without its bytes.
    pub async fn file(&self, path: PathBuf) -> Result<LibraryFile> {
        let key = self.keys.key(&path)?;
        let head = timeout(self.patience, self.objects.head(&key)).await.map_err(|_| Error::Timeout)?;
        Ok(file_of(path, &head.map_err(failure::of_object)?))
    }

    fn found(&self, object: &ObjectMeta) -> Option<LibraryFile> {
        self.keys.path(object.location.as_ref()).map(|path| file_of(path, object))
    }
}

fn file_of(path: PathBuf, object: &ObjectMeta) -> LibraryFile {
    let updated = object.last_modified.into();
    // An object is replaced, never written to.
    LibraryFile { id: id_of(Path::new(&path)), path, size: object.size, created: updated, updated }
}

#[cfg(test)]
mod tests;
