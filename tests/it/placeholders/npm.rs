//! The reference implementations, as front ends use them: npm's `blurhash` and `thumbhash`. A picture of a hundred pixels
//! is its own thumbnail, so they are given the very same.

use std::array::from_fn;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::RgbaImage;
use serde_json::{Value, json};

use super::pictures::{made, png};
use crate::gateway::{Gateway, pictures};
use crate::stub::{Answer, Stub};

/// A picture, our hashes of it, and what the packages say of both.
struct Compared {
    name: String,
    picture: RgbaImage,
    ours: Value,
    theirs: Value,
}

/// Pictures of at most a hundred pixels, none of them clear: BlurHash would show what is underneath.
fn compared() -> &'static [Compared] {
    static COMPARED: LazyLock<Vec<Compared>> = LazyLock::new(compare);
    &COMPARED
}

fn compare() -> Vec<Compared> {
    let own = [
        "png/rgb.png",
        "png/grey.png",
        "png/filters.png",
        "plain/noise.png",
        "png/interlaced.png",
        "plain/black.png",
    ];
    let own = own
        .map(|name| (name.to_owned(), image::open(pictures().join(name)).expect("a picture").into_rgba8()));
    let made = [(100, 100), (100, 37), (9, 64), (1, 5)].map(|(x, y)| (format!("made {x} x {y}"), made(x, y)));
    let pictures: Vec<_> =
        own.into_iter().chain(made).filter(|(_, picture)| picture.width() <= 100).collect();
    let ours = hashes(&pictures);
    let theirs = ask(&pictures, &ours);
    assert_eq!((pictures.len(), theirs.len()), (9, 9));
    let compare = |(((name, picture), ours), theirs)| Compared { name, picture, ours, theirs };
    pictures.into_iter().zip(ours).zip(theirs).map(compare).collect()
}

fn hashes(pictures: &[(String, RgbaImage)]) -> Vec<Value> {
    let stub = Stub::start();
    let gateway = Gateway::over_pictures(&[stub.address]);
    let hash = |(place, (_, picture)): (usize, &(String, RgbaImage))| {
        let target = format!("/{place}.png");
        stub.put(&target, Answer::ok(png(picture)));
        gateway.data(&format!("{{ remote(url: \"{}\") {{ blurHash thumbHash }} }}", stub.url(&target)))["remote"].take()
    };
    pictures.iter().enumerate().map(hash).collect()
}

fn ask(pictures: &[(String, RgbaImage)], ours: &[Value]) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/placeholders");
    let installed = Command::new("npm").args(["ci", "--silent"]).current_dir(&folder).status();
    assert!(installed.expect("npm").success());
    let mut node = Command::new("node");
    node.arg("ask.js").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut node = node.spawn().expect("node");
    let mut input = node.stdin.take().expect("its input");
    for ((_, picture), ours) in pictures.iter().zip(ours) {
        let mut line = ours.clone();
        line["rgba"] = json!(STANDARD.encode(picture.as_raw()));
        (line["width"], line["height"]) = (json!(picture.width()), json!(picture.height()));
        writeln!(input, "{line}").expect("it reads");
    }
    drop(input);
    let output = node.wait_with_output().expect("node");
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn mean(picture: &RgbaImage) -> [f64; 4] {
    let sum = |channel: usize| picture.pixels().map(|pixel| f64::from(pixel.0[channel])).sum::<f64>();
    from_fn(|channel| sum(channel) / picture.pixels().len() as f64)
}

/// The package forgets the negative factors when it looks for the largest, by which all are told; its original in C, from
/// which it stems, does not. Where that makes a difference ours has to be nearer to the picture.
#[test]
fn a_blur_hash_is_the_packages_or_shows_the_picture_better() {
    let mut same = 0;
    for Compared { name, ours, theirs, .. } in compared() {
        if ours["blurHash"] == theirs["blurHash"] {
            same += 1;
        } else {
            let (ours, theirs) = (theirs["blurDistance"].as_f64(), theirs["referenceDistance"].as_f64());
            assert!(ours < theirs, "{name}: {ours:?} {theirs:?}");
        }
    }
    assert!(same >= 7, "only {same} of 9 are the same");
}

/// The crate counts in 32 bits and the package in 64: what lies next to the border of two steps may be told by the other.
#[test]
fn a_thumb_hash_is_the_packages() {
    let mut differing = 0;
    for Compared { name, ours, theirs, .. } in compared() {
        let (ours, theirs) = (nibbles(&ours["thumbHash"]), nibbles(&theirs["thumbHash"]));
        assert_eq!(ours.len(), theirs.len(), "{name}");
        let steps = ours.iter().zip(&theirs).map(|(one, two)| one.abs_diff(*two)).collect::<Vec<_>>();
        assert!(steps.iter().all(|steps| *steps <= 1), "{name}: {ours:?} {theirs:?}");
        differing += steps.iter().filter(|steps| **steps == 1).count();
    }
    assert!(differing <= 5, "{differing}");
}

fn nibbles(base64: &Value) -> Vec<u8> {
    let bytes = STANDARD.decode(base64.as_str().expect("a hash")).expect("base64");
    bytes.into_iter().flat_map(|byte| [byte >> 4, byte & 15]).collect()
}

/// Told in steps of 4 and of 8 levels.
#[test]
fn a_thumb_hash_shows_the_mean_colour() {
    for Compared { name, picture, theirs, .. } in compared() {
        let told = theirs["thumbMean"].as_array().expect("numbers").iter().filter_map(Value::as_f64);
        let furthest = told.zip(mean(picture)).map(|(told, mean)| (told - mean).abs()).fold(0.0, f64::max);
        assert!(furthest < 9.0, "{name}: {theirs} {:?}", mean(picture));
    }
}
