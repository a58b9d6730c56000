//! Scans: what is new, changed and gone is found, however they end.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use image::{ImageFormat, RgbImage};
use imagraph::index::{Progress, Scanned};

use super::{Indexed, sqlite};
use crate::cli::imagraph;
use crate::postgres_server::PostgresServer;
use crate::redis_server::until;

/// A picture with structure of its own.
pub fn picture(seed: u64) -> RgbImage {
    let mut random = fastrand::Rng::with_seed(seed);
    let coarse = RgbImage::from_fn(8, 8, |_, _| image::Rgb([random.u8(..); 3]));
    image::imageops::resize(&coarse, 64, 64, image::imageops::FilterType::Triangle)
}

pub fn save(path: &Path, picture: &RgbImage, format: ImageFormat) {
    picture.save_with_format(path, format).expect("written");
}

/// Four copies of one picture, two others, what is none, and a folder within.
pub fn library() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("sub")).expect("a folder");
    let original = picture(1);
    let small = image::imageops::resize(&original, 48, 48, image::imageops::FilterType::CatmullRom);
    save(&at("original.png"), &original, ImageFormat::Png);
    save(&at("sub/copy.bmp"), &original, ImageFormat::Bmp);
    save(&at("again.jpg"), &original, ImageFormat::Jpeg);
    save(&at("small.png"), &small, ImageFormat::Png);
    save(&at("other.png"), &picture(2), ImageFormat::Png);
    save(&at("sub/third.gif"), &picture(3), ImageFormat::Gif);
    fs::write(at("none.jpg"), "no picture").expect("written");
    fs::write(at("notes.txt"), "no image's name").expect("written");
    folder
}

/// All of it could be read.
fn done(listed: u64, pending: u64, looked_into: u64) -> Progress {
    Progress { listed, pending, looked_into, ..Progress::default() }
}

pub fn scan(indexed: &Indexed) -> Progress {
    match indexed.wait(indexed.index.scan(2, &|_| {})) {
        Scanned::Done(progress) => progress,
        Scanned::Elsewhere => panic!("another process scans"),
    }
}

/// The names of the files of each group, groups of one size by their names.
pub fn groups(indexed: &Indexed) -> Vec<Vec<String>> {
    let duplicates = indexed.wait(indexed.index.duplicates(8));
    let files = |group| indexed.wait(indexed.index.files_of(group, 10));
    let names = |group| files(group).iter().map(|path| path.display().to_string()).collect();
    let mut groups: Vec<Vec<_>> = duplicates.all().iter().map(names).collect();
    assert!(groups.is_sorted_by_key(|group| std::cmp::Reverse(group.len())), "the largest first");
    groups.sort_by_key(|group| (std::cmp::Reverse(group.len()), group[0].clone()));
    groups
}

#[test]
fn four_copies_are_a_group_and_a_scan_does_nothing_twice() {
    let (library, server) = (library(), PostgresServer::start());
    let at = |name: &str| library.path().join(name);
    let beside = tempfile::tempdir().expect("a folder");
    for url in [sqlite(beside.path()), server.database("scans")] {
        let indexed = Indexed::new(library.path(), &url);
        assert_eq!(scan(&indexed), done(7, 7, 7));
        assert_eq!(groups(&indexed), [["sub/copy.bmp", "original.png", "again.jpg", "small.png"]]);
        assert_eq!(scan(&indexed), done(7, 0, 0));

        // One is new, one is gone, one has another size, and one only another time.
        save(&at("new.png"), &picture(2), ImageFormat::Png);
        fs::remove_file(at("again.jpg")).expect("removed");
        save(&at("small.png"), &picture(4), ImageFormat::Png);
        let later = SystemTime::now() + Duration::from_secs(60);
        File::options().append(true).open(at("other.png")).expect("a file").set_modified(later).expect("set");
        assert_eq!(scan(&indexed), done(7, 3, 3));
        assert_eq!(groups(&indexed), [["new.png", "other.png"], ["sub/copy.bmp", "original.png"]]);

        fs::remove_file(at("new.png")).expect("removed");
        save(&at("again.jpg"), &picture(1), ImageFormat::Jpeg);
        let small = image::imageops::resize(&picture(1), 48, 48, image::imageops::FilterType::CatmullRom);
        save(&at("small.png"), &small, ImageFormat::Png);
    }
}

