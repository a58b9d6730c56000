//! `imagraph duplicates`, run as a user runs it, without an index.

use std::fs;
use std::path::Path;
use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};
use imagraph::metadata::PHash;
use serde_json::Value;

use super::scan::{groups, library, picture, save, scan};
use super::{Indexed, sqlite};
use crate::cli::imagraph;
use crate::gateway::pictures;

fn duplicates(folders: &[&Path], flags: &[&str]) -> Output {
    imagraph().arg("duplicates").args(flags).args(folders).output().expect("it runs")
}

fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).expect("UTF-8")
}

fn stderr(output: &Output) -> &str {
    str::from_utf8(&output.stderr).expect("UTF-8")
}

fn objects(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Below the folder, as those of the index are.
fn names(object: &Value, folder: &Path) -> Vec<String> {
    let images = object["images"].as_array().expect("images").iter();
    let file = |image: &Value| Path::new(image["file"].as_str().expect("a file")).to_owned();
    images.map(|image| file(image).strip_prefix(folder).expect("below it").display().to_string()).collect()
}

#[test]
fn groups_are_those_of_the_index_and_each_image_is_told() {
    let (library, beside) = (library(), tempfile::tempdir().expect("a folder"));
    save(&library.path().join("sub/other copy.png"), &picture(2), ImageFormat::Png);
    let indexed = Indexed::new(library.path(), &sqlite(beside.path()));
    scan(&indexed);
    let output = duplicates(&[library.path()], &["--format", "json"]);
    let objects = objects(&output);
    let found: Vec<_> = objects.iter().map(|object| names(object, library.path())).collect();
    assert_eq!(found, groups(&indexed));
    assert_eq!(found[0], ["sub/copy.bmp", "original.png", "again.jpg", "small.png"]);
    let images = objects[0]["images"].as_array().expect("images");
    let hash = |image: &Value| -> PHash { image["pHash"].as_str().expect("a hash").parse().expect("a hash") };
    let mut spare = 0;
    for (place, (image, name)) in images.iter().zip(&found[0]).enumerate() {
        let size = fs::metadata(library.path().join(name)).expect("a file").len();
        spare += if place == 0 { 0 } else { size };
        assert_eq!(image["size"], size);
        assert_eq!(image["distance"], hash(image).distance(hash(&images[0])));
        assert_eq!(image["width"], if name == "small.png" { 48 } else { 64 });
        assert_eq!(image["jpegQuality"].is_null(), name != "again.jpg");
    }
    assert_eq!((&objects[0]["count"], &objects[0]["spareBytes"]), (&4.into(), &spare.into()));
}

#[test]
fn what_is_further_from_the_best_than_asked_for_is_no_copy() {
    let similar = pictures().join("similar");
    for (within, counts) in [("0", vec![]), ("2", vec![3]), ("8", vec![5]), ("10", vec![6])] {
        let objects = objects(&duplicates(&[&similar], &["--within", within, "--format", "json"]));
        let found: Vec<_> = objects.iter().map(|object| object["count"].as_u64()).collect();
        assert_eq!(found, counts.into_iter().map(Some).collect::<Vec<_>>(), "{within}");
    }
}

#[test]
fn a_table_tells_the_best_first_and_at_the_end_what_the_others_take() {
    let library = tempfile::tempdir().expect("a folder");
    save(&library.path().join("a.png"), &picture(1), ImageFormat::Png);
    save(&library.path().join("b\u{1b}[31m\n.bmp"), &picture(1), ImageFormat::Bmp);
    let output = duplicates(&[library.path()], &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let lines: Vec<_> = stdout(&output).lines().collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(
        lines[0].starts_with("   best  64 x 64") && lines[0].ends_with("b\u{fffd}[31m\u{fffd}.bmp"),
        "{lines:?}"
    );
    assert!(lines[1].starts_with(" 0 bits  64 x 64") && lines[1].ends_with("a.png"), "{lines:?}");
    let size = fs::metadata(library.path().join("a.png")).expect("a file").len();
    let summary =
        format!("images: 2, groups: 1, copies that are not the best of theirs: 1, which take {size} bytes");
    assert_eq!(lines[3], summary);
    assert!(!stdout(&output).contains('\u{1b}'));
}

#[test]
fn names_turn_no_line_around() {
    let library = tempfile::tempdir().expect("a folder");
    for name in ["a.png", "evil\u{202e}gpj.png"] {
        save(&library.path().join(name), &picture(1), ImageFormat::Png);
    }
    let output = duplicates(&[library.path()], &[]);
    assert!(stdout(&output).contains("/evil\u{fffd}gpj.png\n"), "{}", stdout(&output));
}

/// Names may hold whatever HTML knows; the page shows them and its pictures, and loads nothing.
#[test]
fn a_page_shows_each_picture_and_names_are_only_text() {
    let library = tempfile::tempdir().expect("a folder");
    let hostile = "<img src=x onerror=\"alert('1')\">&amp;\u{1b}.png";
    save(&library.path().join(hostile), &picture(1), ImageFormat::Png);
    save(&library.path().join("b.bmp"), &picture(1), ImageFormat::Bmp);
    let output = duplicates(&[library.path()], &["--format", "html"]);
    let page = stdout(&output);
    let name = "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;\u{fffd}.png";
    assert!(page.contains(name) && !page.contains("<img src=x"), "{page}");
    assert!(page.chars().all(|sign| !sign.is_control() || sign == '\n'));
    assert!(page.contains("default-src 'none'; img-src data:"));
    assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("<script"));
    let pictures: Vec<_> = page.split("src=\"data:image/jpeg;base64,").skip(1).collect();
    assert_eq!(pictures.len(), 2, "{page}");
    for picture in pictures {
        let file = STANDARD.decode(picture.split('"').next().expect("its end")).expect("base64");
        let shown = image::load_from_memory_with_format(&file, ImageFormat::Jpeg).expect("a picture");
        assert_eq!((shown.width(), shown.height()), (64, 64));
    }
    assert!(page.contains("<b>best</b> · 64 x 64 · ") && page.contains("0 bits from the best"), "{page}");
    assert!(page.ends_with("</html>\n") && stderr(&output).contains("images: 2, groups: 1,"));
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_compared() {
    let library = library();
    let damaged = pictures().join("damaged/truncated-middle.jpg");
    for name in ["text.jpg", "empty.PNG", "notes.txt"] {
        fs::write(library.path().join(name), "").expect("written");
    }
    fs::copy(damaged, library.path().join("bad\n.jpg")).expect("copied");
    fs::write(library.path().join("a.svg"), "<svg width=\"9\" height=\"9\"/>").expect("written");
    let missing = library.path().join("none");
    let output = duplicates(&[library.path(), &missing], &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(objects(&output).len(), 1);
    let told: Vec<_> = stderr(&output).lines().collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("bad\u{fffd}.jpg: ") && told[1].ends_with("none: no such image"), "{told:?}");
    assert!(told[2].starts_with("images: 6, groups: 1,"), "{told:?}");
    assert!(told[2].ends_with(" bytes; files that are images by their names alone: 3"), "{told:?}");
    assert!(duplicates(&[library.path()], &["--within", "11"]).status.code() == Some(2));
}

#[test]
fn a_file_that_is_met_twice_is_no_copy_and_nothing_is_changed() {
    let library = library();
    fs::hard_link(library.path().join("other.png"), library.path().join("linked.png")).expect("linked");
    let before = contents(library.path());
    let output = duplicates(&[library.path(), &library.path().join("sub/..")], &["--format", "json"]);
    let found: Vec<_> = objects(&output).iter().map(|object| names(object, library.path())).collect();
    assert_eq!(found, [["sub/copy.bmp", "original.png", "again.jpg", "small.png"]]);
    assert_eq!(contents(library.path()), before);
}

fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files.extend(contents(&path)),
            false => files.push((path.display().to_string(), fs::read(&path).expect("a file"))),
        }
    }
    files.sort();
    files
}

#[test]
fn flat_pictures_are_copies_only_byte_for_byte() {
    let library = tempfile::tempdir().expect("a folder");
    for (name, level) in [("a.png", 7), ("b.png", 7), ("c.png", 9)] {
        save(
            &library.path().join(name),
            &RgbImage::from_pixel(9, 9, image::Rgb([level; 3])),
            ImageFormat::Png,
        );
    }
    let objects = objects(&duplicates(&[library.path()], &["--format", "json"]));
    assert_eq!(objects.len(), 1);
    assert_eq!(names(&objects[0], library.path()), ["a.png", "b.png"]);
}
