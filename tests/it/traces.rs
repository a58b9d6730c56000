//! What a collector is sent, and that nobody waits for it.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::account::{Account, Play};
use crate::gateway::{client, pictures};
use crate::process::Process;
use crate::stub::Answer;
use crate::upstream::image;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// A span as it was sent.
#[derive(Debug, Clone, PartialEq)]
struct Span {
    trace: String,
    id: String,
    parent: String,
    name: String,
}

/// What a collector plays: it takes whatever comes.
fn collector() -> Account {
    Account::start(|_, _| Play::Now(Answer::ok("")))
}

fn spans(collector: &Account) -> Vec<Span> {
    let calls = collector.calls();
    assert!(calls.iter().all(|call| call.target == "/v1/traces"), "{calls:?}");
    calls.iter().flat_map(|call| spans_of(&call.body)).collect()
}

/// ExportTraceServiceRequest > ResourceSpans > ScopeSpans > Span, of opentelemetry/proto/trace/v1.
fn spans_of(request: &[u8]) -> Vec<Span> {
    let mut messages = vec![request.to_vec()];
    for field in [1, 2, 2] {
        messages = messages.iter().flat_map(|message| fields(message, field)).collect();
    }
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let span = |message: &Vec<u8>| {
        let field = |number| fields(message, number).pop().unwrap_or_default();
        let name = String::from_utf8(field(5)).expect("UTF-8");
        Span { trace: hex(field(1)), id: hex(field(2)), parent: hex(field(4)), name }
    };
    messages.iter().map(span).collect()
}

/// The values of a field that has a length, of a message of Protocol Buffers.
fn fields(mut message: &[u8], number: u64) -> Vec<Vec<u8>> {
    let mut values = Vec::new();
    while !message.is_empty() {
        let tag = varint(&mut message);
        let length = match tag & 7 {
            0 => {
                varint(&mut message);
                0
            }
            1 => 8,
            2 => varint(&mut message) as usize,
            5 => 4,
            other => panic!("wire type {other}"),
        };
        let (value, rest) = message.split_at(length);
        message = rest;
        if tag >> 3 == number && tag & 7 == 2 {
            values.push(value.to_vec());
        }
    }
    values
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for place in 0.. {
        let (byte, rest) = bytes.split_first().expect("a byte");
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}

fn ask_in_trace(gateway: &Process, query: &str) {
    let request = client().post(format!("{}/graphql", gateway.url)).json(&json!({"query": query}));
    let request = request.header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    assert_eq!(request.send().expect("an answer").status(), 200);
}

#[test]
fn a_request_is_a_tree_of_spans_in_the_caller_s_trace() {
    let picture = fs::read(pictures().join("png/rgba-opaque.png")).expect("a picture");
    let account = Account::start(move |call, _| match call.target.as_str() {
        "/v1/files/a/metadata" => Play::Now(Answer::ok(r#"{"width": 1, "hasTransparency": true}"#)),
        "/v1/files/a/details" => {
            let url = format!("http://{}/secret.png?ik-s=signed_canary", call.header("host").unwrap());
            Play::Now(Answer::ok(json!({"url": url}).to_string()))
        }
        _ => Play::Now(Answer::ok(picture.clone())),
    });
    let (collector, url) = (collector(), account.url(""));
    let allow = account.address.to_string();
    let arguments = ["--upstream", "imagekit", "--imagekit-url", &url, "--allow-host", &allow];
    let endpoint = collector.url("/");
    let environment =
        [("IMAGEKIT_PRIVATE_KEY", "private"), ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())];
    let gateway = Process::serve(&arguments, &environment, "");
    ask_in_trace(&gateway, "{ file(id: \"a\") { width isOpaque } }");
    gateway.stop();
    let spans = spans(&collector);
    let named = |name: &str| spans.iter().filter(|span| span.name == name).cloned().collect::<Vec<_>>();
    let [request] = &named("request")[..] else { panic!("{spans:?}") };
    // What ImageKit states, and what the original says.
    let [stated, complete] = &named("look_up")[..] else { panic!("{spans:?}") };
    assert_eq!((request.trace.as_str(), request.parent.as_str()), (TRACE, PARENT));
    assert!(stated.parent == request.id && complete.parent == request.id, "{spans:?}");
    let is_below = |span: &&Span| span.parent == stated.id || span.parent == complete.id;
    let mut below: Vec<_> = spans.iter().filter(is_below).collect();
    below.sort_by_key(|span| span.name.as_str());
    let names: Vec<_> = below.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["decode", "fetch", "upstream_call", "upstream_call"]);
    assert!(spans.iter().all(|span| span.trace == TRACE), "{spans:?}");
    let sent = String::from_utf8_lossy(&collector.calls()[0].body).into_owned();
    for attribute in ["http.route", "/graphql", "http.response.status_code", "service.name", "imagraph"] {
        assert!(sent.contains(attribute), "{attribute} {sent}");
    }
    // The trace is not told to third parties, and what is asked is not told to the collector.
    assert!(account.calls().iter().all(|call| call.header("traceparent").is_none()));
    for call in collector.calls() {
        let text = String::from_utf8_lossy(&call.body);
        assert!(!text.contains("canary") && !text.contains("secret.png"), "{text}");
    }
}

#[test]
fn a_caller_decides_that_a_trace_is_not_sampled() {
    let collector = collector();
    let gateway = Process::serve(&["--otlp-endpoint", &collector.url("")], &[], "");
    let request = client().get(format!("{}/health/live", gateway.url));
    request.header("traceparent", format!("00-{TRACE}-{PARENT}-00")).send().expect("an answer");
    gateway.get("/health/ready");
    gateway.stop();
    let spans = spans(&collector);
    assert!(spans.len() == 1 && spans[0].trace != TRACE, "{spans:?}");
}

#[test]
fn a_collector_that_hangs_holds_up_nobody() {
    let collector = Account::start(|_, _| Play::Never);
    let upstream = Account::start(|_, _| Play::Now(image()));
    let arguments = [
        "--otlp-endpoint",
        &collector.url(""),
        "--upstream",
        "imagekit",
        "--imagekit-url",
        &upstream.url(""),
    ];
    let gateway = Process::serve(&arguments, &[("IMAGEKIT_PRIVATE_KEY", "private")], "");
    // More than the queue takes.
    let query = (0..100).map(|n| format!("a{n}: file(id: \"a\") {{ width }} ")).collect::<String>();
    let since = Instant::now();
    for _ in 0..50 {
        gateway.answer(&format!("{{ {query} b: file(id: \"b\") {{ width }} }}"));
    }
    let (answered, since) = (since.elapsed(), Instant::now());
    let logs = gateway.stop();
    assert!(answered < Duration::from_secs(10), "{answered:?}");
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    assert!(logs.contains("the last traces were not taken"), "{logs}");
}

#[test]
fn a_collector_that_fails_is_told_of_once() {
    let collector = Account::start(|_, before| {
        let refuses = before.len() < 3;
        Play::Now(Answer::status(if refuses { 400 } else { 200 }, "secret_canary"))
    });
    let gateway = Process::serve(&["--otlp-endpoint", &collector.url("")], &[], "");
    for calls in 1..=4 {
        gateway.get("/health/live");
        crate::redis_server::until("a batch is sent", || collector.calls().len() == calls);
    }
    let logs = gateway.stop();
    assert_eq!(logs.matches("does not take traces").count(), 1, "{logs}");
    assert_eq!(logs.matches("takes traces again").count(), 1, "{logs}");
    assert!(!logs.contains("canary"), "{logs}");
}
