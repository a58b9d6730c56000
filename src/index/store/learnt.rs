//! What files are learnt to be.

use sqlx::query::Query;
use sqlx::{Any, any::AnyArguments};

use super::row::{bytes, signed};
use super::{Store, count_change, failure, tags};
use crate::error::Result;
use crate::index::file::{Facts, Listed, Micros};

const LEARN: &str = "
    UPDATE files SET pending = FALSE, phash = $4, width = $5, height = $6, quality = $7, checksum = $8
    WHERE path = $1 AND size = $2 AND modified = $3";

const PUT: &str = "
    INSERT INTO files (path, size, modified, phash, width, height, quality, checksum, noted, pending)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, FALSE)
    ON CONFLICT (path) DO UPDATE
    SET size = excluded.size, modified = excluded.modified, noted = excluded.noted, pending = FALSE,
        phash = excluded.phash, width = excluded.width, height = excluded.height,
        quality = excluded.quality, checksum = excluded.checksum";

impl Store {
    /// These files were looked into. One that was listed with another size or time since is still to be.
    pub async fn learn(&self, files: &[(Listed, Facts)]) -> Result<()> {
        let _turn = self.turn().await;
        let mut writing = self.write().await?;
        for (file, facts) in files {
            let learn = with(sqlx::query(LEARN), file, facts);
            learn.execute(&mut *writing).await.map_err(failure)?;
        }
        let changes = count_change(&mut writing).await?;
        writing.commit().await.map_err(failure)?;
        self.keep(files.iter().filter_map(|(_, facts)| facts.p_hash), changes).await
    }

    /// A file that was put there, and what it is.
    pub async fn put(&self, file: &Listed, facts: &Facts, tags: &[String], noted: Micros) -> Result<()> {
        let _turn = self.turn().await;
        let mut writing = self.write().await?;
        let put = with(sqlx::query(PUT), file, facts).bind(noted);
        put.execute(&mut *writing).await.map_err(failure)?;
        tags::replace(&mut writing, &file.path, tags).await?;
        let changes = count_change(&mut writing).await?;
        writing.commit().await.map_err(failure)?;
        self.keep(facts.p_hash.into_iter(), changes).await
    }
}

type Statement<'q> = Query<'q, Any, AnyArguments>;

fn with<'q>(statement: Statement<'q>, file: &'q Listed, facts: &'q Facts) -> Statement<'q> {
    statement
        .bind(bytes(&file.path))
        .bind(signed(file.size))
        .bind(file.modified)
        .bind(facts.p_hash.map(|hash| hash.bits() as i64))
        .bind(facts.width.map(signed))
        .bind(facts.height.map(signed))
        .bind(facts.quality.map(i64::from))
        .bind(facts.checksum.as_ref().map(|checksum| checksum.0.as_slice()))
}
