//! What is refused, with its reason, and leaves nothing behind.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;

use image::ImageFormat;
use serde_json::json;

use super::{BOUNDARY, Form, Place, code, graphql, picture, post, rest, upload};
use crate::gateway::pictures;
use crate::process::Process;
use crate::redis_server::until;

/// Bytes of a file, where that is what is tried.
pub const LIMITS: &str = "[limits]\nmax_bytes = 300000\ndeadline_seconds = 60";

fn damaged() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let half = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let of = |path: &str| fs::read(pictures().join(path)).expect("a picture");
    vec![
        ("empty.jpg", Vec::new(), "NOT_AN_IMAGE"),
        ("page.jpg", b"<!doctype html><script>alert(1)</script>".to_vec(), "NOT_AN_IMAGE"),
        ("program.png", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec(), "NOT_AN_IMAGE"),
        ("half.jpg", half(picture(1, 60, ImageFormat::Jpeg)), "CORRUPT_IMAGE"),
        ("half.png", half(picture(1, 60, ImageFormat::Png)), "CORRUPT_IMAGE"),
        ("half.gif", half(of("gif/first-frame-smaller.gif")), "CORRUPT_IMAGE"),
        ("magic.png", b"\x89PNG\r\n\x1a\n".to_vec(), "CORRUPT_IMAGE"),
        ("drawing.svg", of("svg/pixels.svg"), "UNSUPPORTED_FORMAT"),
        ("large.png", picture(1, 400, ImageFormat::Png), "TOO_LARGE"),
    ]
}

/// Of a gateway with these limits; `list` tells everything that is in its library.
pub fn refuses_what_is_no_image(gateway: &Process, list: impl Fn() -> Vec<String>) {
    let before = list();
    for (name, bytes, expected) in damaged() {
        let answer = upload(gateway, "new", name, &bytes);
        assert_eq!(code(&answer), expected, "{name}: {answer}");
        assert!(answer["data"]["upload"].is_null(), "{name}: {answer}");
        let by_rest = rest(gateway, Form::rest(&[("fileName", name), ("folder", "new")], &bytes));
        let (status, body) = (by_rest.status(), by_rest.text().expect("a body"));
        assert_eq!(status, 400, "{name}: {body}");
        assert_eq!(list(), before, "{name}");
    }
}

pub fn refuses_names_that_lead_elsewhere(gateway: &Process, list: impl Fn() -> Vec<String>) {
    let (before, bytes) = (list(), picture(1, 8, ImageFormat::Png));
    for (folder, name) in [
        ("", "../x.png"),
        ("", "a/../../x.png"),
        ("", "%2e%2e%2fx.png"),
        ("", "%2e%2e"),
        ("", ".."),
        ("", "a\0.png"),
        ("", "/etc/x.png"),
        ("", ""),
        ("", ".imagraph-upload-x.png"),
        ("", &*"x".repeat(300)),
        ("../x", "x.png"),
        ("a/../../x", "x.png"),
        ("%2e%2e", "x.png"),
        (".imagraph", "x.png"),
        ("a\0", "x.png"),
        (&*"a/".repeat(60), "x.png"),
    ] {
        let answer = upload(gateway, folder, name, &bytes);
        assert_eq!(code(&answer), "BAD_NAME", "{folder:?} {name:?}: {answer}");
        let fields = [("fileName", name), ("folder", folder), ("useUniqueFileName", "false")];
        let by_rest = rest(gateway, Form::rest(&fields, &bytes));
        assert_eq!(by_rest.status(), 400, "{folder:?} {name:?}");
        assert_eq!(list(), before, "{folder:?} {name:?}");
    }
}

#[test]
fn what_is_no_image_or_not_all_of_one() {
    let place = Place::with(&[], LIMITS);
    fs::write(place.root().join("old.png"), picture(3, 8, ImageFormat::Png)).unwrap();
    refuses_what_is_no_image(&place.gateway, || place.files());
    refuses_names_that_lead_elsewhere(&place.gateway, || place.files());
    assert_eq!(place.files(), ["old.png"]);
    assert_eq!(files_beside(&place), ["images"], "nothing lies beside the library");
}

