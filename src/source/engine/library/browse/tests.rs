use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use futures_util::TryStreamExt;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::source::engine::library::{Folder, id_of};

/// Names that sort otherwise with a slash behind them than without.
const FOLDERS: [&str; 7] = ["a", "a-b", "a.b", "a0", "a.jpg", "b", "\u{e4} +%"];
const FILES: [&str; 7] = ["a.jpg", "a-b.PNG", "a0.gif", "b.jpg", "\u{e4}.svg", "notes.txt", ".imagraph.jpg"];

struct Tree(tempfile::TempDir);

impl Tree {
    fn of(paths: &[String]) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        paths.iter().for_each(|path| tree.add(path));
        tree
    }

    /// A path that cannot be, because of one that is there, is left out.
    fn add(&self, path: &str) {
        let path = self.0.path().join(path);
        let made = path.parent().is_some_and(|folder| fs::create_dir_all(folder).is_ok());
        if made && !path.exists() {
            let _ = fs::write(path, "");
        }
    }

    fn delete(&self, path: &str) {
        let _ = fs::remove_file(self.0.path().join(path));
    }

    fn page(&self, under: &str, after: &str, limit: usize) -> Vec<String> {
        let place = Place { under: under.into(), after: after.into() };
        let root = self.0.path().canonicalize().unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        let files = page(&root, place, limit, until).unwrap();
        files.into_iter().map(|file| file.path.to_str().unwrap().to_owned()).collect()
    }

    /// All pages of so many files.
    fn pages(&self, under: &str, limit: usize) -> Vec<String> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.page(under, &after, limit);
            let Some(last) = page.last() else { return all };
            after = last.clone();
            all.extend(page);
        }
    }

    /// What is there, found otherwise, in the order of the bytes.
    fn images(&self, under: &str) -> BTreeSet<String> {
        let all = self.files(Path::new(""));
        let is_image = |path: &&String| !path.ends_with("txt") && !path.contains(".imagraph");
        let is_under = |path: &&String| under.is_empty() || path.starts_with(&format!("{under}/"));
        all.iter().filter(is_image).filter(is_under).cloned().collect()
    }

    fn files(&self, folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(self.0.path().join(folder)).unwrap().map(Result::unwrap);
        let below = |entry: DirEntry| {
            let path = folder.join(entry.file_name());
            let is_folder = entry.file_type().unwrap().is_dir();
            if is_folder { self.files(&path) } else { vec![path.to_str().unwrap().to_owned()] }
        };
        entries.flat_map(below).collect()
    }
}

fn path() -> impl Strategy<Value = String> {
    (vec(select(&FOLDERS[..]), 0..4), select(&FILES[..]))
        .prop_map(|(folders, file)| [&folders[..], &[file]].concat().join("/"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pages_show_every_image_once_in_the_order_of_the_bytes(
        paths in vec(path(), 0..60),
        under in select(vec!["", "a", "a/a-b", "a.jpg", "none"]),
        limit in 1_usize..9,
    ) {
        let tree = Tree::of(&paths);
        let expected: Vec<_> = tree.images(under).into_iter().collect();
        prop_assert_eq!(tree.pages(under, limit), expected);
    }

    #[test]
    fn a_page_may_come_after_anything(paths in vec(path(), 0..40), after in path(), under in select(vec!["", "a"])) {
        let tree = Tree::of(&paths);
        let expected: Vec<_> = tree.images(under).into_iter().filter(|path| *path > after).take(5).collect();
        prop_assert_eq!(tree.page(under, &after, 5), expected);
    }

    #[test]
    fn what_is_there_all_the_time_is_shown_once_whatever_comes_and_goes(
        paths in vec(path(), 1..40),
        changes in vec((path(), any::<bool>()), 20),
        limit in 1_usize..5,
    ) {
        let tree = Tree::of(&paths);
        let mut there = tree.images("");
        let (mut shown, mut after) = (Vec::new(), String::new());
        let mut changes = changes.into_iter();
        loop {
            let page = tree.page("", &after, limit);
            let Some(last) = page.last() else { break };
            after = last.clone();
            shown.extend(page);
            for (path, added) in changes.by_ref().take(2) {
                if added {
                    tree.add(&path);
                } else {
                    tree.delete(&path);
                    there.remove(&path);
                }
            }
            // The file of the cursor may go, too.
            if shown.len() % 2 == 0 {
                tree.delete(&after);
            }
        }
        let once: BTreeSet<_> = shown.iter().cloned().collect();
        prop_assert_eq!(once.len(), shown.len());
        prop_assert!(there.is_subset(&once), "{there:?} {once:?}");
    }

    #[test]
    fn every_file_is_found_once(paths in vec(path(), 0..60)) {
        let tree = Tree::of(&paths);
        let folder = Folder::new(tree.0.path(), 1_000).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let files: Vec<_> = runtime.block_on(folder.every_file().try_collect()).unwrap();
        let mut found: Vec<_> = files.into_iter().map(|file| file.path.to_str().unwrap().to_owned()).collect();
        found.sort_unstable();
        let expected: Vec<_> = tree.images("").into_iter().collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn links_are_not_followed() {
    let tree = Tree::of(&["a/b.jpg".to_owned(), "c.jpg".to_owned()]);
    symlink("..", tree.0.path().join("a/up")).unwrap();
    symlink("c.jpg", tree.0.path().join("d.jpg")).unwrap();
    symlink("a", tree.0.path().join("b")).unwrap();
    assert_eq!(tree.pages("", 10), ["a/b.jpg", "c.jpg"]);
    for under in ["b", "a/up", "a/up/a"] {
        assert_eq!(tree.pages(under, 10), [""; 0], "{under}");
    }
}

#[test]
fn a_page_ends_by_its_deadline() {
    let tree = Tree::of(&["a.jpg".to_owned()]);
    let past = Instant::now() - Duration::from_secs(1);
    assert_eq!(page(tree.0.path(), Place::default(), 1, past), Err(Error::Timeout));
}

#[test]
fn folders_and_cursors_are_understood_or_refused() {
    let parsed = Place::parse(Some("/a//b/"), Some(&id_of(Path::new("a/b/c.jpg")))).unwrap();
    assert_eq!(parsed, Place { under: "a/b".into(), after: "a/b/c.jpg".into() });
    assert_eq!(Place::parse(None, None), Ok(Place::default()));
    for under in ["..", "a/../b", "a\0", "./.."] {
        assert!(matches!(Place::parse(Some(under), None), Err(Error::BadRequest(_))), "{under}");
    }
    for after in ["", "?", "Li4", "YQ=="] {
        assert!(matches!(Place::parse(None, Some(after)), Err(Error::BadRequest(_))), "{after}");
    }
}
