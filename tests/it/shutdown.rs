//! From the order to stop to the end.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::account::{Account, Play};
use crate::process::Process;
use crate::redis_server::until;
use crate::upstream::image;

const CALLERS: usize = 200;

fn held() -> Account {
    Account::start(|_, _| Play::Held(image()))
}

/// In front of an account; it says for so many seconds that it is not ready.
fn gateway(account: &Account, drain: u64) -> Process {
    let arguments = ["--allow-host", &account.address.to_string()];
    let settings = format!("[limits]\nconcurrent_loads = {CALLERS}\n[shutdown]\ndrain_seconds = {drain}\n");
    Process::serve(&arguments, &[], &settings)
}

fn ask(gateway: &Process, account: &Account, n: usize) -> Value {
    let url = account.url(&format!("/{n}.png"));
    gateway.answer(&format!("{{ remote(url: \"{url}\") {{ width }} }}"))
}

fn is_closed(gateway: &Process) -> bool {
    TcpStream::connect(gateway.url.trim_start_matches("http://")).is_err()
}

/// A request on a connection that is kept open.
fn on_kept_connection(gateway: &Process) -> TcpStream {
    let mut stream = TcpStream::connect(gateway.url.trim_start_matches("http://")).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    let mut head = [0; 12];
    stream.read_exact(&mut head).expect("an answer");
    assert_eq!(&head, b"HTTP/1.1 200");
    stream
}

#[test]
fn it_says_that_it_is_not_ready_then_answers_two_hundred_that_are_in_flight() {
    let account = held();
    let gateway = gateway(&account, 2);
    let mut idle = on_kept_connection(&gateway);
    let answers: Vec<Value> = thread::scope(|scope| {
        let (gateway, account) = (&gateway, &account);
        let callers: Vec<_> = (0..CALLERS).map(|n| scope.spawn(move || ask(gateway, account, n))).collect();
        until("all are in flight", || account.calls().len() == CALLERS);
        gateway.signal("-TERM");
        until("it is not ready", || gateway.get("/health/ready").status() == 503);
        // It lives, and who asks nevertheless is answered, and told to go elsewhere.
        let live = gateway.get("/health/live");
        assert_eq!((live.status().as_u16(), live.headers()["connection"].to_str().unwrap()), (200, "close"));
        until("nobody can connect", || is_closed(gateway));
        account.release();
        callers.into_iter().map(|caller| caller.join().expect("an answer")).collect()
    });
    let failed = |answer: &&Value| answer["errors"][0]["extensions"]["code"] != "NOT_AN_IMAGE";
    assert_eq!(answers.iter().filter(failed).count(), 0, "{answers:?}");
    // The idle connection was closed, and not held against it.
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).expect("its end");
    let (status, logs) = gateway.wait();
    assert_eq!(status.code(), Some(0), "{logs}");
}

#[test]
fn idle_connections_do_not_hold_it_up() {
    let account = held();
    let gateway = gateway(&account, 0);
    let idle = on_kept_connection(&gateway);
    let since = Instant::now();
    gateway.stop();
    // actix keeps idle connections for 5 s.
    assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    drop(idle);
}

#[test]
fn told_twice_it_ends_at_once() {
    let account = held();
    let (url, key) = (account.url(""), [("IMAGEKIT_PRIVATE_KEY", "private")]);
    let arguments = ["--upstream", "imagekit", "--imagekit-url", &url];
    // A call may take half of it.
    let mut gateway = Process::serve(&arguments, &key, "[limits]\ndeadline_seconds = 60\n");
    let mut stream = TcpStream::connect(gateway.url.trim_start_matches("http://")).expect("a connection");
    stream.write_all(b"GET /v1/files/a/metadata HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    until("it is in flight", || account.calls().len() == 1);
    gateway.signal("-INT");
    until("nobody can connect", || is_closed(&gateway));
    assert!(!gateway.has_ended(), "a request is running");
    gateway.signal("-INT");
    let since = Instant::now();
    let (status, logs) = gateway.wait();
    assert_eq!(status.code(), Some(1), "{logs}");
    assert!(logs.contains("told twice to stop"), "{logs}");
    assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    // What runs is broken off: the connection, or the call of which the answer tells.
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer).map_err(|error| error.kind());
    assert!(matches!(ended, Ok(_) | Err(ErrorKind::ConnectionReset)), "{ended:?}");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 500"), "{answer}");
}
