//! AVIF, HEIC and JPEG XL are decoded in a process of its own: whatever happens there is an error of one picture.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use fastrand::Rng;
use imagraph::error::{Error, Result};
use imagraph::metadata::{Level, PHash};
use imagraph::source::engine::header::{self, Header, Reading};
use imagraph::source::engine::known::Known;
use imagraph::source::engine::pixels::apart::Apart;
use imagraph::source::engine::pixels::{self, Limits, View};
use serde_json::json;
use tempfile::TempDir;

use crate::gateway::{DECODER, pictures};

const PICTURES: [&str; 6] = [
    "heif/alpha.avif",
    "heif/grid.avif",
    "heif/alpha.heic",
    "heif/grid.heic",
    "jxl/lossless.jxl",
    "jxl/container-exif-alpha.jxl",
];

/// Another run is another number.
const SEED: u64 = 13;

/// No test waits for as long.
const PATIENCE: Duration = Duration::from_secs(60);

fn read(name: &str) -> Vec<u8> {
    fs::read(pictures().join(name)).expect("a picture")
}

fn header(bytes: &[u8]) -> Result<Header> {
    match header::read(&Known::whole(bytes), Level::Exif) {
        Reading::Done(header) => header,
        Reading::Need(range) => panic!("{range:?} of {} bytes", bytes.len()),
    }
}

fn hash_by(program: &Path, bytes: &[u8]) -> Result<PHash> {
    let apart = Some(Apart { program: program.to_owned(), time: PATIENCE });
    let limits = Limits { max_pixels: 1_000_000, max_decode_bytes: 64 << 20, apart };
    let header = header(bytes)?;
    pixels::check(&header, &limits)?;
    pixels::read(bytes, &header, View::Grey, &limits).map(|picture| picture.p_hash)
}

fn hash(bytes: &[u8]) -> Result<PHash> {
    hash_by(Path::new(DECODER), bytes)
}

fn assert_typed(result: Result<PHash>, name: &str) {
    let typed = match &result {
        Ok(_) | Err(Error::CorruptImage(_) | Error::NotAnImage) => true,
        Err(Error::UnsupportedFormat(_) | Error::TooLarge { .. }) => true,
        Err(_) => false,
    };
    assert!(typed, "{name}: {result:?}");
}

#[test]
fn without_a_program_for_it_there_are_no_pixels() {
    let limits = Limits { max_pixels: 1_000_000, max_decode_bytes: 64 << 20, apart: None };
    for name in PICTURES {
        let bytes = read(name);
        let header = header(&bytes).unwrap();
        assert!(matches!(pixels::check(&header, &limits), Err(Error::UnsupportedFormat(_))), "{name}");
        assert!(
            matches!(pixels::read(&bytes, &header, View::Grey, &limits), Err(Error::UnsupportedFormat(_))),
            "{name}"
        );
    }
}

/// An abort is how rav1d answers most of these.
#[test]
fn an_altered_picture_is_an_error_and_no_more() {
    let mut rng = Rng::with_seed(SEED);
    let mut errors = 0;
    for name in PICTURES {
        let bytes = read(name);
        for _ in 0..25 {
            let mut altered = bytes.clone();
            for _ in 0..rng.usize(1..4) {
                let place = rng.usize(..altered.len());
                altered[place] ^= 1 << rng.u8(..8);
            }
            let result = hash(&altered);
            errors += usize::from(result.is_err());
            assert_typed(result, name);
        }
        assert!(hash(&bytes).is_ok(), "{name}");
    }
    assert!(errors > 20, "only {errors} were errors");
}

#[test]
fn a_truncated_picture_has_no_hash() {
    for name in PICTURES {
        let bytes = read(name);
        for part in 1..8 {
            let result = hash(&bytes[..bytes.len() * part / 8]);
            assert!(matches!(result, Err(Error::CorruptImage(_) | Error::NotAnImage)), "{name}: {result:?}");
        }
    }
}

