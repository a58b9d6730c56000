//! Which files are to be listed, in ImageKit's parameters.

use std::path::{Component, Path, PathBuf};

use url::form_urlencoded;

use crate::error::{Error, Result};

/// ImageKit's own bound, and what it gives where nobody says how many.
const MAX_LIMIT: usize = 1_000;
/// What is skipped is found and held first.
const MAX_SKIP: usize = 100_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesQuery {
    pub limit: usize,
    pub skip: usize,
    /// Below the library's root; files of its subfolders are not in it.
    pub folder: Option<PathBuf>,
    /// These alone, where they are there.
    pub ids: Option<Vec<String>>,
    /// Only images, or only what is none.
    pub images: Option<bool>,
    pub order: Order,
    pub descending: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Path,
    Name,
    Created,
    Updated,
    Size,
}

impl Default for FilesQuery {
    fn default() -> Self {
        let (folder, ids, images) = (None, None, None);
        Self { limit: MAX_LIMIT, skip: 0, folder, ids, images, order: Order::Path, descending: false }
    }
}

impl FilesQuery {
    /// Refuses what is not understood: a filter that is passed over would list what nobody asked for.
    pub fn parse(query: &str) -> Result<Self> {
        let mut parsed = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            parsed.set(&name, &value)?;
        }
        Ok(parsed)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "limit" => self.limit = number(value, 1..=MAX_LIMIT).ok_or(BAD_LIMIT)?,
            "skip" => self.skip = number(value, 0..=MAX_SKIP).ok_or(BAD_SKIP)?,
            "path" => self.folder = Some(folder(value).ok_or(BAD_PATH)?),
            "fileType" => self.images = images(value)?,
            "sort" => (self.order, self.descending) = order(value)?,
            "searchQuery" if value.is_empty() => {}
            "searchQuery" => self.ids = Some(ids(value).ok_or(BAD_SEARCH)?),
            "type" if matches!(value, "file" | "all") => {}
            _ => return Err(Error::BadRequest("the engine's library knows no such parameter")),
        }
        Ok(())
    }
}

const BAD_LIMIT: Error = Error::BadRequest("limit is 1 to 1000");
const BAD_SKIP: Error = Error::BadRequest("skip is 0 to 100000; `files` of GraphQL goes on from a cursor");
const BAD_PATH: Error = Error::BadRequest("path is a folder of the library");
const BAD_SEARCH: Error = Error::BadRequest(
    "of searches the engine's library knows `id IN [\"...\"]`, `id = \"...\"` and, by its index, `tags IN [\"...\"]` only",
);

fn number(value: &str, range: std::ops::RangeInclusive<usize>) -> Option<usize> {
    value.parse().ok().filter(|number| range.contains(number))
}

/// A folder below the library, with or without slashes around it.
pub fn folder(value: &str) -> Option<PathBuf> {
    let path = Path::new(value.trim_matches('/'));
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    // Put together anew, as `a//b` and `a/./b` are `a/b`.
    (plain && !value.contains('\0')).then(|| path.components().collect())
}

fn images(value: &str) -> Result<Option<bool>> {
    match value {
        "all" => Ok(None),
        "image" => Ok(Some(true)),
        "non-image" => Ok(Some(false)),
        _ => Err(Error::BadRequest("fileType is all, image or non-image")),
    }
}

fn order(value: &str) -> Result<(Order, bool)> {
    let (direction, by) = value.split_once('_').unwrap_or_default();
    let order = match by {
        "NAME" => Order::Name,
        "CREATED" => Order::Created,
        "UPDATED" => Order::Updated,
        "SIZE" => Order::Size,
        _ => return Err(Error::BadRequest("sort is by NAME, CREATED, UPDATED or SIZE")),
    };
    match direction {
        "ASC" => Ok((order, false)),
        "DESC" => Ok((order, true)),
        _ => Err(Error::BadRequest("sort begins with ASC_ or DESC_")),
    }
}

/// What is asked of a field of a search, which may stand in quotes as ImageKit's clients write it.
pub fn behind_field<'a>(search: &'a str, field: &str) -> Option<&'a str> {
    let quoted = || search.strip_prefix('"')?.strip_prefix(field)?.strip_prefix('"');
    quoted().or_else(|| search.strip_prefix(field)).map(str::trim_start)
}

/// `id IN ["a","b"]`, or `id = "a"`.
fn ids(search: &str) -> Option<Vec<String>> {
    let rest = behind_field(search.trim(), "id")?;
    match rest.strip_prefix("IN") {
        Some(list) => serde_json::from_str(list.trim_start()).ok(),
        None => serde_json::from_str(rest.strip_prefix('=')?.trim_start()).ok().map(|id| vec![id]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parameter_is_understood() {
        let query = "limit=5&skip=10&path=%2Fa%2Fb%2F&fileType=image&sort=DESC_SIZE&type=file\
                     &searchQuery=id%20IN%20%5B%22x%22%2C%22y%22%5D";
        let expected = FilesQuery {
            limit: 5,
            skip: 10,
            folder: Some("a/b".into()),
            ids: Some(vec!["x".to_owned(), "y".to_owned()]),
            images: Some(true),
            order: Order::Size,
            descending: true,
        };
        assert_eq!(FilesQuery::parse(query), Ok(expected));
        assert_eq!(FilesQuery::parse(""), Ok(FilesQuery::default()));
        assert_eq!(FilesQuery::parse("path=%2F").unwrap().folder, Some(PathBuf::new()));
        for search in ["id+%3D+%22x%22", "%22id%22+%3D+%22x%22", "%22id%22+IN+%5B%22x%22%5D"] {
            let ids = FilesQuery::parse(&format!("searchQuery={search}")).unwrap().ids;
            assert_eq!(ids, Some(vec!["x".to_owned()]), "{search}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let wrong = [
            "limit=0",
            "limit=1001",
            "limit=x",
            "skip=-1",
            "skip=100001",
            "path=..%2Fa",
            "path=a%2F..%2F..%2Fb",
            "path=%00",
            "fileType=video",
            "sort=NAME",
            "sort=UP_NAME",
            "sort=ASC_RELEVANCE",
            "type=folder",
            "tags=a",
            "name=a",
            "searchQuery=createdAt%20%3E%20%227d%22",
            "searchQuery=id%20IN%20%5B1%5D",
            "searchQuery=%22id%20IN%20%5B%22x%22%5D",
        ];
        for query in wrong {
            assert!(matches!(FilesQuery::parse(query), Err(Error::BadRequest(_))), "{query}");
        }
    }
}