/// A JPEG of some quality, with so many bytes of a comment (ITU T.81 section B.2.4.5).
fn jpeg(picture: &RgbImage, quality: u8, comment: u16) -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    let encoder = jpeg_encoder::Encoder::new(&mut file, quality);
    encoder.encode(picture, width, height, jpeg_encoder::ColorType::Rgb).expect("encoded");
    let len = (comment + 2).to_be_bytes();
    let segment = [&[0xFF, 0xFE][..], &len, &vec![b' '; comment.into()]].concat();
    file.splice(2..2, segment);
    file
}

#[test]
fn of_two_jpegs_of_a_size_the_less_compressed_is_the_better_however_large_the_other_is() {
    let (library, beside) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    for (name, quality, comment) in [("a.jpg", 60, 60_000), ("b.jpg", 90, 0), ("c.jpg", 75, 100)] {
        fs::write(library.path().join(name), jpeg(&picture(1), quality, comment)).expect("written");
    }
    let indexed = Indexed::new(library.path(), &sqlite(beside.path()));
    scan(&indexed);
    assert_eq!(groups(&indexed), [["b.jpg", "c.jpg", "a.jpg"]]);
}

/// Killed at several places; what it has done until then is not done again.
#[test]
fn a_scan_that_is_killed_goes_on_where_it_was() {
    const FILES: u64 = 300;
    let (library, server) = (tempfile::tempdir().expect("a folder"), PostgresServer::start());
    for seed in 0..FILES {
        save(&library.path().join(format!("{seed}.png")), &picture(seed / 2), ImageFormat::Png);
    }
    let beside = tempfile::tempdir().expect("a folder");
    for url in [sqlite(beside.path()), server.database("killed")] {
        let indexed = Indexed::new(library.path(), &url);
        indexed.runtime.block_on(indexed.index.open()).expect("opened");
        for known in [1, 100, 200] {
            let mut scanning = imagraph();
            scanning.args(["index", "--library"]).arg(library.path()).args(["--index", &url]);
            let mut scanning = scanning.spawn().expect("it runs");
            until("it has done a part", || {
                let count = indexed.wait(indexed.index.count());
                count.files == FILES && count.files - count.pending >= known
            });
            scanning.kill().expect("killed");
            scanning.wait().expect("it ends");
        }
        let left = indexed.wait(indexed.index.count()).pending;
        assert!(left > 0, "it was killed before its end");
        assert_eq!(scan(&indexed), done(FILES, left, left));
        let groups = groups(&indexed);
        assert_eq!(groups.len() as u64, FILES / 2);
        assert!(groups.iter().all(|group| group.len() == 2));
    }
}

#[test]
fn one_process_scans_at_a_time() {
    let (library, server) = (library(), PostgresServer::start());
    let beside = tempfile::tempdir().expect("a folder");
    for url in [sqlite(beside.path()), server.database("once")] {
        let (first, second) = (Indexed::new(library.path(), &url), Indexed::new(library.path(), &url));
        let elsewhere = std::sync::Mutex::new(None);
        let other_scans = |_| {
            let mut elsewhere = elsewhere.lock().expect("the answer");
            let scanned = || {
                std::thread::scope(|scope| {
                    scope.spawn(|| second.wait(second.index.scan(1, &|_| {}))).join().expect("an answer")
                })
            };
            elsewhere.get_or_insert_with(scanned);
        };
        first.wait(first.index.scan(1, &other_scans));
        assert_eq!(elsewhere.into_inner().expect("the answer"), Some(Scanned::Elsewhere));
        assert_eq!(scan(&second), done(7, 0, 0));
    }
}

#[test]
fn the_index_of_another_library_is_left_alone() {
    let (library, another) = (library(), tempfile::tempdir().expect("a folder"));
    let beside = tempfile::tempdir().expect("a folder");
    let url = sqlite(beside.path());
    scan(&Indexed::new(library.path(), &url));
    let mut index = imagraph();
    let output = index.args(["index", "--index", &url, "--library"]).arg(another.path()).output();
    let output = output.expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("give each library its own"), "{message}");
    assert_eq!(scan(&Indexed::new(library.path(), &url)).looked_into, 0);
}