/// How the decoder ends with this task; its standard input is ended where a file is given, and stays open else.
fn end(task: &serde_json::Value, file: Option<&[u8]>) -> ExitStatus {
    use std::io::Write;
    let mut command = Command::new(DECODER);
    command.args(["decode", &task.to_string()]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("its input");
    if let Some(file) = file {
        let _ = stdin.write_all(file);
        drop(stdin);
        return child.wait().expect("it ends");
    }
    let status = child.wait().expect("it ends");
    drop(stdin);
    status
}

#[test]
fn it_ends_where_it_takes_too_much_memory_or_time() {
    let file = read("damaged/bomb-6000.avif");
    let mut task = json!({
        "codec": "Heif", "len": file.len(), "max_pixels": 100_000_000, "max_memory": 0, "max_seconds": 60,
        "milliseconds": 60_000,
    });
    // An allocation that fails aborts.
    assert_eq!(end(&task, Some(&file)).signal(), Some(libc::SIGABRT));
    let small = read("heif/plain.avif");
    task["len"] = json!(small.len());
    assert_eq!(end(&task, Some(&small)).code(), Some(0));
    task["max_pixels"] = json!(1_000);
    assert_eq!(end(&task, Some(&small)).code(), Some(12));
    task["milliseconds"] = json!(50);
    assert_eq!(end(&task, None).code(), Some(13));
    assert_eq!(end(&json!({"codec": "Gif"}), Some(&file)).code(), Some(14));
}

/// A program that takes the file and then does this.
fn script(folder: &TempDir, then: &str) -> PathBuf {
    let path = folder.path().join("decoder");
    fs::write(&path, format!("#!/bin/sh\ncat > /dev/null\n{then}\n")).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("permitted");
    path
}

#[test]
fn what_it_says_is_not_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = read("heif/plain.avif");
    let lies = [
        ("nothing", "true"),
        ("a signal", "kill -SEGV $$"),
        ("a head alone", r"printf '\003\002\000\000\000\002\000\000\000'"),
        ("rows that end", r"printf '\003\002\000\000\000\002\000\000\000123456'"),
        ("nine channels", r"printf '\011\002\000\000\000\002\000\000\000'; cat /dev/zero"),
        ("no pixels", r"printf '\003\000\000\000\000\002\000\000\000'; cat /dev/zero"),
    ];
    for (name, lie) in lies {
        let result = hash_by(&script(&folder, lie), &file);
        assert!(matches!(result, Err(Error::CorruptImage(_))), "{name}: {result:?}");
    }
    let giant = script(&folder, r"printf '\003\377\377\000\000\377\377\000\000'; cat /dev/zero");
    assert!(matches!(hash_by(&giant, &file), Err(Error::TooLarge { what: "pixels", .. })));
    assert_eq!(hash_by(&script(&folder, "exit 13"), &file), Err(Error::Timeout));
    assert_eq!(hash_by(&script(&folder, "exit 14"), &file), Err(Error::Internal));
    assert_eq!(hash_by(&script(&folder, "kill -KILL $$"), &file), Err(Error::Internal));
    assert_eq!(hash_by(Path::new("/nowhere"), &file), Err(Error::Internal));
}

#[test]
fn it_inherits_no_variables_and_no_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let _open = fs::File::create(folder.path().join("open")).expect("a file");
    let seen = folder.path().join("seen");
    let look = format!("(env; ls -l /proc/$$/fd; pwd) > {}", seen.display());
    let _ = hash_by(&script(&folder, &look), &read("heif/plain.avif"));
    let seen = fs::read_to_string(seen).expect("what it saw");
    assert!(std::env::var("CARGO_MANIFEST_DIR").is_ok() && !seen.contains("CARGO"), "{seen}");
    assert!(seen.contains("-> pipe:") && !seen.contains("/open"), "{seen}");
    assert!(seen.ends_with("\n/\n"), "{seen}");
}
