//! What is said of an index that cannot be used.

use std::fs;
use std::path::Path;
use std::process::Output;

use image::ImageFormat;

use super::scan::{library, picture, save, scan};
use super::{Indexed, sqlite};
use crate::cli::imagraph;
use crate::postgres_server::PostgresServer;
use crate::process::Process;

fn index(library: &Path, url: &str) -> Output {
    imagraph().args(["index", "--index", url, "--library"]).arg(library).output().expect("it runs")
}

/// What a command said that could not do its work.
fn refusal(output: &Output) -> String {
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{message}");
    message
}

#[test]
fn a_damaged_file_is_named_and_can_be_deleted() {
    let (library, beside) = (library(), tempfile::tempdir().expect("a folder"));
    let (url, file) = (sqlite(beside.path()), beside.path().join("index.sqlite"));
    for bytes in [b"garbagegarbagegarbage".to_vec(), [&b"SQLite format 3\0\x10"[..], &[0xFF; 5_000]].concat()]
    {
        fs::write(&file, bytes).expect("written");
        let serve = imagraph()
            .args(["serve", "--listen", "127.0.0.1:0", "--index", &url, "--library"])
            .arg(library.path())
            .output();
        for output in [index(library.path(), &url), serve.expect("it runs")] {
            let message = refusal(&output);
            assert_eq!(message.lines().count(), 1, "{message}");
            let named = format!("index: the file {} is damaged, or no index: ", file.display());
            assert!(message.contains(&named) && message.contains("It can be deleted"), "{message}");
        }
    }
    fs::remove_file(&file).expect("deleted");
    assert!(index(library.path(), &url).status.success());
}

#[test]
fn a_server_that_cannot_be_reached_is_named_without_its_password() {
    let (library, url) = (library(), "postgres://me:secret@127.0.0.1:1/pictures");
    let message = refusal(&index(library.path(), url));
    assert!(message.contains("index: postgres://127.0.0.1:1/pictures: Connection refused"), "{message}");
    let folder = library.path().to_str().expect("a path");
    let logs = Process::serve(&["--library", folder, "--index", url], &[], "").stop();
    assert!(logs.contains("imagraph::index: the index is away"), "{logs}");
    assert!(logs.contains("postgres://127.0.0.1:1/pictures: Connection refused"), "{logs}");
    assert!(!logs.contains("secret") && !message.contains("secret"));
}

#[test]
fn an_index_that_cannot_be_written_to_is_told_as_that() {
    let (library, beside) = (library(), tempfile::tempdir().expect("a folder"));
    let url = sqlite(beside.path());
    // Where the lock of scans would be.
    fs::create_dir(beside.path().join("index.sqlite-scan")).expect("made");
    let message = refusal(&index(library.path(), &url));
    assert!(message.contains("the index of the library cannot be written to"), "{message}");
    assert!(message.contains("index.sqlite-scan"), "{message}");
    let server = PostgresServer::start();
    let url = server.database("readonly");
    scan(&Indexed::new(library.path(), &url));
    save(&library.path().join("new.png"), &picture(99), ImageFormat::Png);
    let readonly = format!("{url}?options=-c%20default_transaction_read_only%3Don");
    let message = refusal(&index(library.path(), &readonly));
    assert!(message.contains("read-only"), "{message}");
}

#[test]
fn a_folder_for_the_index_is_made_and_memory_is_no_place() {
    let (library, beside) = (library(), tempfile::tempdir().expect("a folder"));
    let file = beside.path().join("a/b/index.sqlite");
    assert!(index(library.path(), &format!("sqlite://{}", file.display())).status.success());
    assert!(file.exists());
    let message = refusal(&index(library.path(), "sqlite::memory:"));
    assert!(message.contains("index: it needs a file"), "{message}");
    fs::write(beside.path().join("file"), "").expect("written");
    let nowhere = beside.path().join("file/index.sqlite");
    let message = refusal(&index(library.path(), &format!("sqlite://{}", nowhere.display())));
    assert!(message.contains(&format!("index: the file {}: ", nowhere.display())), "{message}");
}
