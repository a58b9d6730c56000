//! Who may ask: keys in every form, rights and rates, and a stranger's body is not read.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imagraph::config::{Config, Given};
use reqwest::blocking::{RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::cli::{imagraph, serve, terminate};
use crate::gateway::{Gateway, client, pictures};

/// `printf hashed_key | sha256sum`
const HASH: &str = "f6a8ff4170b0cca775458222201360c386877b8736f9b32363e3a2c1258e7685";
const PICTURE: &str = "/v1/files/cG5nL3JnYi5wbmc/metadata";
/// In which everything that a test waits for has long happened.
const LONG: Duration = Duration::from_secs(10);

fn written(settings: &str) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    fs::write(&file, settings).unwrap();
    file
}

/// Over the project's pictures.
pub fn gateway(settings: &str) -> Gateway {
    let file = written(settings);
    let config = Some(file.path().to_owned());
    Gateway::start(Given { config, library: Some(pictures()), ..Given::default() })
}

pub fn of_three_callers() -> Gateway {
    let settings = "
        [[callers]]
        name = \"jobs\"
        key = \"plain_key\"
        [[callers]]
        name = \"web\"
        key_sha256 = \"HASH\"
        rights = [\"read\", \"operate\"]
        [[callers]]
        name = \"probe\"
        key = \"probe_key\"
        rights = [\"operate\"]
    ";
    gateway(&settings.replace("HASH", HASH))
}

fn query(gateway: &Gateway) -> RequestBuilder {
    client().post(gateway.url("/graphql")).json(&json!({"query": "{ __typename }"}))
}

fn ask(gateway: &Gateway, key: &str) -> Response {
    query(gateway).bearer_auth(key).send().unwrap()
}

fn get(gateway: &Gateway, path: &str, key: &str) -> Response {
    client().get(gateway.url(path)).bearer_auth(key).send().unwrap()
}

fn error(response: Response) -> Value {
    response.json::<Value>().unwrap()["errors"][0]["extensions"].take()
}

#[test]
fn a_key_is_taken_in_every_form() {
    let gateway = of_three_callers();
    for key in ["plain_key", "hashed_key"] {
        let encoded = STANDARD.encode(format!("{key}:any"));
        for (name, value) in [
            ("authorization", format!("Bearer {key}")),
            ("authorization", format!("Basic {encoded}")),
            ("authorization", format!("Basic {key}")),
            ("x-api-key", key.to_owned()),
        ] {
            let picture = client().get(gateway.url(PICTURE)).header(name, &value).send().unwrap();
            assert_eq!(picture.status(), 200, "{value}");
            assert_eq!(query(&gateway).header(name, &value).send().unwrap().status(), 200, "{value}");
        }
    }
    for wrong in ["plain_ke", "plain_keyy", "PLAIN_KEY", HASH] {
        assert_eq!(error(ask(&gateway, wrong))["code"], "UNAUTHENTICATED", "{wrong}");
        let refused = query(&gateway).header("x-api-key", wrong).bearer_auth("plain_key").send().unwrap();
        assert_eq!(refused.status(), 401, "{wrong}");
    }
}

#[test]
fn whoever_has_no_key_gets_the_page_and_the_health_and_nothing_else() {
    let gateway = of_three_callers();
    let page = gateway.get("/").text().unwrap();
    let asset = page.split('"').find(|value| value.contains("assets/")).unwrap();
    for open in ["/", asset.trim_start_matches('.'), "/health/live", "/health/ready"] {
        assert_eq!(gateway.get(open).status(), 200, "{open}");
    }
    for closed in [PICTURE, "/v1/metadata?url=https://a.b/c", "/v1/files", "/schema.graphql"] {
        assert_eq!(gateway.get(closed).status(), 401, "{closed}");
    }
    assert_eq!(get(&gateway, "/schema.graphql", "plain_key").status(), 200);
    assert_eq!(get(&gateway, "/schema.graphql", "wrong").headers()["www-authenticate"], "Bearer");
}

#[test]
fn a_caller_may_do_what_it_has_the_right_to() {
    let gateway = of_three_callers();
    let refused = ask(&gateway, "probe_key");
    assert_eq!(refused.status(), 403);
    assert!(!refused.headers().contains_key("www-authenticate"), "another key is not asked for");
    assert_eq!(error(refused)["code"], "FORBIDDEN");
    for path in [PICTURE, "/v1/files", "/schema.graphql"] {
        assert_eq!(get(&gateway, path, "probe_key").status(), 403, "{path}");
    }
}

#[test]
fn how_it_fares_strangers_are_not_told_unless_the_settings_say_so() {
    for (settings, metrics, data) in [
        ("", 200, 200),
        ("public = true\n", 403, 200),
        ("public = true\n[anonymous]\nrights = [\"read\", \"operate\"]\n", 200, 200),
        ("[anonymous]\nrights = [\"operate\"]\n", 200, 403),
        ("[anonymous]\nrights = [\"read\"]\n", 403, 200),
    ] {
        let gateway = gateway(settings);
        let statuses = ["/metrics", PICTURE].map(|path| gateway.get(path).status().as_u16());
        assert_eq!(statuses, [metrics, data], "{settings}");
    }
}

#[test]
fn who_asks_too_often_is_told_when_to_ask_again() {
    let caller = |name| format!("[[callers]]\nname = \"{name}\"\nkey = \"{name}_key\"\n");
    let limits = "requests_per_second = 1\nburst = 3\n";
    let gateway = gateway(&format!("{}{limits}{}{limits}", caller("web"), caller("jobs")));
    let refused = refused(|| ask(&gateway, "web_key"));
    assert_eq!(refused.headers()["retry-after"], "1");
    let error = error(refused);
    assert_eq!(error["code"], "TOO_MANY_REQUESTS");
    assert!((1..=1_000).contains(&error["retryAfterMs"].as_u64().unwrap()), "{error}");
    let refused = refused_by(|| get(&gateway, PICTURE, "web_key"), 1);
    assert_eq!(refused.headers()["retry-after"], "1");
    let reset = refused.headers()["x-ratelimit-reset"].to_str().unwrap().parse::<u64>().unwrap();
    assert!((1..=1_000).contains(&reset), "{reset} ms");
    assert_eq!(refused.json::<Value>().unwrap()["message"], "Too many requests.");
    assert_eq!(ask(&gateway, "jobs_key").status(), 200, "another caller has a bucket of its own");
    let start = Instant::now();
    while ask(&gateway, "web_key").status() == 429 {
        assert!(start.elapsed() < LONG, "it is never admitted again");
    }
}

/// After the burst that every bucket of these tests holds.
fn refused(ask: impl Fn() -> Response) -> Response {
    for _ in 0..3 {
        assert_eq!(ask().status(), 200);
    }
    refused_by(ask, 20)
}

/// The first answer of status 429: a bucket is filled while it is emptied.
fn refused_by(ask: impl Fn() -> Response, most: usize) -> Response {
    let mut answers = (0..most + 2).map(|_| ask());
    answers.find(|answer| answer.status() == 429).expect("it is refused")
}

#[test]
fn everybody_together_has_a_rate_where_nobody_has_a_key() {
    let gateway = gateway("[anonymous]\nrequests_per_second = 1\nburst = 3\n");
    refused(|| query(&gateway).send().unwrap());
    refused_by(|| get(&gateway, PICTURE, "any"), 1);
    assert_eq!(gateway.get("/health/live").status(), 200);
}

#[test]
fn the_requests_of_a_body_are_counted_together() {
    let gateway = gateway("[anonymous]\nrequests_per_second = 1\nburst = 5\n");
    let list = |count: usize| {
        let body = json!(vec![json!({"query": "{ __typename }"}); count]);
        client().post(gateway.url("/graphql")).json(&body).send().unwrap()
    };
    // More than there may be in a body, and more than ever would be admitted.
    assert_eq!(error(list(11))["code"], "QUERY_TOO_COSTLY");
    assert_eq!(error(list(6))["code"], "QUERY_TOO_COSTLY");
    assert_eq!(list(3).status(), 200);
    assert!((0..3).any(|_| list(4).status() == 429));
}

/// Sends a head, and reads until the connection ends.
fn answer_to(gateway: &Gateway, head: &str) -> String {
    let mut stream = TcpStream::connect(gateway.address).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.write_all(format!("POST /graphql HTTP/1.1\r\nHost: a\r\n{head}\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the connection is closed");
    answer
}

#[test]
fn a_stranger_is_refused_before_the_body_is_read() {
    let gateway = of_three_callers();
    let wrong = "X-API-Key: wrong\r\nContent-Type: application/json\r\n";
    for body in ["Content-Length: 9", "Content-Length: 99999999999", "Transfer-Encoding: chunked"] {
        let answer = answer_to(&gateway, &format!("{wrong}{body}"));
        assert!(answer.starts_with("HTTP/1.1 401 "), "{body}: {answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{body}: {answer}");
        let answer = answer_to(&gateway, &format!("{wrong}Expect: 100-continue\r\n{body}"));
        assert!(answer.contains("HTTP/1.1 401 ") && answer.ends_with("}"), "{body}: {answer}");
    }
}

#[test]
fn a_body_without_end_ends_with_the_connection() {
    let gateway = of_three_callers();
    for target in ["POST /graphql", "GET /v1/files", "GET /health/live", "GET /"] {
        let mut stream = TcpStream::connect(gateway.address).unwrap();
        stream.set_write_timeout(Some(LONG)).unwrap();
        let head = format!("{target} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let chunk = [b"4000\r\n".as_slice(), &[b'x'; 0x4000], b"\r\n"].concat();
        let start = Instant::now();
        while stream.write_all(&chunk).is_ok() {
            assert!(start.elapsed() < LONG, "{target}: it is read on and on");
        }
    }
}

#[test]
fn a_chunked_body_that_is_read_leaves_the_connection_open() {
    let gateway = of_three_callers();
    let mut stream = TcpStream::connect(gateway.address).unwrap();
    let body = json!({"query": "{ __typename }"}).to_string();
    let head =
        "Host: a\r\nX-API-Key: plain_key\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked";
    let first = format!("POST /graphql HTTP/1.1\r\n{head}\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let second = "GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    stream.write_all((first + second).as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert!(answers.contains("\"__typename\":\"Query\"") && answers.ends_with("live\n"), "{answers}");
}

#[test]
fn keys_of_the_environment_are_callers_too() {
    let mut command = imagraph();
    command.args(["serve", "--listen", "127.0.0.1:0", "--library", "tests/images"]);
    let (mut child, url) = serve_with_keys(command);
    let status = |key: &str| client().get(url.clone() + PICTURE).bearer_auth(key).send().unwrap().status();
    for (key, expected) in [("first_key", 200), ("second_key", 200), ("first_key,second_key", 403)] {
        assert_eq!(status(key), expected, "{key}");
    }
    terminate(&child);
    child.wait().unwrap();
}

fn serve_with_keys(mut command: std::process::Command) -> (std::process::Child, String) {
    command.env("IMAGRAPH_API_KEYS", "first_key, second_key");
    serve(command)
}

#[test]
fn without_keys_only_this_machine_may_ask() {
    let exposure = |listen: &str, public: Option<&str>, settings: &str| {
        let file = written(settings);
        let (listen, public) = (Some(listen.to_owned()), public.map(str::to_owned));
        let given = Given { config: Some(file.path().to_owned()), listen, public, ..Given::default() };
        Config::load(given).unwrap().check_exposure()
    };
    for own in ["127.0.0.1:0", "127.9.9.9:0", "[::1]:0", "[::ffff:127.0.0.1]:0"] {
        assert!(exposure(own, None, "").is_ok(), "{own}");
    }
    let key = "[[callers]]\nname = \"web\"\nkey = \"canary\"\n";
    for open in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80", "[2001:db8::1]:80", "[::ffff:10.0.0.1]:80"] {
        let refused = exposure(open, None, "").unwrap_err().to_string();
        assert!(refused.starts_with("listen: ") && refused.contains("--public"), "{refused}");
        assert!(exposure(open, Some("false"), "public = true\n").is_err(), "{open}");
        assert!(exposure(open, Some("true"), "").is_ok(), "{open}");
        assert!(exposure(open, None, "public = true\n").is_ok(), "{open}");
        assert!(exposure(open, None, key).is_ok(), "{open}");
    }
}

#[test]
fn a_gateway_that_would_be_open_by_mistake_does_not_start() {
    let start = |more: &[&str]| {
        let mut command = imagraph();
        command.args(["serve", "--listen", "0.0.0.0:0"]).args(more);
        command
    };
    let output = start(&[]).output().unwrap();
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), line.lines().count()), (Some(2), 1), "{line}");
    assert!(line.contains("IMAGRAPH_API_KEYS") && line.contains("--public"), "{line}");
    let mut by_variable = start(&[]);
    by_variable.env("IMAGRAPH_PUBLIC", "true");
    let mut with_keys = start(&[]);
    with_keys.env("IMAGRAPH_API_KEYS", "a_key");
    for command in [start(&["--public"]), by_variable, with_keys] {
        let (mut child, url) = serve(command);
        assert!(url.starts_with("http://0.0.0.0:"), "{url}");
        terminate(&child);
        child.wait().unwrap();
    }
}

#[test]
fn a_wrong_caller_is_one_line_that_names_it_and_no_key() {
    let caller = |more: &str| format!("[[callers]]\nname = \"web\"\n{more}\n");
    let key = "key = \"canary\"\n";
    let cases = [
        (caller(""), "key_sha256"),
        (caller(&format!("{key}key_sha256 = \"{HASH}\"")), "key_sha256"),
        (caller("key = \"\""), "empty"),
        (caller("key = \"canary\\n\""), "not text"),
        (caller("key_sha256 = \"canary\""), "64 hexadecimal digits"),
        (caller("key_sha256 = [\"canary\"]"), "key_sha256"),
        (caller(&format!("{key}requests_per_second = 0")), "requests_per_second"),
        (caller(&format!("{key}requests_per_second = 1000001")), "requests_per_second"),
        (caller(&format!("{key}burst = 5")), "requests_per_second"),
        (caller(&format!("{key}requests_per_second = 5\nburst = 0")), "burst"),
        (caller(&format!("{key}rights = []")), "rights"),
        (
            caller(&format!("{key}rights = [\"canary\"]")),
            "rights has to be one of `read`, `write`, `operate`",
        ),
        (caller(&format!("{key}account = \"shop\"")), "shop"),
        (caller(&format!("{key}limit = 1")), "limit"),
        (caller(key).replace("web", ""), "callers"),
        (caller(key) + &caller(key).replace("web", "jobs"), "jobs"),
        (caller(key) + &caller(key).replace("canary", "other"), "web"),
        (caller(key) + "[anonymous]\nrequests_per_second = 1\n", "anonymous"),
        (caller(key) + "[anonymous]\nrights = [\"read\"]\n", "anonymous"),
        ("[anonymous]\nrights = []\n".to_owned(), "anonymous.rights"),
        ("introspection = \"perhaps\"\n".to_owned(), "introspection"),
        ("public = \"on\"\n".to_owned(), "public"),
    ];
    for (settings, named) in cases {
        let file = written(&settings);
        refuses(imagraph().arg("serve").arg("--config").arg(file.path()), named);
    }
    for keys in [",", "canary,", "canary,canary", "canary\tcanary"] {
        refuses(imagraph().arg("serve").env("IMAGRAPH_API_KEYS", keys), "key");
    }
    let accounts = ["a", "b"].map(|name| {
        format!("[[accounts]]\nname = \"{name}\"\nprivate_key = \"{name}\"\ncaller_keys = [\"key_{name}\"]\n")
    });
    let file = written(&format!("upstream = \"imagekit\"\n{}", accounts.concat()));
    let mut command = imagraph();
    command.arg("serve").arg("--config").arg(file.path()).env("IMAGRAPH_API_KEYS", "canary");
    refuses(&mut command, "IMAGRAPH_API_KEYS");
    refuses(imagraph().arg("serve").env("IMAGRAPH_PUBLIC", "perhaps"), "public");
}

fn refuses(command: &mut std::process::Command, named: &str) {
    let output = command.output().unwrap();
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), line.lines().count()), (Some(2), 1), "{named}: {line}");
    assert!(line.contains(named) && !line.contains("canary"), "{named}: {line}");
}
