//! A bucket as the library, of a real S3 server.

mod broken;
mod paging;
mod providers;
pub mod s3;

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use image::{ImageFormat, RgbImage};
use serde_json::{Value, json};

use crate::gateway::{pictures, take_cost};
use crate::process::Process;
use crate::redis_server::RedisServer;
use s3::{S3, gateway};

/// Every fact that an image has.
const FACTS: &str = "id url name path source width height size format mimeType hasColorProfile quality density
    hasTransparency pHash isOpaque exif { raw } aspectRatio display { width height orientation } frames dominantColor
    palette { color share } blurHash thumbHash lqip checksum raw";

/// Answers are looked at anew each time.
const ALWAYS_ANEW: &str = "[cache]\nttl_seconds = 0";

fn id_of(path: &str) -> String {
    URL_SAFE_NO_PAD.encode(path)
}

/// The answer and what it cost.
fn ask(gateway: &Process, query: &str) -> (Value, Value) {
    let mut answer = gateway.answer(query);
    let cost = take_cost(&mut answer);
    if let Some(errors) = answer.get_mut("errors").and_then(Value::as_array_mut) {
        errors.sort_by_key(|error| error["path"].to_string());
    }
    (answer, cost)
}

fn file(gateway: &Process, path: &str, facts: &str) -> (Value, Value) {
    let (mut answer, cost) = ask(gateway, &format!("{{ file(id: \"{}\") {{ {facts} }} }}", id_of(path)));
    match answer.pointer("/errors/0/extensions/code").cloned() {
        Some(code) => (code, cost),
        None => (answer["data"]["file"].take(), cost),
    }
}

