//! A gateway that is killed in the middle of an upload.

use std::io::Write;
use std::net::TcpStream;

use image::ImageFormat;
use serde_json::json;

use super::{BOUNDARY, Form, Place, picture};
use crate::redis_server::until;

#[test]
fn what_is_half_there_is_never_seen_and_gone_after_the_next_start() {
    let place = Place::new();
    let body = Form::rest(&[("fileName", "a.png")], &picture(1, 800, ImageFormat::Png)).body();
    let address = place.gateway.url.strip_prefix("http://").unwrap().to_owned();
    let mut connection = TcpStream::connect(&address).unwrap();
    let head = format!(
        "POST /api/v1/files/upload HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n",
        body.len()
    );
    connection.write_all(&[head.as_bytes(), &body[..1_500_000]].concat()).unwrap();
    until("it is being written", || place.files().len() == 1);
    place.gateway.signal("-KILL");
    drop(connection);
    let left = place.files();
    assert!(left.len() == 1 && left[0].starts_with(".imagraph-"), "{left:?}");
    let place = place.again();
    assert_eq!(place.gateway.answer("{ files { edges { cursor } } }")["data"]["files"]["edges"], json!([]));
    until("it is swept away", || place.files().is_empty());
}
