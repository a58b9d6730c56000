//! A library that is moved, and what goes with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::slice;
use std::time::SystemTime;

use imagraph::index::{Facts, Listed};

use super::scan::{library, scan};
use super::{Indexed, sqlite};
use crate::cli::imagraph;
use crate::postgres_server::PostgresServer;

const NAME: &str = "tagged.png";

fn tags(indexed: &Indexed) -> Option<Vec<String>> {
    indexed.wait(indexed.index.tags(&[PathBuf::from(NAME)])).remove(Path::new(NAME))
}

/// A library of which one file has a tag.
fn tagged(library: &Path, url: &str) -> Indexed {
    let (indexed, file) = (Indexed::new(library, url), library.join(NAME));
    fs::copy(crate::gateway::pictures().join("png/rgb.png"), &file).expect("copied");
    let known = fs::metadata(file).expect("there");
    let since = known.modified().expect("a time").duration_since(SystemTime::UNIX_EPOCH).expect("since 1970");
    let modified = since.as_micros().try_into().expect("a number");
    let listed = Listed { path: NAME.into(), size: known.len(), modified };
    indexed.wait(indexed.index.note(&listed, &Facts::default(), slice::from_ref(&"red".to_owned())));
    scan(&indexed);
    indexed
}

fn index(library: &Path, arguments: &[&str]) -> Output {
    let mut index = imagraph();
    index.args(["index", "--library"]).arg(library).args(arguments).output().expect("it runs")
}

#[test]
fn its_index_goes_with_it_where_it_is_told_from_where() {
    let (server, beside) = (PostgresServer::start(), tempfile::tempdir().expect("a folder"));
    for url in [sqlite(beside.path()), server.database("moved")] {
        let (old, place) = (library(), tempfile::tempdir().expect("a folder"));
        let (before, new) = (tagged(old.path(), &url), place.path().join("new"));
        let copied = Command::new("cp").arg("-a").arg(old.path()).arg(&new).status();
        assert!(copied.expect("cp").success());
        for arguments in [&["--index", &url][..], &["--index", &url, "--moved-from", "/nowhere"]] {
            let refused = index(&new, arguments);
            let message = String::from_utf8_lossy(&refused.stderr);
            assert_eq!(refused.status.code(), Some(1));
            let real = old.path().canonicalize().expect("there");
            assert!(message.contains(&format!("it is the index of {}", real.display())), "{message}");
            assert!(message.contains("--moved-from"), "{message}");
        }
        let from = old.path().to_str().expect("a path");
        for _ in 0..2 {
            let moved = index(&new, &["--index", &url, "--moved-from", from]);
            assert!(moved.status.success(), "{}", String::from_utf8_lossy(&moved.stderr));
        }
        let after = Indexed::new(&new, &url);
        assert_eq!(scan(&after).looked_into, 0, "it is known already");
        assert_eq!(tags(&after), Some(vec!["red".to_owned()]));
        // Whoever still serves the old one spoils nothing.
        fs::remove_file(old.path().join(NAME)).expect("removed");
        let scanned = before.runtime.block_on(before.index.scan(1, &|_| {}));
        assert!(scanned.is_err(), "{scanned:?}");
        assert_eq!(tags(&after), Some(vec!["red".to_owned()]));
    }
}

/// As operating.md says.
#[test]
fn a_file_that_is_renamed_loses_its_tags_by_the_next_scan() {
    let (library, beside) = (library(), tempfile::tempdir().expect("a folder"));
    let indexed = tagged(library.path(), &sqlite(beside.path()));
    let (at, elsewhere) = (library.path().join(NAME), library.path().join("renamed.png"));
    fs::rename(&at, &elsewhere).expect("renamed");
    scan(&indexed);
    fs::rename(&elsewhere, &at).expect("renamed");
    scan(&indexed);
    assert_eq!(tags(&indexed), None);
}

#[test]
fn the_index_that_is_a_librarys_by_default_is_named() {
    let (library, state) = (library(), tempfile::tempdir().expect("a folder"));
    let mut index = imagraph();
    let index = index.env("IMAGRAPH_INDEX", "").env("STATE_DIRECTORY", state.path()).arg("index");
    let output = index.arg("--library").arg(library.path()).args(["--moved-from", "/old/photos"]).output();
    let message = String::from_utf8_lossy(&output.expect("it runs").stderr).into_owned();
    let named =
        format!("--moved-from needs --index: that of /old/photos is sqlite://{}/", state.path().display());
    assert!(message.contains(&named), "{message}");
}
