//! Lists of a bucket: pages for callers, and what of a provider's list is no file's key.

use std::path::PathBuf;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use object_store::list::PaginatedListOptions;
use tokio::time::{Instant, timeout, timeout_at};

use super::Bucket;
use super::failure;
use super::keys::is_plain;
use crate::error::{Error, Result};
use crate::source::engine::library::browse::Place;
use crate::source::engine::library::id::is_hidden;
use crate::source::engine::library::query::Order;
use crate::source::engine::library::{FilesQuery, LibraryFile, path_of};

/// What S3 lists at once.
const MOST_KEYS: usize = 1_000;
/// Files that are asked for by their names at once.
const AT_ONCE: usize = 16;

/// What is to be listed.
#[derive(Clone, Default)]
struct Listed {
    prefix: String,
    /// The key that the list comes after.
    after: Option<String>,
    /// Not what lies in folders below.
    flat: bool,
    /// At first; then as many as there may be.
    first: Option<usize>,
}

enum Step {
    First,
    Then(String),
    Over,
}

impl Bucket {
    /// So many images in the order of their keys, which is that of their bytes.
    pub async fn page(&self, place: &Place, limit: usize, until: Instant) -> Result<Vec<LibraryFile>> {
        let Some(listed) = self.listed(place, limit) else { return Ok(Vec::new()) };
        let after = place.after.as_os_str();
        let follows =
            |file: &LibraryFile| file.is_image() && (after.is_empty() || file.path.as_os_str() > after);
        let files = self.files(listed).try_filter(|file| std::future::ready(follows(file)));
        timeout_at(until, files.take(limit).try_collect()).await.unwrap_or(Err(Error::Timeout))
    }

    /// Every image, as the bucket lists them.
    pub fn every_file(&self) -> BoxStream<'_, Result<LibraryFile>> {
        let listed = Listed { prefix: self.keys.prefix().to_owned(), ..Listed::default() };
        self.files(listed).try_filter(|file| std::future::ready(file.is_image())).boxed()
    }

    /// The page of files that a query selects. All that it may select is listed for it, unless that comes in its order.
    pub async fn list(&self, query: FilesQuery, until: Instant) -> Result<Vec<LibraryFile>> {
        timeout_at(until, self.select(&query)).await.unwrap_or(Err(Error::Timeout))
    }

    async fn select(&self, query: &FilesQuery) -> Result<Vec<LibraryFile>> {
        let in_order = query.ids.is_none() && query.order == Order::Path && !query.descending;
        let most = if in_order { query.skip + query.limit } else { usize::MAX };
        let selected = self.candidates(query).try_filter(|file| std::future::ready(query.selects(file)));
        let mut selected = selected.take(most).boxed();
        let mut first = query.first();
        while let Some(file) = selected.try_next().await? {
            first.add(file);
        }
        drop(selected);
        Ok(first.sorted().into_iter().skip(query.skip).collect())
    }

    /// Those that it names, else those of a folder, or of all.
    fn candidates<'a>(&'a self, query: &'a FilesQuery) -> BoxStream<'a, Result<LibraryFile>> {
        if let Some(ids) = &query.ids {
            let paths = ids.iter().filter_map(|id| path_of(id).ok());
            return stream::iter(paths)
                .map(|path| self.named(path))
                .buffered(AT_ONCE)
                .filter_map(std::future::ready)
                .boxed();
        }
        let place = Place { under: query.folder.clone().unwrap_or_default(), after: PathBuf::new() };
        match self.listed(&place, query.skip + query.limit) {
            Some(listed) => self.files(Listed { flat: query.folder.is_some(), ..listed }).boxed(),
            None => stream::empty().boxed(),
        }
    }

    async fn named(&self, path: PathBuf) -> Option<Result<LibraryFile>> {
        match self.file(path).await {
            Err(Error::NotFound) => None,
            file => Some(file),
        }
    }

    /// `None` where nothing can be: no key is longer, or other than text.
    fn listed(&self, place: &Place, limit: usize) -> Option<Listed> {
        let under = String::from_utf8(place.prefix()).ok().filter(|_| !is_hidden(&place.under))?;
        let rest = place.rest()?;
        let prefix = format!("{}{under}", self.keys.prefix());
        // What comes after a text that is none is found out by comparing.
        let after = String::from_utf8(rest).ok().filter(|rest| !rest.is_empty());
        let after = after.map(|rest| format!("{prefix}{rest}"));
        Some(Listed { prefix, after, flat: false, first: Some(limit.clamp(1, MOST_KEYS)) })
    }

    fn files(&self, listed: Listed) -> impl Stream<Item = Result<LibraryFile>> + Send {
        let pages = stream::unfold(Step::First, move |step| {
            let listed = listed.clone();
            async move { self.next_files(&listed, step).await }
        });
        pages.map_ok(|files| stream::iter(files).map(Ok)).try_flatten()
    }

    async fn next_files(&self, listed: &Listed, step: Step) -> Option<(Result<Vec<LibraryFile>>, Step)> {
        let (max_keys, page_token) = match step {
            Step::First => (listed.first, None),
            Step::Then(token) => (None, Some(token)),
            Step::Over => return None,
        };
        let options = PaginatedListOptions {
            offset: listed.after.clone(),
            delimiter: listed.flat.then(|| "/".into()),
            max_keys,
            page_token,
            ..PaginatedListOptions::default()
        };
        let prefix = Some(listed.prefix.as_str()).filter(|prefix| !prefix.is_empty());
        let page = timeout(self.patience, self.lists.list_paginated(prefix, options)).await;
        match page.map_err(|_| Error::Timeout).and_then(|page| page.map_err(failure::of_list)) {
            Ok(page) => {
                let files = page.result.objects.iter().filter_map(|object| self.found(object)).collect();
                Some((Ok(files), page.page_token.map_or(Step::Over, Step::Then)))
            }
            Err(error) => Some((Err(error), Step::Over)),
        }
    }
}

