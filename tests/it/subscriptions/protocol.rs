use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use imagraph::config::{Config, Given};
use serde_json::{Value, json};
use tungstenite::Message;
use tungstenite::protocol::frame::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;

use super::socket::{PROTOCOL, Socket, handshake};
use super::{IMAGES, account, files, order};
use crate::accounts::{gateway as of_two_accounts, imagekit};
use crate::callers::of_three_callers;
use crate::gateway::{Gateway, pictures as picture_folder};
use crate::persisted::{by_hash, hash, trusting};
use crate::upstream::{config, gateway};

const QUERY: &str = "{ __typename }";

fn pictures() -> Gateway {
    Gateway::over_pictures(&[])
}

#[test]
fn only_the_sub_protocol_is_spoken() {
    let gateway = pictures();
    for protocols in [&[][..], &[("sec-websocket-protocol", "graphql-ws")]] {
        let refused = handshake(&gateway, protocols);
        assert_eq!(refused.status(), 400);
        assert_eq!(refused.json::<Value>().unwrap()["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    }
    let both = [("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")];
    assert_eq!(handshake(&gateway, &both).status(), 101);
}

#[test]
fn a_handshake_has_no_body() {
    let gateway = pictures();
    for (body, status) in
        [("Content-Length: 5", "400"), ("Transfer-Encoding: chunked", "400"), ("Content-Length: 0", "101")]
    {
        let head = format!(
            "GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
            Sec-WebSocket-Protocol: graphql-transport-ws\r\n{body}\r\n\r\n"
        );
        let mut stream = TcpStream::connect(gateway.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer, format!("HTTP/1.1 {status}").as_bytes(), "{body}");
    }
}

#[test]
fn pages_of_other_origins_are_refused() {
    let gateway = pictures();
    let with = |origin: &str| handshake(&gateway, &[PROTOCOL, ("origin", origin)]).status().as_u16();
    assert_eq!(with("https://evil.example"), 403);
    assert_eq!(with("null"), 403);
    assert_eq!(with(&gateway.url("")), 101);
    let mut config = Config::load(Given { library: Some(picture_folder()), ..Given::default() }).unwrap();
    config.http.cors_origins = vec!["https://shop.example".to_owned()];
    let named = Gateway::with(config);
    let with = |origin: &str| handshake(&named, &[PROTOCOL, ("origin", origin)]).status().as_u16();
    assert_eq!((with("https://shop.example"), with("https://evil.example")), (101, 403));
}

#[test]
fn who_does_not_say_who_it_is_in_time_is_closed() {
    let gateway = pictures();
    let socket = Socket::open(&gateway);
    let start = Instant::now();
    assert_eq!(socket.closed(), (4408, "Connection initialisation timeout".to_owned()));
    assert!(start.elapsed() > Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn each_fault_has_its_code() {
    let account = account();
    let gateway = gateway(&account);
    let mut early = Socket::open(&gateway);
    early.subscribe("a", QUERY, json!({}));
    assert_eq!(early.closed(), (4401, "Unauthorized".to_owned()));

    let mut twice = Socket::ready(&gateway);
    twice.say(json!({"type": "connection_init"}));
    assert_eq!(twice.closed(), (4429, "Too many initialisation requests".to_owned()));

    let mut taken = Socket::ready(&gateway);
    taken.subscribe("a", IMAGES, files(&["slow"]));
    taken.subscribe("a", QUERY, json!({}));
    assert_eq!(taken.closed(), (4409, "Subscriber for a already exists".to_owned()));

    for wrong in [Message::text("canary"), Message::text("{\"type\":\"canary\"}"), Message::binary("{}")] {
        let mut socket = Socket::ready(&gateway);
        socket.send(wrong);
        let (code, reason) = socket.closed();
        assert_eq!(code, 4400);
        assert!(!reason.is_empty() && !reason.contains("canary"), "{reason}");
    }
}

#[test]
fn a_client_that_closes_is_answered_with_its_code_alone() {
    let gateway = pictures();
    let mut socket = Socket::ready(&gateway);
    let close = CloseFrame { code: CloseCode::Normal, reason: "canary".into() };
    socket.send(Message::Close(Some(close)));
    assert_eq!(socket.closed(), (1000, String::new()));
}

#[test]
fn operations_beyond_the_bound_are_refused_and_the_others_go_on() {
    let account = account();
    let mut config = config(&account);
    config.subscriptions.max_operations = 2;
    let gateway = Gateway::with(config);
    let mut socket = Socket::ready(&gateway);
    for id in ["a", "b", "c"] {
        socket.subscribe(id, IMAGES, files(&["slow"]));
    }
    let refused = socket.hear();
    assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("c")));
    assert_eq!(refused["payload"][0]["extensions"]["code"], "QUERY_TOO_COSTLY");
    account.release();
    let mut ends: Vec<_> = (0..4).map(|_| socket.hear()).collect();
    ends.retain(|message| message["type"] == "complete");
    assert_eq!(ends.len(), 2, "{ends:?}");
    socket.subscribe("c", QUERY, json!({}));
    assert_eq!(socket.hear_all("c").len(), 1);
}

#[test]
fn a_browser_sends_the_key_in_the_first_message() {
    let imagekit = imagekit();
    let gateway = of_two_accounts(&imagekit, None);
    let width = |headers: &[(&str, &str)], payload: Value| {
        let mut socket = Socket::with(&gateway, headers);
        socket.say(json!({"type": "connection_init", "payload": payload}));
        assert_eq!(socket.hear(), json!({"type": "connection_ack"}));
        socket.subscribe("a", "{ file(id: \"a\") { width } }", json!({}));
        socket.hear_all("a")[0]["data"]["file"]["width"].take()
    };
    assert_eq!(width(&[], json!({"authorization": "Bearer shop_web"})), 1);
    assert_eq!(width(&[], json!({"apiKey": "press_web"})), 2);
    assert_eq!(width(&[("authorization", "Bearer shop_jobs")], Value::Null), 1);
    assert_eq!(
        width(&[("authorization", "Bearer shop_web")], json!({"Authorization": "Bearer press_web"})),
        2
    );
}

#[test]
fn strangers_are_closed_before_anything_is_asked() {
    let imagekit = imagekit();
    let gateway = of_two_accounts(&imagekit, None);
    for payload in
        [Value::Null, json!({}), json!({"apiKey": "wrong"}), json!({"authorization": "Bearer wrong"})]
    {
        let mut socket = Socket::open(&gateway);
        socket.say(json!({"type": "connection_init", "payload": payload}));
        socket.subscribe("a", "{ file(id: \"a\") { width } }", json!({}));
        assert_eq!(socket.closed(), (4403, "Forbidden".to_owned()), "{payload}");
    }
    assert_eq!(imagekit.calls().len(), 0);
}

#[test]
fn who_may_not_read_is_closed() {
    let gateway = of_three_callers();
    let mut probe = Socket::open(&gateway);
    probe.say(json!({"type": "connection_init", "payload": {"apiKey": "probe_key"}}));
    assert_eq!(probe.closed(), (4403, "Forbidden".to_owned()));
}

#[test]
fn documents_are_named_as_in_bodies() {
    let gateway = pictures();
    let mut socket = Socket::ready(&gateway);
    let mut ask = |payload: Value| {
        socket.say(json!({"type": "subscribe", "id": "a", "payload": payload}));
        let mut answer = socket.hear();
        if answer["type"] == "next" {
            assert_eq!(socket.hear()["type"], "complete");
        }
        answer["payload"].take()
    };
    let extensions = by_hash(&hash(QUERY));
    let unknown = ask(json!({"extensions": extensions}));
    assert_eq!(unknown[0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND");
    for payload in [json!({"query": QUERY, "extensions": extensions}), json!({"extensions": extensions})] {
        assert_eq!(ask(payload)["data"]["__typename"], "Query");
    }
}

#[test]
fn where_only_trusted_documents_are_run_no_other_is() {
    let manifest = json!({"kinds": QUERY});
    let gateway = trusting(&manifest, "only_trusted = true").unwrap();
    let mut socket = Socket::ready(&gateway);
    socket.subscribe("a", "{ a: __typename }", json!({}));
    assert_eq!(socket.hear()["payload"][0]["extensions"]["code"], "DOCUMENT_NOT_TRUSTED");
    socket.say(json!({"type": "subscribe", "id": "a", "payload": {"documentId": "kinds"}}));
    assert_eq!(socket.hear_all("a")[0]["data"]["__typename"], "Query");
}

#[test]
fn what_runs_is_finished_after_the_order_to_stop_and_what_is_idle_is_closed() {
    let account = account();
    let gateway = gateway(&account);
    let idle = Socket::ready(&gateway);
    let mut busy = Socket::ready(&gateway);
    busy.subscribe("a", IMAGES, files(&["slow", "b"]));
    assert_eq!(busy.hear()["type"], "next");
    thread::scope(|scope| {
        let stopped = scope.spawn(|| drop(gateway));
        assert_eq!(idle.closed(), (1001, "Going away".to_owned()));
        // What comes now is not begun.
        busy.subscribe("b", QUERY, json!({}));
        account.release();
        assert_eq!(order(&busy.hear_all("a")), ["slow"]);
        assert_eq!(busy.closed(), (1001, "Going away".to_owned()));
        stopped.join().unwrap();
    });
}
