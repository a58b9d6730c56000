//! The start of a file: it is found, opened, and its header read.

use std::path::Path;

use super::Engine;
use super::body::Body;
use super::fetch::Extent;
use super::file::File;
use super::header::{self, Header, Reading};
use super::library::{self, HEADER_BYTES, Library, LocalFile};
use crate::error::{Error, Result};
use crate::metadata::{ExtraSet, ImageRef, Level, Question, Version};

/// A file, and how far its header has been read.
pub struct Started {
    file: File,
    reading: Reading,
}

impl Started {
    /// On this thread, which waits for the disk.
    pub fn here(path: &Path, max_bytes: u64, level: Level) -> Result<Self> {
        Self::of(LocalFile::open(path, max_bytes)?, level)
    }

    /// The same of a file that is open.
    pub fn opened(file: std::fs::File, max_bytes: u64, level: Level) -> Result<Self> {
        Self::of(LocalFile::opened(file, max_bytes)?, level)
    }

    fn of(mut file: LocalFile, level: Level) -> Result<Self> {
        let reading = file.read_header(level)?;
        Ok(Self { file: File::Local(file), reading })
    }

    /// With the bytes that it came with.
    fn with(file: File, level: Level) -> Self {
        let reading = header::read(file.known(), level);
        Self { file, reading }
    }
}

impl Engine {
    /// `None` where the file still is that version.
    pub(super) async fn start(
        &self,
        image: &ImageRef,
        question: Question,
        known: Option<&Version>,
    ) -> Result<Option<Started>> {
        match (image, &self.library) {
            (ImageRef::File(id), Some(Library::Folder(folder))) => {
                let begun = folder.open(id, question.level, known.cloned()).await?;
                Ok(begun.map(|(file, reading)| Started { file: File::Local(file), reading }))
            }
            (ImageRef::File(id), Some(Library::Bucket(bucket))) => {
                let object = bucket.open(id, known).await?;
                Ok(object.map(|object| Started::with(File::Stored(Box::new(object)), question.level)))
            }
            (ImageRef::File(id), None) => library::path_of(id).and(Err(Error::NotFound)),
            (ImageRef::Url(url), _) => {
                let whole = question.level == Level::Pixels || question.extras.contains(ExtraSet::CHECKSUM);
                let extent = if whole { Extent::Whole } else { Extent::FirstBytes };
                let remote = self.fetcher.open_unless(url, extent, known).await?;
                Ok(remote.map(|remote| Started::with(File::Remote(Box::new(remote)), question.level)))
            }
        }
    }

    /// The file with the rest of its header, where it has not been read with the first bytes. What that takes of a file of
    /// this machine is held under a permit of those who decode, and no longer.
    pub(super) async fn header(&self, started: Started, level: Level) -> Result<(Body, Header)> {
        let mut body = Body::new(started.file);
        let header = match started.reading {
            Reading::Done(header) => header?,
            Reading::Need(_) if body.is_remote() => self.read_header(&mut body, level).await?,
            Reading::Need(_) => {
                let _permit = self.decodes.acquire().await?;
                let header = self.read_header(&mut body, level).await;
                body.forget()?;
                header?
            }
        };
        Ok((body, header))
    }

    /// Feeds the header's readers until they have what they need.
    async fn read_header(&self, body: &mut Body, level: Level) -> Result<Header> {
        loop {
            let need = match header::read(body.known(), level) {
                Reading::Done(header) => return header,
                Reading::Need(need) => need,
            };
            if body.would_hold(&need) > HEADER_BYTES {
                body.make_room(&self.room).await?;
            }
            body.fill(need).await?;
        }
    }
}
