//! What is logged, and under which id.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::account::{Account, Play};
use crate::gateway::client;
use crate::process::Process;
use crate::redis_server::{RedisServer, until};
use crate::slow_line::SlowLine;
use crate::stub::Answer;
use crate::subscriptions::socket::Socket;

fn id_of(answer: &Response) -> String {
    answer.headers()["x-request-id"].to_str().expect("text").to_owned()
}

fn asked_as(gateway: &Process, id: &str, path: &str) -> Response {
    client().get(format!("{}{path}", gateway.url)).header("X-Request-Id", id).send().expect("an answer")
}

#[test]
fn every_answer_has_an_id_which_its_line_has_too() {
    let gateway = Process::serve(&[], &[], "");
    let answers =
        ["/health/live", "/v1/files/none/metadata", "/none", "/graphql"].map(|path| gateway.get(path));
    let mut ids: Vec<_> = answers.iter().map(id_of).collect();
    assert!(
        ids.iter().all(|id| id.len() == 32 && id.bytes().all(|sign| sign.is_ascii_hexdigit())),
        "{ids:?}"
    );
    assert_eq!(answers[1].headers()["x-ik-requestid"], answers[1].headers()["x-request-id"]);
    assert_eq!(answers[0].headers().get("x-ik-requestid"), None);
    let logs = gateway.stop();
    for id in &ids {
        let lines = logs.lines().filter(|line| line.contains(&format!("request{{id={id}}}")));
        assert_eq!(lines.count(), 1, "{id}\n{logs}");
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[test]
fn a_caller_s_id_is_kept_if_it_is_short_and_of_safe_characters() {
    let gateway = Process::serve(&[], &[], "");
    assert_eq!(id_of(&asked_as(&gateway, "4bf92f35-77b3_4d.a6", "/health/live")), "4bf92f35-77b3_4d.a6");
    let answer = asked_as(&gateway, "of-imagekit", "/v1/files/none/metadata");
    assert_eq!(answer.headers()["x-ik-requestid"], "of-imagekit");
    let unsafe_id = format!("forged{}", "x".repeat(60));
    for id in [unsafe_id.as_str(), "forged id", "forged\"", "forged}: imagraph"] {
        assert_ne!(id_of(&asked_as(&gateway, id, "/health/live")), id);
    }
    let logs = gateway.stop();
    assert!(logs.contains("request{id=4bf92f35-77b3_4d.a6}") && !logs.contains("forged"), "{logs}");
}

/// In front of an account and beside Redis, at the level that tells most.
fn gateway_at_debug(account: &Account, redis: &RedisServer, format: &str) -> Process {
    let arguments = ["--upstream", "imagekit", "--imagekit-url", &account.url(""), "--redis", &redis.url()];
    let environment = [
        ("IMAGEKIT_PRIVATE_KEY", "private"),
        ("IMAGRAPH_LOG", "imagraph=debug"),
        ("IMAGRAPH_LOG_FORMAT", format),
    ];
    Process::serve(&arguments, &environment, "")
}

#[test]
fn json_is_an_object_a_line_and_each_line_of_a_request_has_its_id() {
    let account = Account::start(|_, _| Play::Now(Answer::status(503, "{}")));
    let redis = RedisServer::start();
    let gateway = gateway_at_debug(&account, &redis, "json");
    // Redis refuses what the tasks ask that a request starts: a line of each.
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    let query = r#"{"query": "{ file(id: \"a\") { width } }"}"#;
    let request =
        client().post(format!("{}/graphql", gateway.url)).header("content-type", "application/json");
    request.header("X-Request-Id", "asked-for").body(query).send().expect("an answer");
    let logs = gateway.stop();
    let lines: Vec<Value> =
        logs.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let of_request: Vec<_> = lines.iter().filter(|line| line["spans"][0]["id"] == "asked-for").collect();
    let refused: Vec<_> = lines.iter().filter(|line| line["message"] == "Redis refuses a command").collect();
    assert!(!refused.is_empty(), "{logs}");
    for line in &refused {
        assert!(of_request.contains(line), "{line}");
    }
    let access = of_request.iter().find(|line| line["message"] == "request").expect("the access log");
    assert_eq!(
        (&access["method"], &access["path"], &access["status"]),
        (&"POST".into(), &"/graphql".into(), &200.into())
    );
    assert!(access["timestamp"].is_string() && access["level"] == "INFO" && access["ms"].is_u64());
}

/// How often a line of the log says this.
fn times(gateway: &Process, said: &str) -> usize {
    gateway.logs().matches(said).count()
}

/// Asks for what nobody has asked for, and so Redis.
fn ask_anew(gateway: &Process) {
    gateway.answer(&format!("{{ file(id: \"f{}\") {{ width }} }}", fastrand::u64(..)));
}

/// One that takes connections and answers in 60 ms, or in no time that anybody waits: it is tried again every half second.
#[test]
fn a_redis_that_does_not_answer_is_told_once_and_once_that_it_does_again() {
    let account = Account::start(|_, _| Play::Now(Answer::status(404, "{}")));
    for slow in [Duration::from_millis(60), Duration::from_secs(5)] {
        let redis = RedisServer::start();
        let line = SlowLine::to(redis.port);
        let url = format!("redis://{}", line.address);
        let arguments = ["--upstream", "imagekit", "--imagekit-url", &account.url(""), "--redis", &url];
        let gateway = Process::serve(&arguments, &[("IMAGEKIT_PRIVATE_KEY", "private")], "");
        until("it is there", || times(&gateway, "Redis is there") == 1);
        line.takes(slow);
        until("it is tried again and again", || {
            ask_anew(&gateway);
            line.connections() >= 4
        });
        assert_eq!(times(&gateway, "Redis does not answer"), 1, "{}", gateway.logs());
        line.takes(Duration::ZERO);
        until("it answers again", || {
            ask_anew(&gateway);
            times(&gateway, "Redis answers again") == 1
        });
        let logs = gateway.stop();
        assert_eq!(logs.matches("Redis").count(), 3, "{logs}");
    }
}

#[test]
fn a_redis_that_is_not_there_at_the_start_is_told_once() {
    let mut redis = RedisServer::start();
    redis.kill();
    let gateway = Process::serve(&["--redis", &redis.url(), "--library", "tests/images"], &[], "");
    (0..5).for_each(|_| ask_anew(&gateway));
    let logs = gateway.stop();
    assert_eq!(logs.matches("Redis does not answer").count(), 1, "{logs}");
}

#[test]
fn what_is_no_request_is_nobodys_error() {
    let gateway = Process::serve(&[], &[], "");
    let address = gateway.url.strip_prefix("http://").expect("a URL");
    for head in ["GET / HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"]
    {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.write_all(head.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it is closed");
        assert!(answer.starts_with("HTTP/1.1 400 "), "{head} {answer}");
    }
    let logs = gateway.stop();
    assert!(!logs.contains("ERROR") && !logs.contains("WARN"), "{logs}");
}

#[test]
fn what_is_done_for_an_answer_in_parts_is_logged_under_the_id_of_its_request() {
    let account = Account::start(|_, _| Play::Now(Answer::status(404, "{}")));
    let redis = RedisServer::start();
    let gateway = gateway_at_debug(&account, &redis, "json");
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    let query = |file: &str| format!("subscription {{ images(of: [{{file: \"{file}\"}}]) {{ done }} }}");
    let events = client().post(format!("{}/graphql", gateway.url)).header("accept", "text/event-stream");
    let events = events.header("X-Request-Id", "by-events").json(&json!({"query": query("a")}));
    assert!(events.send().expect("an answer").text().expect("text").contains("event: complete"));
    let address = gateway.url.trim_start_matches("http://").parse().expect("an address");
    let mut socket = Socket::to(address, &[("X-Request-Id", "by-socket")]);
    socket.say(json!({"type": "connection_init"}));
    assert_eq!(socket.hear()["type"], "connection_ack");
    socket.subscribe("1", &query("b"), json!({}));
    assert_eq!(socket.hear_all("1").len(), 1);
    socket.say(json!({"type": "connection_init"}));
    assert_eq!(socket.closed().0, 4429);
    let logs = gateway.stop();
    let has = |id: &str, message: &str| {
        let mut lines = logs.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        lines.any(|line| line["spans"][0]["id"] == id && line["message"] == message)
    };
    for id in ["by-events", "by-socket"] {
        assert!(has(id, "Redis refuses a command"), "{id}\n{logs}");
    }
    assert!(has("by-socket", "closes a WebSocket"), "{logs}");
}
