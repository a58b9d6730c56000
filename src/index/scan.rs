//! Filling the index: what the storage lists is entered, what is gone is taken out, what is new is looked into.
//!
//! What is still to be done stands in the database, so that a scan that is broken off, however that happens, goes on
//! where it was.

use std::path::PathBuf;

use futures_util::stream::{self, StreamExt};

use super::Index;
use super::file::{Facts, Listed, Micros, now};
use super::seen::Seen;
use crate::error::{Error, Result};
use crate::metadata::{ExtraSet, ImageRef, Level, Question};
use crate::source::engine::library::{LibraryFile, Unlisted, id_of};

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
    /// Parts of the storage that could not be listed: what is there is not known.
    pub unlisted: u64,
    /// Of those looked into, files of which not all could be known: they stay to be looked into.
    pub unread: u64,
}

/// Of each kind so many failures are told by name, each time.
const TOLD: u64 = 10;

/// What a scan came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanned {
    /// Some files may have to be looked into again later: their storage did not answer.
    Done(Progress),
    /// Another process is scanning.
    Elsewhere,
}

/// What the last scan of this process has seen, and as of which change of the database that is entered.
#[derive(Default)]
pub struct Last {
    seen: Seen,
    changes: Option<i64>,
}

impl Index {
    /// Makes the index what the library is, looking into so many files at once. It is told on the way how far that is.
    pub async fn scan(&self, at_once: usize, tell: &(dyn Fn(Progress) + Sync)) -> Result<Scanned> {
        let Some(_lead) = self.unless_away(self.store.try_lead()).await? else {
            return Ok(Scanned::Elsewhere);
        };
        let mut last = self.last.lock().await;
        let mut progress = Progress::default();
        let seen = self.enter(&last, &mut progress, tell).await?;
        progress.pending = self.unless_away(self.store.count()).await?.pending;
        tell(progress);
        self.look_into_all(at_once, &mut progress, tell).await?;
        let changes = self.unless_away(self.store.changes()).await?;
        *last = seen.map(|seen| Last { seen, changes: Some(changes) }).unwrap_or_default();
        Ok(Scanned::Done(progress))
    }

    /// Enters what is new, and takes out what is gone. None where the library could not be listed to its end: it is not known
    /// then to have lost anything.
    async fn enter(
        &self,
        last: &Last,
        progress: &mut Progress,
        tell: &(dyn Fn(Progress) + Sync),
    ) -> Result<Option<Seen>> {
        let begun = now();
        // Unless others have changed anything since, what was entered then is there.
        let is_entered = last.changes == Some(self.unless_away(self.store.changes()).await?);
        let mut seen = Seen::like(&last.seen);
        let mut files = self.engine.every_file().chunks(LISTED_AT_ONCE);
        while let Some(some) = files.next().await {
            let mut some: Vec<_> = some
                .into_iter()
                .filter_map(|file| listed(file, progress))
                .map(|file| Listed::from(&file))
                .collect();
            some.iter().for_each(|file| seen.note(file));
            progress.listed += some.len() as u64;
            some.retain(|file| !(is_entered && last.seen.has(file)));
            self.unless_away(self.store.list(&some, begun)).await?;
            tell(*progress);
        }
        seen.end();
        let is_complete = progress.unlisted == 0;
        if is_complete && !(is_entered && last.seen.is_same(&seen)) {
            self.forget_gone(&seen, begun).await?;
        }
        Ok(is_complete.then_some(seen))
    }

    async fn forget_gone(&self, seen: &Seen, begun: Micros) -> Result<()> {
        let mut after = PathBuf::new();
        loop {
            let files = self.unless_away(self.store.files(&after, begun)).await?;
            let Some(last) = files.last().map(|last| last.path.clone()) else { return Ok(()) };
            let gone: Vec<_> = files.into_iter().filter(|file| !seen.has(file)).collect();
            self.unless_away(self.store.forget(&gone, begun)).await?;
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
            let pending = self.unless_away(self.store.pending(&after)).await?;
            let Some(last) = pending.last() else { return Ok(()) };
            after = last.path.clone();
            let looked_into =
                stream::iter(pending).map(|file| self.look_into(file)).buffer_unordered(at_once);
            let mut looked_into = looked_into.ready_chunks(LEARNT_AT_ONCE);
            while let Some(some) = looked_into.next().await {
                progress.looked_into += some.len() as u64;
                let learnt: Vec<_> = some.into_iter().filter_map(|file| learnt(file, progress)).collect();
                self.unless_away(self.store.learn(&learnt)).await?;
                tell(*progress);
            }
        }
    }

    /// An error where that may be known at another time: the file stays to be looked into.
    async fn look_into(&self, file: Listed) -> Result<(Listed, Facts), Unread> {
        let question = Question::from(Level::Pixels).and(ExtraSet::CHECKSUM);
        let image = ImageRef::File(id_of(&file.path));
        match self.engine.metadata(&image, question).await {
            Ok(metadata) => match metadata.lacks_for_now().cloned() {
                Some(error) => Err(self.unread(file, error).await),
                None => Ok((file, Facts::from(&metadata))),
            },
            Err(error) if error.is_passing() || error == Error::NotFound => {
                Err(self.unread(file, error).await)
            }
            Err(_) => Ok((file, Facts::default())),
        }
    }

    async fn unread(&self, file: Listed, error: Error) -> Unread {
        let why = self.engine.why_unread(file.path.clone()).await;
        Unread { path: file.path, reason: why.map_or_else(|| error.to_string(), |why| why.to_string()) }
    }
}

/// A file of which not all could be known, and why.
struct Unread {
    path: PathBuf,
    reason: String,
}

/// Names are escaped in logs: they may hold anything.
fn listed(file: Result<LibraryFile, Unlisted>, progress: &mut Progress) -> Option<LibraryFile> {
    file.inspect_err(|Unlisted { folder, reason }| {
        progress.unlisted += 1;
        if progress.unlisted <= TOLD {
            tracing::warn!(?folder, reason, "a part of the library cannot be listed");
        }
    })
    .ok()
}

fn learnt(file: Result<(Listed, Facts), Unread>, progress: &mut Progress) -> Option<(Listed, Facts)> {
    file.inspect_err(|Unread { path, reason }| {
        progress.unread += 1;
        if progress.unread <= TOLD {
            tracing::warn!(file = ?path, reason, "a file of the library cannot be looked into for now");
        }
    })
    .ok()
}
