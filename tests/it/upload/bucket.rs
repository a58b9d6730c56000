//! Files that are put into a bucket, of a real S3 server.

use image::ImageFormat;
use serde_json::{Value, json};

use super::bad::{LIMITS, refuses_names_that_lead_elsewhere, refuses_what_is_no_image};
use super::{Form, code, picture, rest, upload};
use crate::bucket::s3::{S3, gateway};
use crate::process::Process;

fn served(server: &S3, settings: &str) -> (Process, tempfile::TempDir) {
    let beside = tempfile::tempdir().expect("a folder");
    let index = format!("sqlite://{}", beside.path().join("index.sqlite").display());
    (gateway(server.port(), "s3://photos/of us", &["--index", &index], settings), beside)
}

#[test]
fn a_file_is_put_there_once_and_known_at_once() {
    let server = S3::with("photos");
    let (gateway, _beside) = served(&server, "");
    let bytes = picture(1, 40, ImageFormat::Png);
    let missing = gateway.answer("{ file(id: \"YS9iLnBuZw\") { width } }");
    assert_eq!(code(&missing), "NOT_FOUND");
    let answer = upload(&gateway, "a", "b.png", &bytes);
    assert_eq!(answer["data"]["upload"]["id"], "YS9iLnBuZw", "{answer}");
    assert_eq!(server.keys("photos"), ["of us/a/b.png"]);
    let file =
        gateway.answer("{ file(id: \"YS9iLnBuZw\") { width size } files { edges { node { path } } } }");
    assert_eq!(file["data"]["file"], json!({"width": 40, "size": bytes.len()}), "{file}");
    assert_eq!(file["data"]["files"]["edges"][0]["node"]["path"], "a/b.png");
    assert_eq!(code(&upload(&gateway, "a", "b.png", &picture(2, 40, ImageFormat::Png))), "ALREADY_EXISTS");
    assert!(server.get("photos", "of us/a/b.png").ends_with(&bytes));

    let fields = [("fileName", "c.png"), ("useUniqueFileName", "false"), ("tags", "x")];
    let sent: Value = rest(&gateway, Form::rest(&fields, &bytes)).json().unwrap();
    assert_eq!((&sent["filePath"], &sent["tags"]), (&json!("/c.png"), &json!(["x"])));
    let similar = gateway.answer("{ similar(to: {file: \"YS9iLnBuZw\"}) { edges { node { path } } } }");
    assert_eq!(similar["data"]["similar"]["edges"], json!([{"node": {"path": "c.png"}}]), "{similar}");
    let overwriting = [&fields[..2], &[("overwriteFile", "true")]].concat();
    let other = picture(3, 30, ImageFormat::Png);
    let sent: Value = rest(&gateway, Form::rest(&overwriting, &other)).json().unwrap();
    assert_eq!((&sent["width"], &sent["tags"]), (&json!(30), &json!(null)));
    let details: Value = gateway.get("/v1/files/Yy5wbmc/details").json().unwrap();
    assert_eq!((&details["width"], &details["size"]), (&json!(30), &json!(other.len())));
}

#[test]
fn of_two_at_the_same_time_exactly_one_wins() {
    let server = S3::with("photos");
    let (gateway, _beside) = served(&server, "");
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let gateway = &gateway;
        let send =
            |seed| scope.spawn(move || upload(gateway, "", "a.png", &picture(seed, 30, ImageFormat::Png)));
        let sends: Vec<_> = (1..=4).map(send).collect();
        sends.into_iter().map(|send| send.join().unwrap()).collect()
    });
    let won = answers.iter().filter(|answer| answer.get("errors").is_none()).count();
    assert_eq!(won, 1, "{answers:?}");
    assert_eq!(server.keys("photos"), ["of us/a.png"]);
}

#[test]
fn what_is_refused_leaves_nothing_in_the_bucket() {
    let server = S3::with("photos");
    server.put("photos", "of us/old.png", &picture(3, 8, ImageFormat::Png));
    let (gateway, _beside) = served(&server, LIMITS);
    refuses_what_is_no_image(&gateway, || server.keys("photos"));
    refuses_names_that_lead_elsewhere(&gateway, || server.keys("photos"));
    assert_eq!(server.keys("photos"), ["of us/old.png"]);
}
