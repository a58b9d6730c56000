//! The tags of files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sqlx::{Any, AssertSqlSafe, Transaction};

use super::listing::AT_ONCE;
use super::row::{bytes, path_of};
use super::{Store, failure};
use crate::error::Result;

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
