//! Filling the index: what the storage lists is entered, what is gone is taken out, what is new is looked into.
//!
//! What is still to be done stands in the database, so that a scan that is broken off, however that happens, goes on
//! where it was.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use futures_util::stream::{self, StreamExt};

use super::Index;
use super::file::{Facts, Listed, Micros, now};
use crate::error::{Error, Result};
use crate::metadata::{ExtraSet, ImageRef, Level, Question};
use crate::source::engine::library::{LibraryFile, id_of};

/// Files that are entered at once.
const LISTED_AT_ONCE: usize = 1_000;
/// What is known of so many files is written at once, where so many are known at the same time.
const LEARNT_AT_ONCE: usize = 64;

/// How far a scan is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Of the storage's.
    pub listed: u64,
    /// To be looked into, once all are listed.
    pub pending: u64,
    /// Of these, looked into.
    pub looked_into: u64,
}

/// What a scan came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanned {
    /// Some files may have to be looked into again later: their storage did not answer.
    Done(Progress),
    /// Another process is scanning.
    Elsewhere,
}

/// Paths by their hashes: eight bytes each, and not the path. One that is mistaken for another is found by the next scan, which
/// hashes differently.
struct Seen {
    hasher: RandomState,
    paths: HashSet<u64>,
    /// Otherwise what was not seen may still be there.
    is_complete: bool,
}

impl Seen {
    fn new() -> Self {
        Self { hasher: RandomState::new(), paths: HashSet::new(), is_complete: true }
    }

    fn note(&mut self, file: Result<LibraryFile>) -> Option<Listed> {
        match file {
            Ok(file) => {
                self.paths.insert(self.hasher.hash_one(&file.path));
                Some(Listed::from(&file))
            }
            Err(error) => {
                tracing::warn!(%error, "a part of the library cannot be listed");
                self.is_complete = false;
                None
            }
        }
    }

    fn contains(&self, path: &Path) -> bool {
        self.paths.contains(&self.hasher.hash_one(path))
    }
}

impl Index {
    /// Makes the index what the library is, looking into so many files at once. It is told on the way how far that is.
    pub async fn scan(&self, at_once: usize, tell: &(dyn Fn(Progress) + Sync)) -> Result<Scanned> {
        let Some(_lead) = self.store.try_lead().await? else { return Ok(Scanned::Elsewhere) };
        let begun = now();
        let mut progress = Progress::default();
        let seen = self.list(begun, &mut progress, tell).await?;
        if seen.is_complete {
            self.forget_gone(&seen, begun).await?;
        }
        progress.pending = self.store.count().await?.pending;
        tell(progress);
        self.look_into_all(at_once, &mut progress, tell).await?;
        Ok(Scanned::Done(progress))
    }

    async fn list(
        &self,
        begun: Micros,
        progress: &mut Progress,
        tell: &(dyn Fn(Progress) + Sync),
    ) -> Result<Seen> {
        let mut seen = Seen::new();
        let mut files = self.engine.every_file().chunks(LISTED_AT_ONCE);
        while let Some(some) = files.next().await {
            let some: Vec<_> = some.into_iter().filter_map(|file| seen.note(file)).collect();
            self.store.list(&some, begun).await?;
            progress.listed += some.len() as u64;
            tell(*progress);
        }
        Ok(seen)
    }

    async fn forget_gone(&self, seen: &Seen, begun: Micros) -> Result<()> {
        let mut after = PathBuf::new();
        loop {
            let paths = self.store.paths(&after, begun).await?;
            let Some(last) = paths.last().cloned() else { return Ok(()) };
            let gone: Vec<_> = paths.into_iter().filter(|path| !seen.contains(path)).collect();
            if !gone.is_empty() {
                self.store.forget(&gone, begun).await?;
            }
            after = last;
        }
    }

    async fn look_into_all(
        &self,
        at_once: usize,
        progress: &mut Progress,
        tell: &(dyn Fn(Progress) + Sync),
    ) -> Result<()> {
        let mut after = PathBuf::new();
        loop {
            let pending = self.store.pending(&after).await?;
            let Some(last) = pending.last() else { return Ok(()) };
            after = last.path.clone();
            let looked_into =
                stream::iter(pending).map(|file| self.look_into(file)).buffer_unordered(at_once);
            let mut looked_into = looked_into.ready_chunks(LEARNT_AT_ONCE);
            while let Some(some) = looked_into.next().await {
                progress.looked_into += some.len() as u64;
                let learnt: Vec<_> = some.into_iter().flatten().collect();
                self.store.learn(&learnt).await?;
                tell(*progress);
            }
        }
    }

    /// None where that may be known at another time: the file stays to be looked into.
    async fn look_into(&self, file: Listed) -> Option<(Listed, Facts)> {
        let question = Question::from(Level::Pixels).and(ExtraSet::CHECKSUM);
        let image = ImageRef::File(id_of(&file.path));
        match self.engine.metadata(&image, question).await {
            Ok(metadata) if metadata.lacks_for_now() => None,
            Ok(metadata) => Some((file, Facts::from(&metadata))),
            Err(error) if error.is_passing() || error == Error::NotFound => None,
            Err(_) => Some((file, Facts::default())),
        }
    }
}