fn files_beside(place: &Place) -> Vec<String> {
    let beside = fs::read_dir(place.root().parent().unwrap()).unwrap();
    let names = beside.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.starts_with("index.sqlite")).collect()
}

#[test]
fn a_progressive_jpeg_that_lacks_its_end() {
    let place = Place::new();
    let jpeg = fs::read(pictures().join("jpeg/progressive.jpg")).unwrap();
    // As much as its hash takes is there.
    let answer = upload(&place.gateway, "", "a.jpg", &jpeg[..jpeg.len() - 2]);
    assert_eq!(code(&answer), "CORRUPT_IMAGE", "{answer}");
    assert!(place.files().is_empty());
    assert_eq!(upload(&place.gateway, "", "a.jpg", &jpeg)["data"]["upload"]["path"], "a.jpg");
}

/// Files of every format, with as many bytes at their end as nothing of the picture needs.
const WHOLE: [(&str, usize); 20] = [
    ("png/rgb.png", 0),
    ("png/animated.png", 0),
    ("png/exif-after-idat.png", 0),
    ("gif/animated.gif", 1),
    ("webp/lossy.webp", 0),
    ("webp/lossy-alpha.webp", 0),
    ("webp/exif-icc.webp", 0),
    ("webp/animated.webp", 0),
    ("ico/largest-first.ico", 0),
    ("ico/png-inside.ico", 0),
    ("bmp/24bit.bmp", 0),
    ("bmp/rle8.bmp", 2),
    ("tiff/multi-page.tif", 0),
    ("tiff/directory-at-end.tif", 0),
    ("tiff/tiled.tif", 1),
    ("tiff/planar.tif", 1),
    ("heif/exif.avif", 0),
    ("heif/plain.heic", 0),
    ("jxl/lossless.jxl", 0),
    ("jpeg/baseline.jpg", 0),
];

#[test]
fn no_byte_of_the_end_may_be_missing_and_others_may_follow() {
    let place = Place::new();
    for (name, spare) in WHOLE {
        let file = fs::read(pictures().join(name)).unwrap();
        for missing in [1, 2, 3, 4, 5, 8, 12, 16, 20, file.len() * 2 / 5].map(|bytes| bytes + spare) {
            let answer = upload(&place.gateway, "", "a", &file[..file.len() - missing]);
            assert_eq!(code(&answer), "CORRUPT_IMAGE", "{name} without {missing}: {answer}");
        }
        for (kept, bytes) in [
            ("cut", file[..file.len() - spare].to_vec()),
            ("behind", [&file[..], &b"PK\x03\x04<script>alert(1)</script>"[..]].concat()),
        ] {
            let answer = upload(&place.gateway, kept, &name.replace('/', "-"), &bytes);
            assert!(answer["data"]["upload"]["pHash"].is_string(), "{name} {kept}: {answer}");
        }
    }
    // Two folders, with two copies of each.
    assert_eq!(place.files().len(), 2 + 2 * WHOLE.len());
}

#[test]
fn links_are_not_followed() {
    let place = Place::new();
    let outside = place.root().parent().unwrap().join("outside");
    fs::create_dir(&outside).unwrap();
    symlink(&outside, place.root().join("out")).unwrap();
    symlink(".", place.root().join("in")).unwrap();
    for folder in ["out", "out/new", "in"] {
        let answer = upload(&place.gateway, folder, "a.png", &picture(1, 8, ImageFormat::Png));
        assert_eq!(code(&answer), "BAD_NAME", "{folder}: {answer}");
    }
    assert_eq!(fs::read_dir(outside).unwrap().count(), 0);
    assert_eq!(place.files(), ["in", "out"]);
}

