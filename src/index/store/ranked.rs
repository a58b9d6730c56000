//! All hashes, the best picture's first.
//!
//! They are read in the order of paths, thousands in one row, and ranked here: of a million SQLite takes 4 s to sort them, and as
//! long to hand over as many rows.

use sqlx::AssertSqlSafe;
use tokio::task::spawn_blocking;

use super::{Store, failure};
use crate::error::{Error, Result};
use crate::index::rank::{RANKED, Rank};

/// Files of a row.
const AT_ONCE: i64 = 10_000;

/// A hash, where it stands. Files are numbered in the order of their paths.
type Ranked = (Rank<usize>, u64);

impl Store {
    /// The hashes of all pictures that are not flat, the best picture's first.
    pub async fn ranked(&self) -> Result<Vec<u64>> {
        let (mut ranked, mut after) = (Vec::new(), Vec::new());
        while let Some(end) = self.end_of_row(&after).await? {
            self.read_row(&after, &end, &mut ranked).await?;
            after = end;
        }
        let sort = move || {
            ranked.sort_unstable();
            ranked.into_iter().map(|(_, hash)| hash).collect()
        };
        spawn_blocking(sort).await.map_err(|_| Error::Internal)
    }

    /// The last path of the row that begins behind a path; none where there are no more.
    async fn end_of_row(&self, after: &[u8]) -> Result<Option<Vec<u8>>> {
        const END: &str = "
            SELECT path FROM (SELECT path FROM files WHERE path > $1 ORDER BY path LIMIT $2) AS next
            ORDER BY path DESC LIMIT 1";
        let end = sqlx::query_scalar(END).bind(after).bind(AT_ONCE);
        end.fetch_optional(self.pool().await?).await.map_err(failure)
    }

    async fn read_row(&self, after: &[u8], end: &[u8], ranked: &mut Vec<Ranked>) -> Result<()> {
        let statement = format!(
            "SELECT STRING_AGG({RANKED} || ' ' || CAST(phash AS TEXT), ',' ORDER BY path) FROM files
            WHERE path > $1 AND path <= $2 AND phash <> 0"
        );
        let row = sqlx::query_scalar(AssertSqlSafe(statement)).bind(after).bind(end);
        let row: Option<String> = row.fetch_one(self.pool().await?).await.map_err(failure)?;
        let row = row.unwrap_or_default();
        let first = ranked.len();
        ranked.extend((first..).zip(row.split(',')).filter_map(|(place, file)| read(file, place)));
        Ok(())
    }
}

fn read(file: &str, place: usize) -> Option<Ranked> {
    let mut numbers = file.split(' ');
    let (pixels, quality, size) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let rank = Rank::of(pixels.parse().ok()?, quality.parse().ok()?, size.parse().ok()?, place);
    Some((rank, numbers.next()?.parse::<i64>().ok()? as u64))
}
