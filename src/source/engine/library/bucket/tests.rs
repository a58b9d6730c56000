use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::sync::Mutex;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use object_store::list::{PaginatedListOptions, PaginatedListResult};
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{ListResult, ObjectMeta};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::source::engine::library::{FilesQuery, Place};

/// Keys that a provider lists, a few at a time; each list counts.
#[derive(Default)]
struct Shelf {
    keys: BTreeSet<String>,
    lists: Mutex<usize>,
}

/// Of one list, whatever it is asked for.
const AT_ONCE: usize = 3;

#[async_trait]
impl PaginatedListStore for Shelf {
    async fn list_paginated(
        &self,
        prefix: Option<&str>,
        options: PaginatedListOptions,
    ) -> object_store::Result<PaginatedListResult> {
        *self.lists.lock().unwrap() += 1;
        let prefix = prefix.unwrap_or_default();
        let after = options.page_token.or(options.offset).unwrap_or_default();
        let is_below = |key: &&String| options.delimiter.is_none() || !key[prefix.len()..].contains('/');
        let mut keys =
            self.keys.iter().filter(|key| key.starts_with(prefix) && **key > after).filter(is_below);
        let most = options.max_keys.unwrap_or(AT_ONCE).min(AT_ONCE);
        let page: Vec<_> = keys.by_ref().take(most).collect();
        let page_token = keys.next().and(page.last()).map(|key| (*key).clone());
        let objects = page.into_iter().map(|key| object(key)).collect();
        let result = ListResult { common_prefixes: Vec::new(), objects, extensions: Default::default() };
        Ok(PaginatedListResult { result, page_token })
    }
}

fn object(key: &str) -> ObjectMeta {
    let (last_modified, size) = (Default::default(), key.len() as u64);
    ObjectMeta { location: Key::parse(key).unwrap(), last_modified, size, e_tag: None, version: None }
}

struct Made {
    bucket: Bucket,
    shelf: Arc<Shelf>,
}

fn made(keys: &[String]) -> Made {
    let shelf = Arc::new(Shelf { keys: keys.iter().cloned().collect(), ..Shelf::default() });
    let bucket = Bucket {
        objects: Arc::new(InMemory::new()),
        lists: shelf.clone(),
        keys: Keys::below("p"),
        scope: String::new(),
        max_bytes: 1_000,
        patience: Duration::from_secs(60),
    };
    Made { bucket, shelf }
}

fn run<T>(work: impl Future<Output = Result<T>>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work).unwrap()
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn paths(files: Vec<LibraryFile>) -> Vec<String> {
    files.into_iter().map(|file| file.path.to_str().unwrap().to_owned()).collect()
}

impl Made {
    fn page(&self, under: &str, after: &str, limit: usize) -> Vec<String> {
        let place = Place { under: under.into(), after: after.into() };
        paths(run(async { self.bucket.page(&place, limit, later()).await }))
    }

    fn list(&self, query: &str) -> Vec<String> {
        let query = FilesQuery::parse(query).unwrap();
        paths(run(async { self.bucket.list(query, later()).await }))
    }

    /// In the order of the bytes.
    fn images(&self) -> Vec<String> {
        let paths = self.shelf.keys.iter().filter_map(|key| key.strip_prefix("p/"));
        let is_image = |path: &&str| !path.ends_with(".txt") && !path.contains(".imagraph");
        paths.filter(is_image).map(str::to_owned).collect()
    }
}

