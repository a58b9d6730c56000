//! What is said of an index that cannot be used.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

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

#[test]
fn a_library_that_is_not_there_has_to_be_made() {
    let nowhere = Path::new("target/no-such-library");
    let message = refusal(&index(nowhere, "sqlite:target/no-such-index.sqlite"));
    assert!(message.contains("(a new one has to be made first)"), "{message}");
}

/// To the superuser everything can be read.
fn as_nobody(library: &Path, url: &str) -> Output {
    let mut index = imagraph();
    index.args(["index", "--index", url, "--library"]).arg(library);
    if !rustix::process::getuid().is_root() {
        return index.output().expect("it runs");
    }
    let mut nobody = Command::new("setpriv");
    nobody
        .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
        .arg(index.get_program())
        .args(index.get_args());
    nobody.current_dir("/").output().expect("it runs")
}

#[test]
fn what_cannot_be_read_is_named_with_the_reason() {
    let (library, beside) = (library(), tempfile::tempdir().expect("a folder"));
    let may = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("set");
    for entry in fs::read_dir(library.path()).expect("a folder") {
        may(&entry.expect("an entry").path(), 0o755);
    }
    may(library.path(), 0o755);
    may(beside.path(), 0o777);
    let (closed, file) = (library.path().join("sub"), library.path().join("other.png"));
    may(&closed, 0);
    may(&file, 0);
    let output = as_nobody(library.path(), &sqlite(beside.path()));
    may(&closed, 0o755);
    let (told, logs) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{told} {logs}");
    assert!(told.contains("1 are still to be looked into\n1 folders could not be listed"), "{told} {logs}");
    for said in [
        "a part of the library cannot be listed folder=\"sub\" reason=\"Permission denied",
        "a file of the library cannot be looked into for now file=\"other.png\" reason=\"Permission denied",
    ] {
        assert!(logs.contains(said), "{said} {logs}");
    }
}
