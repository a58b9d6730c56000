//! Every request ends by its deadline, with what is known by then.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use imagraph::config::{Config, Given};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::account::{Account, Play};
use crate::gateway::{Gateway, pictures};
use crate::graphql::with_description;
use crate::redis_server::until;
use crate::stub::{Answer, broken};
use crate::upstream;

/// Bytes of a picture's description, and how often it is asked for: 8 MB in all.
const DESCRIPTION: u32 = 40_000;
const REPEATS: usize = 200;
const DEADLINE: Duration = Duration::from_secs(1);
/// Nothing that hangs here would end before: machines that are busy are not hurried.
const BY_THEN: Duration = Duration::from_secs(4);

fn with_deadline(mut config: Config) -> Config {
    config.limits.deadline = DEADLINE;
    config
}

/// Asks within the deadline.
fn ask<T>(ask: impl FnOnce() -> T) -> T {
    let since = Instant::now();
    let answer = ask();
    assert!(since.elapsed() < BY_THEN, "{:?}", since.elapsed());
    answer
}

fn code<'a>(answer: &'a Value, path: &[&str]) -> &'a Value {
    let errors = answer["errors"].as_array().expect("errors");
    let error = errors.iter().find(|error| error["path"] == json!(path));
    &error.unwrap_or_else(|| panic!("{path:?} {answer}"))["extensions"]["code"]
}

#[test]
fn what_hangs_or_waits_to_be_decoded_is_missing_and_the_rest_is_answered() {
    const QUEUE: usize = 60;
    let hanging = broken(Vec::new(), false);
    let library = tempfile::tempdir().expect("a folder");
    let large = fs::read(pictures().join("damaged/bomb-6000.png")).expect("a picture");
    for n in 0..QUEUE {
        fs::write(library.path().join(format!("{n:02}.png")), &large).expect("written");
    }
    fs::copy(pictures().join("png/rgb.png"), library.path().join("a.png")).expect("copied");
    let given = Given {
        library: Some(library.path().to_owned()),
        allow_hosts: vec![hanging.to_string()],
        ..Given::default()
    };
    let mut config = with_deadline(Config::load(given).expect("settings"));
    config.limits.concurrent_decodes = 1;
    let gateway = Gateway::with(config);
    let id = |name: &str| imagraph::source::engine::library::id_of(name.as_ref());
    let queue: String = (0..QUEUE)
        .map(|n| format!("q{n}: file(id: \"{}\") {{ width pHash }} ", id(&format!("{n:02}.png"))))
        .collect();
    let query = format!(
        "{{ {queue} hanging: remote(url: \"http://{hanging}/a.png\") {{ width }} good: file(id: \"{}\") {{ width }} }}",
        id("a.png")
    );
    let answer = ask(|| gateway.answer(&query, json!({})));
    assert_eq!(answer["data"]["good"]["width"], 72);
    assert_eq!((&answer["data"]["hanging"], code(&answer, &["hanging"])), (&Value::Null, &json!("TIMEOUT")));
    // All are opened, and few are decoded: each takes longer than a sixtieth of the deadline.
    let of_queue: Vec<_> = (0..QUEUE).map(|n| format!("q{n}")).collect();
    assert!(of_queue.iter().all(|name| answer["data"][name]["width"] == 6000), "{answer}");
    let waiting: Vec<_> = of_queue.iter().filter(|name| answer["data"][name]["pHash"].is_null()).collect();
    assert!(!waiting.is_empty(), "{answer}");
    for name in waiting {
        assert_eq!(code(&answer, &[name, "pHash"]), "TIMEOUT");
    }
}