/// What stands in a list for each object, and in it for its key: S3's and Google's, Azure's.
const OBJECTS: [(&str, &str); 2] = [("Contents", "Key"), ("Blob", "Name")];

/// A list without the objects whose keys `object_store` would take for others', or for which it would give up the list.
/// Folders of such are left out as well.
pub fn without_odd_keys(list: &[u8]) -> Bytes {
    let Ok(text) = str::from_utf8(list) else { return Bytes::copy_from_slice(list) };
    let text =
        OBJECTS.iter().fold(text.to_owned(), |text, (object, key)| without(&text, object, key, is_plain));
    let is_folder = |key: &str| key.strip_suffix('/').is_some_and(is_plain);
    without(&text, "CommonPrefixes", "Prefix", is_folder).into()
}

/// In XML a `<` begins a tag wherever it stands but in sections of CDATA, which no provider sends.
fn without(text: &str, object: &str, key: &str, is_good: impl Fn(&str) -> bool) -> String {
    let (start, end) = (format!("<{object}>"), format!("</{object}>"));
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(&start) {
        let Some((inner, after)) = behind.split_once(&end) else { break };
        kept.push_str(before);
        if text_of(inner, key).is_none_or(|key| is_good(&key)) {
            kept.extend([&start, inner, &end]);
        }
        rest = after;
    }
    kept + rest
}

fn text_of(element: &str, name: &str) -> Option<String> {
    let (_, behind) = element.split_once(&format!("<{name}>"))?;
    let (text, _) = behind.split_once(&format!("</{name}>"))?;
    Some(unescaped(text))
}

/// XML 1.0, 4.1 and 4.6. What is no character becomes one that no key of ours has.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';').unwrap_or(("", part));
        plain.push(character(name).unwrap_or('\0'));
        plain.push_str(rest);
    }
    plain
}

fn character(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_given_without_keys_that_are_no_paths() {
        let object = |key: &str| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>");
        let good =
            ["a.jpg", "a/b c/d+%2F.jpg", "&lt;&amp;&#39;&#x41;.jpg", "\u{e4}/b", "..a"].map(object).concat();
        let bad =
            ["", "a//b", "/a", "a/", "./a", "a/../b", "a&#10;b", "a&#x1;", "a&b;", "a\u{7f}", "&#xD800;"];
        let list = |objects: &str| format!("<L><Prefix>a//b</Prefix>{objects}<KeyCount>5</KeyCount></L>");
        let mixed = list(&bad.map(|key| object(key) + &good).concat());
        assert_eq!(without_odd_keys(mixed.as_bytes()), list(&good.repeat(bad.len())));
        let azure = |name: &str| format!("<Blob><Name>{name}</Name></Blob>");
        assert_eq!(without_odd_keys((azure("a/") + &azure("b")).as_bytes()), azure("b"));
        let folder = |prefix: &str| format!("<CommonPrefixes><Prefix>{prefix}</Prefix></CommonPrefixes>");
        assert_eq!(without_odd_keys((folder("a//") + &folder("b/")).as_bytes()), folder("b/"));
    }

    #[test]
    fn what_is_no_list_stays_what_it_is() {
        for text in [&b"\xff"[..], b"", b"<Contents>", b"<Contents><Key>a//b</Key>", b"<Contents></Contents>"]
        {
            assert_eq!(without_odd_keys(text), text);
        }
    }
}
