//! Under which names a gateway is asked that asks nobody for a key. A page whose name was made to lead to this machine is of
//! the gateway's own origin for the browser.

use std::io::{Read, Write};
use std::net::TcpStream;

use imagraph::config::Given;

use crate::callers::of_three_callers;
use crate::gateway::{Gateway, pictures};

const UPGRADE: &str = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
    Sec-WebSocket-Protocol: graphql-transport-ws\r\n";

/// The answer to a head that ends the connection.
fn answer(gateway: &Gateway, head: &str) -> String {
    let mut stream = TcpStream::connect(gateway.address).expect("a connection");
    stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the connection is closed");
    answer
}

fn status(gateway: &Gateway, head: &str) -> u16 {
    let answer = answer(gateway, head);
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("{answer:?}"))
}

fn asked_as(gateway: &Gateway, host: &str) -> u16 {
    status(gateway, &format!("GET /v1/files HTTP/1.1\r\nHost: {host}\r\n"))
}

#[test]
fn it_answers_to_localhost_and_addresses_and_to_no_other_name() {
    let gateway = Gateway::over_pictures(&[]);
    for own in
        ["localhost", "LocalHost:8080", "a.localhost:1", "127.0.0.1:8080", "192.0.2.1", "[::1]", "[::1]:8080"]
    {
        assert_eq!(asked_as(&gateway, own), 200, "{own}");
    }
    for other in [
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evillocalhost",
        "localhost@evil.example",
        "evil.example, localhost",
        "127.1",
        "",
        "\u{131}ocalhost",
    ] {
        assert_eq!(asked_as(&gateway, other), 421, "{other}");
    }
}

#[test]
fn under_another_name_nothing_is_told_but_the_health() {
    let gateway = Gateway::over_pictures(&[]);
    let page = gateway.get("/").text().unwrap();
    let asset = page.split('"').find(|value| value.contains("assets/")).unwrap().trim_start_matches('.');
    let query = "/graphql?query=%7B__typename%7D";
    for path in ["/", asset, query, "/schema.graphql", "/metrics", "/v1/metadata", "/v1/none", "/none"] {
        let head = format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\n");
        assert_eq!(status(&gateway, &head), 421, "{path}");
    }
    for path in ["/health/live", "/health/ready"] {
        let head = format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\n");
        assert_eq!(status(&gateway, &head), 200, "{path}");
    }
    let upgrade =
        format!("GET /graphql HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n{UPGRADE}");
    assert_eq!(status(&gateway, &upgrade), 421);
    // What a page of that name can add.
    let disguised = "X-Forwarded-Host: localhost\r\nForwarded: host=localhost\r\n";
    let head = format!("GET /v1/files HTTP/1.1\r\nHost: evil.example\r\n{disguised}");
    assert_eq!(status(&gateway, &head), 421);
}

#[test]
fn the_refusal_says_what_to_do_in_the_words_of_whom_it_was_sent_to() {
    let gateway = Gateway::over_pictures(&[]);
    for (path, own) in
        [("/graphql", "\"code\":\"BAD_REQUEST\""), ("/v1/files", "Your request is for another host.")]
    {
        let answer = answer(&gateway, &format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\n"));
        assert!(answer.starts_with("HTTP/1.1 421 Misdirected Request\r\n"), "{answer}");
        assert!(answer.contains(own) && answer.contains("--public"), "{answer}");
        assert!(answer.contains("x-request-id: ") && !answer.contains("content-encoding"), "{answer}");
    }
}

/// RFC 9112, 3.2: one host in HTTP/1.1; that of the target wins.
#[test]
fn a_request_is_for_one_host() {
    let gateway = Gateway::over_pictures(&[]);
    let own = "Host: localhost\r\n";
    for (head, expected) in [
        ("GET /v1/files HTTP/1.1\r\n".to_owned(), 400),
        (format!("GET /v1/files HTTP/1.1\r\n{own}Host: evil.example\r\n"), 400),
        (format!("GET http://evil.example/v1/files HTTP/1.1\r\n{own}"), 421),
        ("GET http://localhost/v1/files HTTP/1.1\r\nHost: evil.example\r\n".to_owned(), 200),
        ("GET /v1/files HTTP/1.0\r\n".to_owned(), 200),
        ("GET /v1/files HTTP/1.0\r\nHost: evil.example\r\n".to_owned(), 421),
    ] {
        assert_eq!(status(&gateway, &head), expected, "{head}");
    }
}

#[test]
fn who_has_thought_of_others_may_be_asked_under_any_name() {
    let with = |cors_origins: &[&str], public: bool| {
        let cors_origins = cors_origins.iter().map(ToString::to_string).collect();
        let public = public.then(|| "true".to_owned());
        Gateway::start(Given { library: Some(pictures()), cors_origins, public, ..Given::default() })
    };
    assert_eq!(asked_as(&with(&[], true), "gateway.example"), 200);
    assert_eq!(asked_as(&with(&["*"], false), "gateway.example"), 200);
    assert_eq!(asked_as(&of_three_callers(), "gateway.example"), 401, "a key is what it asks for");
    let named = with(&["https://gateway.example"], false);
    assert_eq!(asked_as(&named, "Gateway.example"), 200);
    for other in ["gateway.example:8080", "more.gateway.example", "evil.example"] {
        assert_eq!(asked_as(&named, other), 421, "{other}");
    }
}