#[test]
fn bodies_that_do_not_say_what_they_hold() {
    let place = Place::with(&[], LIMITS);
    let bytes = picture(1, 8, ImageFormat::Png);
    let operations = json!({"query": super::UPLOAD, "variables": {"file": null}}).to_string();
    let (operations, map) = (operations.as_str(), r#"{"0": ["variables.file"]}"#);
    let start = || Form::default().text("operations", operations);
    let many =
        |parts: usize| (0..parts).fold(start().text("map", map), |form, n| form.text(&n.to_string(), "x"));
    let twenty: Vec<_> = (0..20).map(|n| format!("\"{n}\": [\"variables.file\"]")).collect();
    for (what, form) in [
        ("no parts", Form::default()),
        ("no map", start()),
        ("no file", start().text("map", map)),
        ("a file that nobody names", start().text("map", "{}").file("0", "a.png", &bytes)),
        ("two files for one", start().text("map", map).file("0", "a", &bytes).file("0", "b", &bytes)),
        ("a second file", start().text("map", map).file("0", "a", &bytes).file("1", "b", &bytes)),
        ("a map of nothing", start().text("map", r#"{"0": ["variables.none"]}"#).file("0", "a", &bytes)),
        ("a map of the query", start().text("map", r#"{"0": ["query"]}"#).file("0", "a", &bytes)),
        ("twenty files", start().text("map", &format!("{{{}}}", twenty.join(",")))),
        ("no JSON", Form::default().text("operations", "{").text("map", map).file("0", "a", &bytes)),
        ("no request", Form::default().text("operations", "[]").text("map", "{}")),
        ("a map that is none", start().text("map", "[1]").file("0", "a", &bytes)),
        ("the map first", Form::default().text("map", map).text("operations", operations)),
        ("200 parts", many(200)),
        ("long operations", Form::default().text("operations", &" ".repeat(300_000))),
    ] {
        let answer = graphql(&place.gateway, form);
        let (status, text) = (answer.status().as_u16(), answer.text().unwrap());
        assert!(matches!(status, 400 | 413), "{what}: {status} {text}");
        assert_eq!(code(&serde_json::from_str(&text).unwrap()), "BAD_REQUEST", "{what}");
        assert!(place.files().is_empty(), "{what}");
    }
    let answer = graphql(&place.gateway, many(10_000));
    assert_eq!(answer.status(), 413);
    assert_eq!(code(&answer.json().unwrap()), "TOO_LARGE");
    for (what, body) in [
        ("no end", Form::graphql(&json!({}), "a.png", &bytes).open()),
        ("no boundary in it", bytes.clone()),
        ("nothing", Vec::new()),
    ] {
        let request = post(&place.gateway, "/graphql").header("x-requested-with", "x");
        assert_eq!(request.body(body.clone()).send().unwrap().status(), 400, "{what}");
        let by_rest = post(&place.gateway, "/api/v1/files/upload").body(body).send().unwrap();
        assert_eq!(by_rest.status(), 400, "{what}");
    }
    assert!(place.files().is_empty());
}

/// The head of a request with a body in parts, over a connection of its own.
fn begin(gateway: &Process, path: &str, framing: &str) -> TcpStream {
    let address = gateway.url.strip_prefix("http://").expect("an address");
    let mut connection = TcpStream::connect(address).expect("connected");
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nX-Requested-With: x\r\n{framing}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).expect("sent");
    connection
}

fn status(connection: &mut TcpStream) -> String {
    let mut start = [0; 12];
    connection.read_exact(&mut start).expect("an answer");
    String::from_utf8_lossy(&start[9..]).into_owned()
}

#[test]
fn what_is_said_to_be_too_large_is_not_waited_for() {
    let place = Place::with(&[], LIMITS);
    for path in ["/graphql", "/api/v1/files/upload"] {
        let mut connection = begin(&place.gateway, path, "Content-Length: 100000000");
        let expected = if path == "/graphql" { "413" } else { "400" };
        assert_eq!(status(&mut connection), expected, "{path}");
    }
    assert!(place.files().is_empty());
}

#[test]
fn a_client_that_goes_away_half_way_or_never_ends() {
    let place = Place::with(&[], "[limits]\nmax_bytes = 3000000\ndeadline_seconds = 2");
    let bytes = picture(1, 800, ImageFormat::Png);
    let forms = [
        ("/graphql", Form::graphql(&json!({}), "a.png", &bytes).open()),
        ("/api/v1/files/upload", Form::rest(&[("fileName", "a.png")], &bytes).open()),
    ];
    for (path, body) in forms {
        let length = format!("Content-Length: {}", body.len() + 100);
        let mut connection = begin(&place.gateway, path, &length);
        connection.write_all(&body[..body.len() - 500_000]).unwrap();
        until("it is being written", || place.files().len() == 1);
        assert!(place.files()[0].starts_with(".imagraph-"), "{path}");
        drop(connection);
        until("nothing is left", || place.files().is_empty());
        let mut connection = begin(&place.gateway, path, &length);
        connection.write_all(&body[..body.len() - 500_000]).unwrap();
        assert_eq!(status(&mut connection), "408", "{path}");
        until("nothing is left", || place.files().is_empty());
    }
    assert_eq!(place.gateway.answer("{ files { edges { cursor } } }")["data"]["files"]["edges"], json!([]));
}

#[test]
fn what_comes_without_a_length_ends_where_it_is_too_large() {
    let place = Place::with(&[], LIMITS);
    for path in ["/graphql", "/api/v1/files/upload"] {
        let form = match path {
            "/graphql" => Form::graphql(&json!({}), "a.png", b"\x89PNG"),
            _ => Form::rest(&[("fileName", "a.png")], b"\x89PNG"),
        };
        // The file goes on: the last line end is its own.
        let start =
            if path == "/graphql" { form.open() } else { Form::default().file("file", "a", b"x").open() };
        let mut connection = begin(&place.gateway, path, "Transfer-Encoding: chunked");
        let mut send = |bytes: &[u8]| {
            let head = format!("{:x}\r\n", bytes.len());
            connection.write_all(&[head.as_bytes(), bytes, b"\r\n"].concat())
        };
        send(&start).unwrap();
        // Whoever has been refused need not take the rest.
        let _ = (0..100).try_for_each(|_| send(&[7; 10_000]));
        let expected = if path == "/graphql" { "413" } else { "400" };
        assert_eq!(status(&mut connection), expected, "{path}");
        until("nothing is left", || place.files().is_empty());
    }
}

#[test]
fn who_finds_no_place_is_told_to_come_again() {
    let settings = "[limits]\nconcurrent_uploads = 1\ndeadline_seconds = 4";
    let place = Place::with(&[], settings);
    let form = Form::rest(&[("fileName", "a.png")], &picture(1, 8, ImageFormat::Png));
    let mut first = begin(&place.gateway, "/api/v1/files/upload", "Content-Length: 100000");
    first.write_all(&form.clone().open()[..150]).unwrap();
    until("it is being read", || {
        let taken = "imagraph_permits_taken{pool=\"uploads\"} 1";
        place.gateway.get("/metrics").text().unwrap().contains(taken)
    });
    let full = rest(&place.gateway, form.clone());
    assert_eq!((full.status().as_u16(), full.headers()["retry-after"].to_str().unwrap()), (503, "1"));
    drop(first);
    until("there is a place again", || rest(&place.gateway, form.clone()).status() == 200);
}

#[test]
fn a_library_that_cannot_be_written_to() {
    let place = Place::new();
    fs::remove_dir(place.root()).unwrap();
    let answer = upload(&place.gateway, "", "a.png", &picture(1, 8, ImageFormat::Png));
    assert_eq!(code(&answer), "UPSTREAM_UNAVAILABLE", "{answer}");
}
