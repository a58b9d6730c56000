//! The media library: images known to callers by ids, in a folder of this machine or in a bucket that replicas share.

mod browse;
mod bucket;
mod draft;
mod folder;
mod id;
mod listing;
mod local;
mod name;
mod publish;
mod query;
mod regular;
mod smallest;
mod walk;

use std::path::PathBuf;

use futures_util::stream::BoxStream;
use tokio::time::Instant;

pub use browse::Place;
pub use bucket::{Bucket, Object};
pub use draft::Draft;
pub use folder::Folder;
pub use id::{id_of, path_of};
pub use listing::{LibraryFile, is_image_name};
pub use local::{HEADER_BYTES, LocalFile, off_the_runtime};
pub use name::Named;
pub use query::{FilesQuery, behind_field};
pub use walk::Unlisted;

use crate::config::{self, ConfigError, Limits};
use crate::error::Result;

pub enum Library {
    Folder(Folder),
    Bucket(Box<Bucket>),
}

impl Library {
    pub fn new(place: &config::Library, limits: &Limits) -> Result<Self, ConfigError> {
        match place {
            config::Library::Folder(root) => folder(root.clone(), limits.max_bytes).map(Self::Folder),
            config::Library::Bucket(bucket) => {
                Bucket::new(bucket, limits).map(|bucket| Self::Bucket(Box::new(bucket)))
            }
        }
    }

    /// The page of files that a query selects. Ends by `until`.
    pub async fn list(&self, query: FilesQuery, until: Instant) -> Result<Vec<LibraryFile>> {
        match self {
            Self::Folder(folder) => folder.list(query, until).await,
            Self::Bucket(bucket) => bucket.list(query, until).await,
        }
    }

    /// So many files that are images by their names, in the order of the bytes of their paths. Ends by `until`.
    pub async fn page(&self, place: Place, limit: usize, until: Instant) -> Result<Vec<LibraryFile>> {
        match self {
            Self::Folder(folder) => folder.page(place, limit, until).await,
            Self::Bucket(bucket) => bucket.page(&place, limit, until).await,
        }
    }

    /// Every file that is an image by its name, in any order. What cannot be read is an error, and the rest follows.
    pub fn every_file(&self) -> BoxStream<'_, Result<LibraryFile, Unlisted>> {
        match self {
            Self::Folder(folder) => folder.every_file(),
            Self::Bucket(bucket) => bucket.every_file(),
        }
    }

    /// Why a file cannot be opened, where the system says more than a stranger is told.
    pub async fn why_unread(&self, path: PathBuf) -> Option<std::io::Error> {
        match self {
            Self::Folder(folder) => folder.why_unread(path).await,
            Self::Bucket(_) => None,
        }
    }

    /// What is known of a file without opening it.
    pub async fn file(&self, id: &str) -> Result<LibraryFile> {
        match self {
            Self::Folder(folder) => folder.file(id).await,
            Self::Bucket(bucket) => bucket.file(path_of(id)?).await,
        }
    }
}

fn folder(root: PathBuf, max_bytes: u64) -> Result<Folder, ConfigError> {
    let unusable =
        |error: std::io::Error| ConfigError::Unusable { setting: "library", reason: error.to_string() };
    Folder::new(&root, max_bytes).map_err(unusable)
}
