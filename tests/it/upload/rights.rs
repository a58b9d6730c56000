//! Who may write.

use std::io::{Read, Write};
use std::net::TcpStream;

use image::ImageFormat;
use serde_json::{Value, json};

use super::{BOUNDARY, Form, Place, code, graphql, picture, post, rest};
use crate::account::Account;
use crate::process::Process;

const CALLERS: &str = "[[callers]]\nname = \"writer\"\nkey = \"writer_key\"\nrights = [\"read\", \"write\"]\n\
                       [[callers]]\nname = \"reader\"\nkey = \"reader_key\"\n";

fn body() -> Form {
    Form::graphql(&json!({}), "a.png", &picture(1, 8, ImageFormat::Png))
}

#[test]
fn a_key_with_the_right_to_write_and_no_other() {
    let place = Place::with(&[], CALLERS);
    for (key, status) in
        [(Some("writer_key"), 200), (Some("reader_key"), 403), (Some("other"), 401), (None, 401)]
    {
        let key = key.map(|key| format!("Bearer {key}"));
        let with = |request: reqwest::blocking::RequestBuilder| match &key {
            Some(key) => request.header("authorization", key),
            None => request,
        };
        let request = post(&place.gateway, "/graphql").header("x-requested-with", "x").body(body().body());
        assert_eq!(with(request).send().unwrap().status(), status, "{key:?}");
        let form = Form::rest(&[("fileName", "b.png")], &picture(1, 8, ImageFormat::Png));
        let request = post(&place.gateway, "/api/v1/files/upload").body(form.body());
        let status = if key.as_deref() == Some("Bearer other") { 403 } else { status };
        assert_eq!(with(request).send().unwrap().status(), status, "{key:?}");
    }
    let form = Form::rest(&[("fileName", "b.png")], &picture(1, 8, ImageFormat::Png));
    let basic =
        post(&place.gateway, "/api/v1/files/upload").basic_auth("writer_key", Some("")).body(form.body());
    assert_eq!(basic.send().unwrap().status(), 200);
    assert_eq!(place.files().len(), 3);
}

#[test]
fn the_body_of_a_stranger_is_not_read() {
    let place = Place::with(&[], CALLERS);
    let address = place.gateway.url.strip_prefix("http://").unwrap().to_owned();
    for (path, key, status) in [
        ("/graphql", "reader_key", "403"),
        ("/graphql", "none", "401"),
        ("/api/v1/files/upload", "reader_key", "403"),
    ] {
        let mut connection = TcpStream::connect(&address).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 1000\r\nAuthorization: Bearer {key}\r\n\
             X-Requested-With: x\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).unwrap();
        let mut start = [0; 12];
        connection.read_exact(&mut start).unwrap();
        assert_eq!(&start[9..], status.as_bytes(), "{path} {key}");
    }
}

#[test]
fn nobody_writes_where_others_may_ask_unless_the_settings_say_so() {
    for (settings, expected) in [
        ("public = true\n", 403),
        ("public = true\n[anonymous]\nrights = [\"read\", \"write\"]\n", 200),
        ("[anonymous]\nrights = [\"read\"]\n", 403),
        ("[http]\ncors_origins = [\"*\"]\n", 403),
    ] {
        let place = Place::with(&[], settings);
        let answer = graphql(&place.gateway, body());
        assert_eq!(answer.status(), expected, "{settings}");
        let form = Form::rest(&[("fileName", "b.png")], &picture(1, 8, ImageFormat::Png));
        assert_eq!(rest(&place.gateway, form).status(), expected, "{settings}");
        assert_eq!(place.files().len(), if expected == 200 { 2 } else { 0 });
    }
}

#[test]
fn a_page_of_another_site_cannot_send_a_file() {
    let place = Place::new();
    for path in ["/graphql", "/api/v1/files/upload"] {
        let request = post(&place.gateway, path).header("origin", "https://evil.example");
        let request = request.header("x-requested-with", "x").header("sec-fetch-site", "cross-site");
        assert_eq!(request.body(body().body()).send().unwrap().status(), 403, "{path}");
    }
    assert!(place.files().is_empty());
}

#[test]
fn without_a_library_of_its_own_the_gateway_says_where_files_are_sent() {
    let account = Account::start(|_, _| panic!("nobody asks it"));
    let settings = format!(
        "upstream = \"imagekit\"\n[imagekit]\nurl = \"{}\"\nprivate_key = \"key\"\n",
        account.url("")
    );
    for (settings, said) in [(settings.as_str(), "upload.imagekit.io"), ("", "no library")] {
        let gateway = Process::serve(&[], &[], settings);
        let answer: Value = graphql(&gateway, body()).json().unwrap();
        assert_eq!(code(&answer), "BAD_REQUEST");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains(said), "{answer}");
        let form = Form::rest(&[("fileName", "b.png")], b"x");
        assert_eq!(rest(&gateway, form).status(), 400);
    }
}
