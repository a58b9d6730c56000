//! Lists of files by their tags, which the index knows and the library does not.

use std::borrow::Cow;

use url::form_urlencoded::{self, Serializer};

use super::Catalog;
use crate::error::{Error, Result};
use crate::source::engine::library::{behind_field, id_of};

/// Tags of one list.
const MAX_TAGS: usize = 100;

const WRONG: Error = Error::BadRequest(
    "tags are asked for by `tags=a,b` or `searchQuery=tags IN [\"a\"]`, and no other search",
);

impl Catalog {
    /// A query that asks for tags, as one that asks for the files that have any of them.
    pub(super) async fn by_ids<'a>(&self, query: &'a str) -> Result<Cow<'a, str>> {
        // ImageKit knows its own.
        let asked = if self.source.library().is_ok() { parse(query)? } else { None };
        let Some((tags, rest)) = asked else { return Ok(Cow::Borrowed(query)) };
        let ids: Vec<_> = self.index()?.tagged(&tags).await?.iter().map(|path| id_of(path)).collect();
        let search = format!("id IN {}", serde_json::Value::from(ids));
        Ok(Cow::Owned(Serializer::new(rest).append_pair("searchQuery", &search).finish()))
    }
}

/// The tags, and the rest of the query; none of one that asks for none.
fn parse(query: &str) -> Result<Option<(Vec<String>, String)>> {
    let (mut tags, mut searches, mut rest) = (None, 0, Serializer::new(String::new()));
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let search = behind_field(value.trim(), "tags").filter(|_| name == "searchQuery");
        searches += usize::from((name == "searchQuery" && !value.is_empty()) || name == "tags");
        match search {
            Some(search) => tags = Some(list(search).ok_or(WRONG)?),
            None if name == "tags" => {
                tags = Some(value.split(',').map(|tag| tag.trim().to_owned()).collect())
            }
            None => drop(rest.append_pair(&name, &value)),
        }
    }
    match tags {
        Some(tags) if searches == 1 && tags.len() <= MAX_TAGS => Ok(Some((tags, rest.finish()))),
        Some(_) => Err(WRONG),
        None => Ok(None),
    }
}

/// `IN ["a","b"]`
fn list(search: &str) -> Option<Vec<String>> {
    serde_json::from_str(search.strip_prefix("IN")?.trim_start()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_asked_for_in_two_ways_and_once() {
        let tags = |tags: &[&str], rest: &str| {
            Ok(Some((tags.iter().map(|tag| (*tag).to_owned()).collect(), rest.to_owned())))
        };
        assert_eq!(parse("limit=1&tags=a%2C+b+c&skip=2"), tags(&["a", "b c"], "limit=1&skip=2"));
        assert_eq!(parse("searchQuery=tags%20IN%20%5B%22a%2Cb%22%5D"), tags(&["a,b"], ""));
        assert_eq!(parse("searchQuery=%22tags%22%20IN%20%5B%22a%22%5D"), tags(&["a"], ""));
        assert_eq!(parse("searchQuery=id+%3D+%22a%22&limit=1"), Ok(None));
        for wrong in ["tags=a&tags=b", "tags=a&searchQuery=id+%3D+%22a%22", "searchQuery=tags+%3D+1"] {
            assert_eq!(parse(wrong), Err(WRONG), "{wrong}");
        }
        assert_eq!(parse(&format!("tags={}", "a,".repeat(100))), Err(WRONG));
    }
}