#[test]
fn an_account_s_file_that_hangs_is_missing_and_so_is_what_an_original_that_hangs_would_say() {
    let hanging = broken(Vec::new(), false);
    let account = Account::start(move |call, _| match call.target.as_str() {
        "/v1/files/hanging/metadata" => Play::Never,
        "/v1/files/a/details" => {
            Play::Now(Answer::ok(json!({"url": format!("http://{hanging}/a.png")}).to_string()))
        }
        _ => Play::Now(Answer::ok(r#"{"width": 100, "hasTransparency": true}"#)),
    });
    let mut config = with_deadline(upstream::config(&account));
    config.remote.allow_hosts = vec![hanging.to_string()];
    let gateway = Gateway::with(config);
    let query = "{ hanging: file(id: \"hanging\") { width } a: file(id: \"a\") { width isOpaque } }";
    let answer = ask(|| gateway.answer(query, json!({})));
    assert_eq!(answer["data"], json!({"hanging": null, "a": {"width": 100, "isOpaque": null}}));
    assert_eq!(code(&answer, &["hanging"]), "TIMEOUT");
    assert_eq!(code(&answer, &["a", "isOpaque"]), "TIMEOUT");
}

#[test]
fn routes_of_rest_end_by_it_too() {
    let account = Account::start(|_, _| Play::Never);
    let gateway = Gateway::with(with_deadline(upstream::config(&account)));
    for path in
        ["/v1/files/a/metadata", "/v1/metadata?url=http://a/b", "/v1/files?limit=2", "/v1/files/a/details"]
    {
        let answer = ask(|| gateway.get(path));
        assert_eq!(answer.status(), 504, "{path}");
    }
}

#[test]
fn a_body_that_comes_slowly_is_not_waited_for_longer() {
    let gateway = Gateway::with(with_deadline(Config::load(Given::default()).expect("settings")));
    let mut stream = TcpStream::connect(gateway.address).expect("a connection");
    let head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n";
    stream.write_all(format!("{head}{{\"query\":").as_bytes()).expect("sent");
    let mut answer = [0; 12];
    ask(|| stream.read_exact(&mut answer)).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 408");
}

/// A gateway that gives long answers: those that repeat a picture's long description.
fn long_winded() -> (Gateway, TempDir) {
    let library = tempfile::tempdir().expect("a folder");
    fs::write(library.path().join("a.jpg"), with_description(DESCRIPTION)).expect("written");
    let given = Given { library: Some(library.path().to_owned()), ..Given::default() };
    (Gateway::with(with_deadline(Config::load(given).expect("settings"))), library)
}

/// Asks for an answer that is longer than what the system holds of it on its way, and reads how it begins.
fn ask_at_length(gateway: &Gateway, accept: &str) -> (TcpStream, usize) {
    let repeats: String = (0..REPEATS).map(|n| format!("e{n}: exif {{ raw }} ")).collect();
    let body = json!({"query": format!("{{ file(id: \"YS5qcGc\") {{ {repeats} }} }}")}).to_string();
    let mut stream = TcpStream::connect(gateway.address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: {accept}\r\n"
    );
    stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).expect("sent");
    let mut head = [0; 12];
    stream.read_exact(&mut head).expect("an answer");
    assert_eq!(&head, b"HTTP/1.1 200");
    (stream, REPEATS * DESCRIPTION as usize)
}

/// How much comes until the connection ends, reading so much at a time and then nothing for a while.
fn read_slowly(stream: &mut TcpStream, at_once: usize, pause: Duration) -> usize {
    let (mut read, mut piece) = (0, vec![0; at_once]);
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return read,
            Ok(length) => read += length,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return read,
            Err(error) => panic!("{error} after {read}"),
        }
        thread::sleep(pause);
    }
}

#[test]
fn a_client_that_reads_slowly_is_left() {
    let (gateway, _library) = long_winded();
    for accept in ["application/json", "text/event-stream"] {
        let (mut stream, length) = ask_at_length(&gateway, accept);
        // At that speed the whole answer would take 12 s.
        let read = read_slowly(&mut stream, 256 << 10, Duration::from_millis(400));
        assert!(read < length, "{read} of {length} of {accept}");
    }
}

#[test]
fn a_client_that_reads_nothing_is_left() {
    let (gateway, _library) = long_winded();
    let (mut stream, length) = ask_at_length(&gateway, "application/json");
    // Its connection is ended from the other side, however little it asks to know of that.
    until("the connection is ended", || {
        let sockets = fs::read_to_string("/proc/net/tcp").expect("the sockets of this machine");
        let port = format!("{:04X}", stream.local_addr().expect("its address").port());
        let is_established = |line: &str| {
            let fields: Vec<_> = line.split_whitespace().collect();
            fields.get(2).is_some_and(|remote| remote.ends_with(&port)) && fields.get(3) == Some(&"01")
        };
        !sockets.lines().any(is_established)
    });
    let read = read_slowly(&mut stream, 1 << 20, Duration::ZERO);
    assert!(read < length, "{read} of {length}");
}