/// Noise, which no compression makes small.
fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut noise = fastrand::Rng::with_seed(7);
    let picture =
        RgbImage::from_fn(width, height, |_, _| image::Rgb([noise.u8(..), noise.u8(..), noise.u8(..)]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("written");
    bytes.into_inner()
}

fn all_pages(gateway: &Process, fields: &str) -> Vec<Value> {
    let (mut pages, mut after) = (Vec::new(), "null".to_owned());
    loop {
        let query = format!(
            "{{ files(first: 50, after: {after}) {{ edges {{ cursor node {{ {fields} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let (page, _) = ask(gateway, &query);
        let info = page["data"]["files"]["pageInfo"].clone();
        pages.push(page);
        if info["hasNextPage"] != true {
            return pages;
        }
        after = info["endCursor"].to_string();
    }
}

#[test]
fn a_folder_and_a_bucket_with_the_same_pictures_answer_alike() {
    let server = S3::with("photos");
    server.put_folder("photos", "of 2026/+", &pictures());
    // All facts of fifty images at a time, from a server in Python.
    let patient = "[limits]\ndeadline_seconds = 100";
    let bucket = gateway(server.port(), "s3://photos/of 2026/+/", &[], patient);
    let folder = Process::serve(&["--library", pictures().to_str().expect("a path")], &[], patient);
    let (ours, theirs) = (all_pages(&bucket, FACTS), all_pages(&folder, FACTS));
    let images: usize =
        theirs.iter().map(|page| page["data"]["files"]["edges"].as_array().expect("edges").len()).sum();
    assert!(images > 200 && ours.len() == theirs.len(), "{images}");
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
    for query in [
        "",
        "sort=DESC_SIZE&limit=20&skip=3",
        "path=%2Fpng%2F&fileType=image",
        "fileType=non-image",
        "path=%2Fnone",
    ] {
        let list = |gateway: &Process| -> Value {
            let mut list: Value = gateway.get(&format!("/v1/files?{query}")).json().expect("JSON");
            for file in list.as_array_mut().expect("a list") {
                (file["createdAt"], file["updatedAt"]) = (Value::Null, Value::Null);
            }
            list
        };
        assert_eq!(list(&bucket), list(&folder), "{query}");
    }
    let named = format!("searchQuery=id%20IN%20%5B%22{}%22%2C%22bm9uZQ%22%5D", id_of("png/rgb.png"));
    let listed: Value = bucket.get(&format!("/v1/files?{named}")).json().expect("JSON");
    assert_eq!((&listed[0]["filePath"], &listed[1]), (&json!("/png/rgb.png"), &Value::Null));
}

#[test]
fn of_a_large_file_no_more_is_fetched_than_the_question_needs() {
    let server = S3::with("photos");
    let (jpeg, tiff) = (picture(1_500, 1_500, ImageFormat::Jpeg), picture(900, 900, ImageFormat::Tiff));
    assert!(jpeg.len() > 1_500_000 && tiff.len() > 2_000_000, "{} {}", jpeg.len(), tiff.len());
    server.put("photos", "a.jpg", &jpeg);
    server.put("photos", "b.tif", &tiff);
    server.put("photos", "empty.jpg", b"");
    server.put("photos", "small.jpg", b"none");
    let gateway = gateway(server.port(), "s3://photos", &[], "[limits]\nmax_bytes = 10000000");
    let cost = |(_, cost): (Value, Value)| {
        let count = |name: &str| cost[name].as_u64().expect("a number");
        (count("upstreamCalls"), count("bytesFetched"))
    };
    let width = file(&gateway, "a.jpg", "width size");
    assert_eq!(width.0, json!({"width": 1_500, "size": jpeg.len()}));
    assert_eq!(cost(width), (1, 65_536));
    assert_eq!(cost(file(&gateway, "a.jpg", "width size")), (0, 0), "it is known");
    // The directory of a TIFF may stand at its end.
    let (calls, bytes) = cost(file(&gateway, "b.tif", "width"));
    assert!(calls <= 3 && bytes <= 200_000, "{calls} {bytes}");
    assert_eq!(cost(file(&gateway, "a.jpg", "checksum")), (2, jpeg.len() as u64));
    assert_eq!(cost(file(&gateway, "a.jpg", "pHash")), (2, jpeg.len() as u64));
    for path in ["empty.jpg", "small.jpg"] {
        assert_eq!(file(&gateway, path, "width").0, "NOT_AN_IMAGE", "{path}");
    }
    let metrics = gateway.get("/metrics").text().expect("metrics");
    let calls = "imagraph_upstream_calls_total{endpoint=\"bucket\",outcome=\"2xx\"}";
    assert!(metrics.contains(calls), "{metrics}");
}

#[test]
fn a_file_above_the_limit_has_a_header_and_no_pixels() {
    let server = S3::with("photos");
    server.put("photos", "a.jpg", &picture(600, 600, ImageFormat::Jpeg));
    let gateway = gateway(server.port(), "s3://photos", &[], "[limits]\nmax_bytes = 100000");
    assert_eq!(file(&gateway, "a.jpg", "width").0["width"], 600);
    assert_eq!(file(&gateway, "a.jpg", "pHash").0, "TOO_LARGE");
    assert_eq!(file(&gateway, "a.jpg", "checksum").0, "TOO_LARGE");
}

#[test]
fn a_file_that_has_changed_is_seen_and_one_that_has_not_is_not_fetched() {
    let server = S3::with("photos");
    let put = |width| server.put("photos", "a.png", &picture(width, 10, ImageFormat::Png));
    let gateway = gateway(server.port(), "s3://photos", &[], ALWAYS_ANEW);
    assert_eq!(file(&gateway, "a.png", "width").0, "NOT_FOUND");
    for width in [10, 20] {
        put(width);
        assert_eq!(file(&gateway, "a.png", "width").0["width"], width);
        let (known, cost) = file(&gateway, "a.png", "width");
        assert_eq!((&known["width"], &cost["upstreamCalls"]), (&json!(width), &json!(1)));
        assert_eq!(cost["bytesFetched"], 0, "not modified");
    }
    server.delete("photos", "a.png");
    assert_eq!(file(&gateway, "a.png", "width").0, "NOT_FOUND");
}

#[test]
fn replicas_share_what_they_know_of_the_same_bucket_and_of_no_other() {
    let (server, redis) = (S3::with("photos"), RedisServer::start());
    server.put("photos", "a/a.png", &picture(10, 10, ImageFormat::Png));
    server.put("photos", "b/a.png", &picture(20, 10, ImageFormat::Png));
    let redis = redis.url();
    let gateway = |library| gateway(server.port(), library, &["--redis", &redis], "");
    let [first, second, other] = ["s3://photos/a", "s3://photos/a", "s3://photos/b"].map(gateway);
    let calls = |gateway: &Process, width: u32| {
        let (image, cost) = file(gateway, "a.png", "width");
        assert_eq!(image["width"], width);
        cost["upstreamCalls"].clone()
    };
    assert_eq!(calls(&first, 10), 1);
    crate::redis_server::until("the others are told", || calls(&second, 10) == 0);
    assert_eq!(calls(&other, 20), 1);
}
