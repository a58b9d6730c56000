//! Lists of a bucket, and pages of them.

use std::path::{Path, PathBuf};

use futures_util::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use object_store::list::PaginatedListOptions;
use tokio::time::{Instant, timeout, timeout_at};

use super::Bucket;
use super::failure;
use super::keys::MAX_KEY;
use crate::error::{Error, Result};
use crate::source::engine::library::browse::Place;
use crate::source::engine::library::id::is_hidden;
use crate::source::engine::library::query::Order;
use crate::source::engine::library::{FilesQuery, LibraryFile, Unlisted, path_of};

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
    pub fn every_file(&self) -> BoxStream<'_, Result<LibraryFile, Unlisted>> {
        let listed = Listed { prefix: self.keys.prefix().to_owned(), ..Listed::default() };
        let images = self.files(listed).try_filter(|file| std::future::ready(file.is_image()));
        images.map_err(|error| Unlisted::as_a_whole(&error)).boxed()
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

    /// The first file whose key begins so.
    pub(super) fn beginning_with(&self, path: &Path) -> impl Stream<Item = Result<LibraryFile>> + Send {
        let prefix = format!("{}{}", self.keys.prefix(), path.display());
        self.files(Listed { prefix, first: Some(1), ..Listed::default() })
    }

    /// `None` where nothing can be.
    fn listed(&self, place: &Place, limit: usize) -> Option<Listed> {
        let rest = place.rest().filter(|_| !is_hidden(&place.under))?;
        let prefix = [self.keys.prefix().as_bytes(), &place.prefix()].concat();
        let after = [&prefix[..], &rest].concat();
        let prefix =
            String::from_utf8(prefix).ok().filter(|prefix| start_of_key(prefix.as_bytes()) == prefix)?;
        let after = (!rest.is_empty()).then(|| start_of_key(&after).to_owned());
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

/// As much of it as can be the start of a key. What a cursor has beyond that is heeded by comparing.
fn start_of_key(bytes: &[u8]) -> &str {
    let text = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let plain = text.split(|c: char| c.is_ascii_control()).next().unwrap_or_default();
    &plain[..plain.floor_char_boundary(MAX_KEY)]
}
