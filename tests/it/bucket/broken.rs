//! Buckets that are not there, that refuse, hang or lie, and keys that are none of a file.

use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use image::ImageFormat;
use serde_json::Value;

use super::s3::{KEY_ID, S3, SECRET, gateway};
use super::{all_pages, ask, file, picture};
use crate::process::Process;
use crate::stub::{Answer, Stub, broken};

const DEADLINE: Duration = Duration::from_secs(3);

fn impatient(port: u16) -> Process {
    gateway(port, "s3://photos/p", &[], &format!("[limits]\ndeadline_seconds = {}", DEADLINE.as_secs()))
}

/// The codes of a file, of a page and the status of a list, all within the deadline; what it logs has no secrets.
fn codes(gateway: Process) -> (Value, Value, u16) {
    let start = Instant::now();
    let (of_file, _) = file(&gateway, "a.jpg", "width");
    let (page, _) = ask(&gateway, "{ files { edges { cursor } } }");
    let list = gateway.get("/v1/files");
    let (status, text) = (list.status().as_u16(), list.text().expect("text"));
    assert!(start.elapsed() < 3 * DEADLINE + Duration::from_secs(1), "{:?}", start.elapsed());
    let of_page = page["errors"][0]["extensions"]["code"].clone();
    let all = format!("{of_file} {page} {text} {}", gateway.stop());
    assert!(!["photos", KEY_ID, SECRET].iter().any(|secret| all.contains(secret)), "{all}");
    (of_file, of_page, status)
}

fn refusing(status: u16, code: &str) -> SocketAddr {
    let body =
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{KEY_ID}</Message></Error>");
    let stub = Stub::start();
    stub.put("/photos/p/a.jpg", Answer::status(status, body.clone()));
    for list in ["?list-type=2&prefix=p%2F&max-keys=21", "?list-type=2&prefix=p%2F&max-keys=1000"] {
        stub.put(&format!("/photos{list}"), Answer::status(status, body.clone()));
    }
    stub.address
}

#[test]
fn who_is_refused_is_told_so() {
    let refused = |status, code| codes(impatient(refusing(status, code).port()));
    let unauthorized = "UPSTREAM_UNAUTHORIZED";
    for code in ["InvalidAccessKeyId", "SignatureDoesNotMatch"] {
        assert_eq!(refused(403, code), (unauthorized.into(), unauthorized.into(), 403));
    }
    assert_eq!(refused(403, "AccessDenied"), ("NOT_FOUND".into(), unauthorized.into(), 403));
    let unavailable = "UPSTREAM_UNAVAILABLE";
    assert_eq!(refused(404, "NoSuchBucket"), (unavailable.into(), unavailable.into(), 502));
    assert_eq!(refused(500, "InternalError"), (unavailable.into(), unavailable.into(), 502));
    assert_eq!(refused(418, "Teapot"), (unavailable.into(), unavailable.into(), 502));
}

#[test]
fn a_bucket_that_is_not_there_or_hangs_is_given_up_by_the_deadline() {
    let unavailable = ("UPSTREAM_UNAVAILABLE".into(), "UPSTREAM_UNAVAILABLE".into(), 502);
    let server = S3::with("others");
    assert_eq!(codes(impatient(server.port())), unavailable);
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
    assert_eq!(codes(impatient(closed.port())), unavailable);
    let hanging = broken(Vec::new(), false);
    assert_eq!(codes(impatient(hanging.port())), ("TIMEOUT".into(), "TIMEOUT".into(), 504));
    let nonsense = broken(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n<<<<<".to_vec(), true);
    assert_eq!(codes(impatient(nonsense.port())), unavailable);
}

#[test]
fn keys_are_files_of_their_own_or_none() {
    let server = S3::with("photos");
    let good = [
        "a b.png",
        "a%20b.png",
        "a+b.png",
        "%2E%2E/a.png",
        "\u{e4}\u{1f41f}.png",
        "...png",
        "a/..b/c.png",
        "?q=1#f&.png",
        "a\\b.png",
        "'\"<&>.png",
    ];
    let bad = ["a//b.png", "/a.png", "c.png/", "a/../d.png", "./e.png", ".imagraph-uploads/f.png", "g\t.png"];
    for (width, key) in (10..).zip(good) {
        server.put("photos", key, &picture(width, 10, ImageFormat::Png));
    }
    for key in bad {
        server.put("photos", key, &picture(99, 10, ImageFormat::Png));
    }
    let gateway = gateway(server.port(), "s3://photos", &[], "");
    for (width, key) in (10..).zip(good) {
        assert_eq!(file(&gateway, key, "width").0["width"], width, "{key}");
    }
    for key in bad.into_iter().chain(["c.png", "a.png", "e.png", "d.png", "b.png"]) {
        let code = file(&gateway, key, "width").0;
        assert!(["BAD_ID", "NOT_FOUND"].contains(&code.as_str().expect("a code")), "{key}: {code}");
    }
    let pages = all_pages(&gateway, "path");
    let edges = pages[0]["data"]["files"]["edges"].as_array().expect("edges");
    let paths: Vec<_> = edges.iter().map(|edge| edge["node"]["path"].as_str().expect("a path")).collect();
    let mut sorted = good.to_vec();
    sorted.sort_unstable();
    assert_eq!((pages.len(), paths), (1, sorted));
    let list: Value = gateway.get("/v1/files?path=%2Fa").json().expect("JSON");
    assert_eq!(list.as_array().map(Vec::len), Some(0));
}
