//! Files that are put into the library: written where nobody sees them, looked into as any file is, and only then published.

use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use tokio::time::Instant;

use super::body::Body;
use super::fetch::Extent;
use super::file::File as Opened;
use super::library::{Draft, Library, LibraryFile, Named, off_the_runtime};
use super::start::Started;
use super::{Engine, answered, whole};
use crate::error::{Error, Result};
use crate::metadata::{ExtraSet, Fact, Level, Metadata, Question, media_type};
use crate::permits::Permit;

const NO_LIBRARY: Error = Error::BadRequest("the gateway has no library of its own to put files into");
const TRUNCATED: Error = Error::CorruptImage("it ends too early");

/// A file that is in the library now, and what it is.
pub struct Kept {
    pub file: LibraryFile,
    pub metadata: Metadata,
}

impl Engine {
    /// A place among those who may send files, as soon as there is one.
    pub async fn intake(&self) -> Result<Arc<Permit>> {
        self.writable()?;
        self.uploads.acquire().await.map(Arc::new)
    }

    /// An empty file to write to.
    pub async fn draft(&self, intake: &Arc<Permit>) -> Result<Draft> {
        self.writable()?.draft(Arc::clone(intake)).await
    }

    /// A file with what is at a URL, to which all rules of remote images apply.
    pub async fn fetch(&self, url: &str, intake: &Arc<Permit>) -> Result<Draft> {
        let mut draft = self.draft(intake).await?;
        let remote = self.fetcher.open(url, Extent::Whole).await?;
        let mut body = Body::new(Opened::Remote(Box::new(remote)));
        self.read_all(&mut body).await?;
        draft.write(body.known().prefix()).await?;
        Ok(draft)
    }

    /// Puts a file into the library, if it is an image.
    pub async fn keep(&self, mut draft: Draft, named: &Named) -> Result<Kept> {
        named.check()?;
        let library = self.writable()?;
        let file = draft.written().await?;
        let metadata = self.inspect(file.try_clone().map_err(|_| Error::Internal)?).await?;
        let format = metadata.format.as_deref().ok_or(Error::NotAnImage)?;
        let path = named.path(format)?;
        let file = match library {
            Library::Folder(folder) => folder.publish(draft, file, path, named.overwrite).await?,
            Library::Bucket(bucket) => {
                let _held = self.room.hold(draft.size()).await?;
                bucket.publish(file, path, media_type(format), named.overwrite).await?
            }
        };
        let path = Some(file.path.display().to_string());
        Ok(Kept { file, metadata: Metadata { path, ..metadata } })
    }

    /// Removes what a process has left in the library that was killed.
    pub async fn sweep(&self) {
        if let Some(Library::Folder(folder)) = &self.library {
            folder.sweep().await;
        }
    }

    fn writable(&self) -> Result<&Library> {
        self.library.as_ref().ok_or(NO_LIBRARY)
    }

    /// What a file is; an error where it is no image, or not all of it.
    async fn inspect(&self, file: File) -> Result<Metadata> {
        let (question, max_bytes) = (uploaded(), self.max_bytes);
        let copy = file.try_clone().map_err(|_| Error::Internal)?;
        let started = off_the_runtime(move || Started::opened(copy, max_bytes, question.level)).await?;
        let metadata = self.describe(started, question, Instant::now() + self.patience).await?;
        is_sound(&metadata)?;
        let format = metadata.format.clone().unwrap_or_default();
        off_the_runtime(move || ends(&format, file)).await?;
        Ok(metadata)
    }
}

/// What is asked of a file before it is kept, and so known of it.
pub fn uploaded() -> Question {
    answered(Question::from(Level::Pixels).and(ExtraSet::CHECKSUM).and(ExtraSet::FRAMES))
}

/// Whatever of a picture is told of any other.
fn is_sound(metadata: &Metadata) -> Result<()> {
    let known = |side: &Fact<u64>| side.clone().unwrap_or(Err(Error::NotAnImage)).map(drop);
    known(&metadata.width)?;
    known(&metadata.height)?;
    match &metadata.p_hash {
        Some(Ok(_)) => {}
        Some(Err(Error::UnsupportedFormat(_))) | None => return Err(Error::UnsupportedFormat("uploading")),
        Some(Err(error)) => return Err(error.clone()),
    }
    // Of the later frames of an animation nothing else is looked at.
    match &metadata.extras.frames {
        Some(Err(error)) if !matches!(error, Error::UnsupportedFormat(_)) => Err(error.clone()),
        _ => Ok(()),
    }
}

/// A hash may be had of the first part of a file.
fn ends(format: &str, file: File) -> Result<()> {
    let is_whole = whole::is_whole(format, BufReader::new(file));
    if is_whole.map_err(|_| Error::Internal)? { Ok(()) } else { Err(TRUNCATED) }
}

impl Library {
    async fn draft(&self, intake: Arc<Permit>) -> Result<Draft> {
        match self {
            Self::Folder(folder) => folder.draft(intake).await,
            Self::Bucket(bucket) => bucket.draft(intake).await,
        }
    }
}
