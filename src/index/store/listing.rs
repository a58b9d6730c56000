//! Which files there are, and which of them have to be looked into.

use std::fmt::Write;
use std::path::Path;

use sqlx::AssertSqlSafe;

use super::row::{ListedRow, bytes, signed};
use super::{Store, count_change, failure, tags};
use crate::error::Result;
use crate::index::file::{Listed, Micros};

/// Files that are told at once: few enough for the number of arguments of either database.
pub const AT_ONCE: usize = 1_000;

/// How far the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub files: u64,
    /// To be looked into.
    pub pending: u64,
}

impl Store {
    /// These files are there. Those that are new or have changed are to be looked into.
    pub async fn list(&self, files: &[Listed], noted: Micros) -> Result<()> {
        for files in files.chunks(AT_ONCE) {
            self.list_some(files, noted).await?;
        }
        Ok(())
    }

    async fn list_some(&self, files: &[Listed], noted: Micros) -> Result<()> {
        let statement = list_statement(files.len());
        let mut listing = sqlx::query(AssertSqlSafe(statement)).bind(noted);
        for file in files {
            listing = listing.bind(bytes(&file.path)).bind(signed(file.size)).bind(file.modified);
        }
        listing.execute(self.pool().await?).await.map_err(failure)?;
        Ok(())
    }

    /// The next files in order that were noted before.
    pub async fn files(&self, after: &Path, noted_before: Micros) -> Result<Vec<Listed>> {
        const FILES: &str = "
            SELECT path, size, modified FROM files WHERE path > $1 AND noted < $2 ORDER BY path LIMIT $3";
        let rows = sqlx::query_as::<_, ListedRow>(FILES).bind(bytes(after)).bind(noted_before);
        let rows = rows.bind(AT_ONCE as i64).fetch_all(self.pool().await?).await.map_err(failure)?;
        Ok(rows.into_iter().map(Listed::from).collect())
    }

    /// These are gone, unless they have been noted again meanwhile.
    pub async fn forget(&self, files: &[Listed], noted_before: Micros) -> Result<()> {
        const FORGET: &str = "DELETE FROM files WHERE path = $1 AND noted < $2";
        if files.is_empty() {
            return Ok(());
        }
        let _turn = self.turn().await;
        let mut writing = self.write().await?;
        for file in files {
            let forget = sqlx::query(FORGET).bind(bytes(&file.path)).bind(noted_before);
            if forget.execute(&mut *writing).await.map_err(failure)?.rows_affected() > 0 {
                tags::remove(&mut writing, &file.path).await?;
            }
        }
        let changes = count_change(&mut writing).await?;
        writing.commit().await.map_err(failure)?;
        self.keep(std::iter::empty(), changes).await
    }

    /// The next files in order that are to be looked into.
    pub async fn pending(&self, after: &Path) -> Result<Vec<Listed>> {
        const PENDING: &str =
            "SELECT path, size, modified FROM files WHERE pending AND path > $1 ORDER BY path LIMIT $2";
        let rows = sqlx::query_as::<_, ListedRow>(PENDING).bind(bytes(after)).bind(AT_ONCE as i64);
        Ok(rows.fetch_all(self.pool().await?).await.map_err(failure)?.into_iter().map(Listed::from).collect())
    }

    pub async fn count(&self) -> Result<Count> {
        const COUNT: &str = "SELECT (SELECT COUNT(*) FROM files), (SELECT COUNT(*) FROM files WHERE pending)";
        let (files, pending): (i64, i64) =
            sqlx::query_as(COUNT).fetch_one(self.pool().await?).await.map_err(failure)?;
        Ok(Count { files: files.unsigned_abs(), pending: pending.unsigned_abs() })
    }
}

/// With three arguments a file, after the first, which is when they were noted.
fn list_statement(files: usize) -> String {
    let mut statement = "INSERT INTO files (noted, pending, path, size, modified) VALUES ".to_owned();
    for file in 0..files {
        let (comma, path) = (if file == 0 { "" } else { ", " }, 3 * file + 2);
        let _ = write!(statement, "{comma}($1, TRUE, ${path}, ${}, ${})", path + 1, path + 2);
    }
    statement
        + " ON CONFLICT (path) DO UPDATE
            SET size = excluded.size, modified = excluded.modified, noted = excluded.noted, pending = TRUE
            WHERE files.size <> excluded.size OR files.modified <> excluded.modified"
}
