//! The hashes of an SQLite index, in memory.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::{Mutex, MutexGuard};
use tokio::task::spawn_blocking;

use super::Store;
use crate::error::{Error, Result};
use crate::index::near::Hashes;
use crate::index::nearest::{Neighbour, Search};
use crate::metadata::PHash;

#[derive(Default)]
pub struct Resident {
    /// Who writes waits for who reads all, so that nothing is lost in between.
    turn: Mutex<()>,
    kept: Arc<RwLock<Kept>>,
}

#[derive(Default)]
struct Kept {
    hashes: Hashes,
    /// As of which change of the database; none where they have not been read.
    changes: Option<i64>,
}

impl Store {
    /// Whose turn it is to change hashes.
    pub(super) async fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        match &self.resident {
            Some(resident) => Some(resident.turn.lock().await),
            None => None,
        }
    }

    /// Adds what a change has brought. Where another process has changed anything before it, all is read again.
    pub(super) async fn keep(&self, hashes: impl Iterator<Item = PHash>, changes: i64) -> Result<()> {
        let Some(resident) = &self.resident else { return Ok(()) };
        let hashes: Vec<_> = hashes.map(PHash::bits).collect();
        let add = move |kept: &mut Kept| {
            if kept.changes == Some(changes - 1) {
                kept.hashes.add(hashes);
                kept.changes = Some(changes);
            }
        };
        resident.change(add).await
    }

    /// The nearest hashes, of which some may have no file any more.
    pub(super) async fn nearest(&self, resident: &Resident, search: Search) -> Result<Vec<Neighbour>> {
        self.keep_up(resident).await?;
        let kept = Arc::clone(&resident.kept);
        let search = move || kept.read().unwrap_or_else(PoisonError::into_inner).hashes.search(&search);
        spawn_blocking(search).await.map_err(|_| Error::Internal)
    }

    async fn keep_up(&self, resident: &Resident) -> Result<()> {
        if resident.is_of(self.changes().await?) {
            return Ok(());
        }
        let _turn = resident.turn.lock().await;
        let changes = self.changes().await?;
        if resident.is_of(changes) {
            return Ok(());
        }
        // Of one row those that have their first 14 bits in common.
        const ALL: &str = "
            SELECT STRING_AGG(CAST(phash AS TEXT), ',') FROM (
                SELECT DISTINCT phash FROM files WHERE phash IS NOT NULL
            ) AS hashes GROUP BY phash >> 50";
        let all = self.hashes(ALL).await?;
        let put = move |kept: &mut Kept| {
            // The old ones go first: there would be twice as many.
            kept.hashes = Hashes::default();
            kept.hashes = Hashes::new(all);
            kept.changes = Some(changes);
        };
        resident.change(put).await
    }
}

impl Resident {
    fn is_of(&self, changes: i64) -> bool {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).changes == Some(changes)
    }

    /// Off the runtime: to put millions in order takes a second.
    async fn change(&self, act: impl FnOnce(&mut Kept) + Send + 'static) -> Result<()> {
        let kept = Arc::clone(&self.kept);
        let act = move || act(&mut kept.write().unwrap_or_else(PoisonError::into_inner));
        spawn_blocking(act).await.map_err(|_| Error::Internal)
    }
}
