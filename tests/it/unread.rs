//! Answers that their clients do not read: all together they take no more memory than there is room for.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use imagraph::config::{Config, Given};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::gateway::Gateway;
use crate::graphql::with_description;
use crate::redis_server::until;
use crate::subscriptions::socket::Socket;

/// Bytes of a picture's description.
const DESCRIPTION: usize = 40_000;
/// How often a long answer repeats it: more than the system takes of a connection that nobody reads.
const LONG: usize = 190;
/// What there is room for beside a long answer, but not within it.
const SHORT: usize = 40;

fn gateway() -> (Gateway, TempDir) {
    let library = tempfile::tempdir().expect("a folder");
    fs::write(library.path().join("a.jpg"), with_description(DESCRIPTION as u32)).expect("written");
    let given = Given { library: Some(library.path().to_owned()), ..Given::default() };
    let mut config = Config::load(given).expect("settings");
    config.limits.max_unread_bytes = 8 << 20;
    (Gateway::with(config), library)
}

fn query(repeats: usize) -> String {
    let repeats: String = (0..repeats).map(|n| format!("e{n}: exif {{ raw }} ")).collect();
    format!("{{ file(id: \"YS5qcGc\") {{ {repeats} }} }}")
}

/// Asks for a long answer and reads as far as its first fact.
fn ask(gateway: &Gateway, accept: &str) -> TcpStream {
    let body = json!({"query": query(LONG)}).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
        Accept: {accept}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(gateway.address).expect("a connection");
    stream.write_all(head.as_bytes()).expect("sent");
    let mut begun = Vec::new();
    while !begun.ends_with(b"\"ImageDescription\"") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        begun.extend(byte);
    }
    stream
}

/// Whether there is room for a short answer.
fn has_room(gateway: &Gateway) -> bool {
    let answer = gateway.answer(&query(SHORT), json!({}));
    if answer["errors"].is_null() {
        return true;
    }
    assert_eq!(answer["errors"][0]["extensions"]["code"], "OVERLOADED");
    assert_eq!(answer["errors"][0]["extensions"]["retryAfterMs"], 1_000);
    false
}

#[test]
fn one_that_is_not_read_keeps_its_room_until_it_is() {
    let (gateway, _library) = gateway();
    assert!(has_room(&gateway));
    for accept in ["application/json", "text/event-stream"] {
        let mut stream = ask(&gateway, accept);
        assert!(!has_room(&gateway), "{accept}");
        let facts = gateway.data("{ file(id: \"YS5qcGc\") { width } }");
        assert_eq!(facts["file"]["width"], 320, "what is short is always told");
        let mut read = Vec::new();
        stream.read_to_end(&mut read).expect("the answer");
        assert!(read.len() > LONG * DESCRIPTION, "{}", read.len());
        until("it has been read", || has_room(&gateway));
    }
}

#[test]
fn one_whose_client_has_gone_keeps_nothing() {
    let (gateway, _library) = gateway();
    for accept in ["application/json", "text/event-stream"] {
        drop(ask(&gateway, accept));
        until("it is let go", || has_room(&gateway));
    }
}

#[test]
fn a_message_that_is_not_read_keeps_its_room_until_it_is() {
    let (gateway, _library) = gateway();
    let mut socket = Socket::ready(&gateway);
    socket.subscribe("a", &query(LONG), Value::Null);
    socket.0.get_mut().peek(&mut [0]).expect("its beginning");
    assert!(!has_room(&gateway));
    let mut other = Socket::ready(&gateway);
    other.subscribe("b", &query(SHORT), Value::Null);
    let refused = other.hear();
    assert_eq!(refused["payload"]["errors"][0]["extensions"]["code"], "OVERLOADED", "{refused}");
    assert!(socket.hear().to_string().len() > LONG * DESCRIPTION);
    until("it has been read", || has_room(&gateway));
}
