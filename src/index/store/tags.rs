//! The tags of files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sqlx::{Any, AssertSqlSafe, Transaction};

use super::listing::AT_ONCE;
use super::row::{bytes, path_of};
use super::{Store, failure};
use crate::error::{Error, Result};

/// Each is looked for by itself.
const MAX_TAGGED: usize = 10_000;

impl Store {
    /// The tags of those of these files that have any, in the order in which they were sent.
    pub async fn tags(&self, paths: &[PathBuf]) -> Result<HashMap<PathBuf, Vec<String>>> {
        let mut tags = HashMap::<_, Vec<_>>::new();
        for paths in paths.chunks(AT_ONCE) {
            let listed: Vec<_> = (1..=paths.len()).map(|place| format!("${place}")).collect();
            let select =
                format!("SELECT path, tag FROM tags WHERE path IN ({}) ORDER BY place", listed.join(", "));
            let mut select = sqlx::query_as(AssertSqlSafe(select));
            for path in paths {
                select = select.bind(bytes(path));
            }
            let rows: Vec<(Vec<u8>, String)> = select.fetch_all(self.pool().await?).await.map_err(failure)?;
            rows.into_iter().for_each(|(path, tag)| tags.entry(path_of(path)).or_default().push(tag));
        }
        Ok(tags)
    }

    /// The files that have any of these tags.
    pub async fn tagged(&self, tags: &[String]) -> Result<Vec<PathBuf>> {
        if tags.is_empty() {
            return Ok(Vec::new());
        }
        let listed: Vec<_> = (1..=tags.len()).map(|place| format!("${place}")).collect();
        let (listed, limit) = (listed.join(", "), MAX_TAGGED + 1);
        let select =
            format!("SELECT DISTINCT path FROM tags WHERE tag IN ({listed}) ORDER BY path LIMIT {limit}");
        let mut select = sqlx::query_scalar(AssertSqlSafe(select));
        for tag in tags {
            select = select.bind(tag.as_str());
        }
        let paths: Vec<Vec<u8>> = select.fetch_all(self.pool().await?).await.map_err(failure)?;
        match paths.len() > MAX_TAGGED {
            true => Err(Error::QueryTooCostly { what: "files with such tags", limit: MAX_TAGGED as u64 }),
            false => Ok(paths.into_iter().map(path_of).collect()),
        }
    }
}

/// These instead of those that a file had.
pub async fn replace(writing: &mut Transaction<'static, Any>, path: &Path, tags: &[String]) -> Result<()> {
    const ADD: &str = "INSERT INTO tags (path, tag, place) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    remove(writing, path).await?;
    for (place, tag) in (0_i64..).zip(tags) {
        let add = sqlx::query(ADD).bind(bytes(path)).bind(tag.as_str()).bind(place);
        add.execute(&mut **writing).await.map_err(failure)?;
    }
    Ok(())
}

/// Those of a file that is gone.
pub async fn remove(writing: &mut Transaction<'static, Any>, path: &Path) -> Result<()> {
    let remove = sqlx::query("DELETE FROM tags WHERE path = $1").bind(bytes(path));
    remove.execute(&mut **writing).await.map(drop).map_err(failure)
}