fn key() -> impl Strategy<Value = String> {
    let folder = select(vec!["a", "a-b", "a.b", "a0", "\u{e4} +%", ".imagraph"]);
    let file = select(vec!["a.jpg", "a-b.PNG", "a0.gif", "\u{e4}.svg", "notes.txt"]);
    let root = select(vec!["p", "p", "p", "p", "p-a", "q"]);
    (root, vec(folder, 0..3), file)
        .prop_map(|(root, folders, file)| [&[root][..], &folders, &[file]].concat().join("/"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pages_show_every_image_once_in_the_order_of_the_bytes(
        keys in vec(key(), 0..60),
        under in select(vec!["", "a", "a/a-b", "none", ".imagraph"]),
        limit in 1_usize..9,
    ) {
        let made = made(&keys);
        let is_under = |path: &String| under.is_empty() || path.starts_with(&format!("{under}/"));
        let expected: Vec<_> = made.images().into_iter().filter(is_under).collect();
        let (mut shown, mut after) = (Vec::new(), String::new());
        loop {
            let page = made.page(under, &after, limit);
            let Some(last) = page.last() else { break };
            after = last.clone();
            shown.extend(page);
        }
        prop_assert_eq!(shown, expected);
    }

    #[test]
    fn a_page_may_come_after_anything(keys in vec(key(), 0..40), after in key(), under in select(vec!["", "a"])) {
        let made = made(&keys);
        let is_next = |path: &String| *path > after && (under.is_empty() || path.starts_with("a/"));
        let expected: Vec<_> = made.images().into_iter().filter(is_next).take(5).collect();
        prop_assert_eq!(made.page(under, &after, 5), expected);
    }

    #[test]
    fn every_file_and_lists_are_of_the_same_files(keys in vec(key(), 0..60)) {
        let made = made(&keys);
        let every = paths(run(made.bucket.every_file().map_err(|_| Error::Internal).try_collect()));
        let images = made.images();
        prop_assert_eq!(&every, &images);
        prop_assert_eq!(&made.list("fileType=image"), &images);
        let some: Vec<_> = images.iter().skip(2).take(3).cloned().collect();
        prop_assert_eq!(made.list("fileType=image&skip=2&limit=3"), some);
        let flat: Vec<_> = images.iter().filter(|path| !path.contains('/')).cloned().collect();
        prop_assert_eq!(made.list("fileType=image&path=/"), flat);
        let mut by_name = images;
        by_name.sort_by_key(|path| std::cmp::Reverse(path.rsplit('/').next().map(str::to_owned)));
        prop_assert_eq!(made.list("fileType=image&sort=DESC_NAME"), by_name);
    }
}

#[test]
fn no_more_is_listed_than_a_page_takes() {
    let keys: Vec<_> = (0..1_000).map(|n| format!("p/{n:04}.jpg")).collect();
    let made = made(&keys);
    let lists = |work: &dyn Fn() -> Vec<String>| {
        let before = *made.shelf.lists.lock().unwrap();
        let files = work().len();
        (files, *made.shelf.lists.lock().unwrap() - before)
    };
    assert_eq!(lists(&|| made.page("", "", 3)), (3, 1));
    assert_eq!(lists(&|| made.page("", "0500.jpg", 6)), (6, 2));
    assert_eq!(lists(&|| made.list("skip=3&limit=3")), (3, 2));
    assert_eq!(lists(&|| made.list("limit=3&sort=ASC_SIZE")), (3, 334));
}

#[test]
fn what_no_key_can_be_is_not_asked_for() {
    let keys = ["a/b.jpg", "a/c.jpg", "d.jpg"].map(|path| format!("p/{path}"));
    let made = made(&keys);
    let long = "a".repeat(2_000);
    for under in ["a\n", "\u{7f}/a", long.as_str(), ".imagraph-1"] {
        assert_eq!(made.page(under, "", 9), [""; 0], "{under}");
    }
    assert_eq!(*made.shelf.lists.lock().unwrap(), 0);
    for (after, next) in [("a\nb", 0), ("a/b.jpg\n", 1), (long.as_str(), 2), ("b\u{1}", 2)] {
        assert_eq!(made.page("", after, 9), ["a/b.jpg", "a/c.jpg", "d.jpg"][next..], "{after}");
    }
    let broken = Place { under: PathBuf::new(), after: OsStr::from_bytes(b"a/b\xff").into() };
    let files = run(async { made.bucket.page(&broken, 9, later()).await });
    assert_eq!(paths(files), ["a/c.jpg", "d.jpg"]);
}
