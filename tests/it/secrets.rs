//! Keys and signatures are in no sink, at any level: each is a canary that is looked for in all of them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use reqwest::blocking::Response;
use serde_json::json;

use crate::account::{Account, Play};
use crate::gateway::client;
use crate::process::Process;
use crate::redis_server::{RedisServer, until};
use crate::stub::Answer;
use crate::subscriptions::socket::Socket;

const PRIVATE_KEY: &str = "private_canary_91c7e2";
const CALLER_KEY: &str = "caller_canary_5d0b44";
const STRANGERS_KEY: &str = "stranger_canary_7a11f0";
const REDIS_PASSWORD: &str = "redis_canary_c3e8a9";
const SIGNATURE: &str = "signed_canary_20d6b1";

/// As each may be written, without what follows it in the same bytes.
fn spellings() -> Vec<String> {
    let keys = [PRIVATE_KEY, CALLER_KEY, STRANGERS_KEY, REDIS_PASSWORD, SIGNATURE];
    // As the user name of Basic authentication; the last sign depends on what follows.
    let encoded = |key: &&str| STANDARD_NO_PAD.encode(format!("{key}:")).trim_end_matches('=').to_owned();
    let cut = |text: String| text[..text.len() - 1].to_owned();
    keys.iter().map(ToString::to_string).chain(keys.iter().map(encoded).map(cut)).collect()
}

fn assert_clean(sink: &str, text: &str) {
    for secret in spellings() {
        assert_eq!(text.lines().find(|line| line.contains(&secret)), None, "{secret} in {sink}");
    }
}

/// An account that is as careless as it can be: it repeats what it is told, in refusals and redirects.
fn careless() -> Account {
    Account::start(|call, _| {
        let told = format!("{} {}", call.target, call.header("authorization").unwrap_or_default());
        Play::Now(match call.target.split('?').next().unwrap_or_default() {
            "/v1/files/denied/metadata" => Answer::status(403, json!({"message": told}).to_string()),
            "/v1/files/failing/metadata" => Answer::status(500, told),
            "/v1/files/garbled/metadata" => Answer::ok(told),
            "/v1/files/limited/metadata" => Answer::status(429, told).header("X-RateLimit-Reset", "60000"),
            "/v1/files/a/details" => {
                let host = call.header("host").unwrap_or_default();
                Answer::ok(json!({"url": format!("http://{host}/moved.png?ik-s={SIGNATURE}")}).to_string())
            }
            "/moved.png" => Answer::status(302, told)
                .header("Location", &format!("/elsewhere.png?X-Amz-Signature={SIGNATURE}&token={SIGNATURE}")),
            "/elsewhere.png" => Answer::ok(told),
            _ => Answer::ok(r#"{"width": 1, "hasTransparency": true}"#),
        })
    })
}

fn settings() -> String {
    format!(
        "upstream = \"imagekit\"\n[limits]\ndeadline_seconds = 2\n[[accounts]]\nname = \"shop\"\n\
         private_key = \"{PRIVATE_KEY}\"\n[[callers]]\nname = \"jobs\"\n\
         account = \"shop\"\nrights = [\"read\", \"operate\"]\nkey = \"{CALLER_KEY}\"\n"
    )
}

/// What a caller, a stranger and a careless client can ask, and all that they are answered.
fn ask_everything(gateway: &Process) -> String {
    let signed = |name: &str| format!("https://ik.imagekit.io/demo/a.jpg?{name}={SIGNATURE}");
    let query = format!(
        "{{ a: file(id: \"a\") {{ width isOpaque }} b: file(id: \"denied\") {{ width }} c: file(id: \"failing\") {{ width }}
           d: file(id: \"garbled\") {{ width }} e: remote(url: \"{}\") {{ width isOpaque }}
           f: remote(url: \"{}\") {{ width }} g: file(id: \"limited\") {{ width }} }}",
        signed("X-Amz-Signature"),
        signed("token"),
    );
    let post = |key: &str, body: String| {
        let request = client().post(format!("{}/graphql?token={SIGNATURE}", gateway.url)).bearer_auth(key);
        request.header("content-type", "application/json").body(body).send().expect("an answer")
    };
    let get = |path: &str| {
        let request = client().get(format!("{}{path}", gateway.url)).basic_auth(CALLER_KEY, Some(""));
        request.header("X-Request-Id", format!("id {SIGNATURE}")).send().expect("an answer")
    };
    let body = json!({"query": query}).to_string();
    let mut answers = vec![post(CALLER_KEY, body.clone()), post(STRANGERS_KEY, body)];
    answers.push(post(CALLER_KEY, format!("{{\"query\": {SIGNATURE}")));
    answers.push(post(CALLER_KEY, json!({"query": "{", "variables": {"a": SIGNATURE}}).to_string()));
    let url = signed("ik-s").replace('?', "%3F");
    let by_url = format!("/v1/metadata?url={url}");
    let denied = "/v1/files/denied/metadata";
    for path in [denied, &by_url, "/v1/files/garbled/details", "/metrics", "/health/ready"] {
        answers.push(get(path));
    }
    answers.push(get(&format!("/none?ik-s={SIGNATURE}")));
    answers.into_iter().map(whole).collect::<String>() + &no_http(gateway) + &said_over_websocket(gateway)
}

fn whole(answer: Response) -> String {
    let head = format!("{:?}\n", answer.headers());
    head + &answer.text().expect("text") + "\n"
}

/// What somebody is told who sends a key, and nonsense, over a WebSocket.
fn said_over_websocket(gateway: &Process) -> String {
    let address = gateway.url.trim_start_matches("http://").parse().expect("an address");
    let mut socket = Socket::to(address, &[]);
    socket.say(json!({"type": "connection_init", "payload": {"apiKey": CALLER_KEY}}));
    let acknowledged = socket.hear().to_string();
    socket.say(json!({"type": SIGNATURE}));
    acknowledged + &socket.closed().1
}

/// A head that is not HTTP, with a key in it.
fn no_http(gateway: &Process) -> String {
    let mut stream = TcpStream::connect(gateway.url.trim_start_matches("http://")).expect("a connection");
    stream
        .write_all(format!("GET / HTTP/1.1\r\nAuthorization {CALLER_KEY}\r\n\r\n").as_bytes())
        .expect("sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Everything that Redis is told, as `redis-cli monitor` has it, and what it keeps.
fn watched(redis: &RedisServer, told: impl FnOnce()) -> String {
    let mut monitor = Command::new("redis-cli");
    monitor.args(["-p", &redis.port.to_string(), "--no-auth-warning", "-a", REDIS_PASSWORD, "monitor"]);
    let mut monitor = monitor.stdout(Stdio::piped()).spawn().expect("redis-cli");
    until("it is watched", || redis.cli(&["CLIENT", "LIST"]).contains("cmd=monitor"));
    told();
    let keys = redis.cli(&["KEYS", "*"]);
    let kept: Vec<_> =
        keys.lines().filter(|key| key.contains(":metadata:")).map(|key| redis.cli(&["GET", key])).collect();
    assert!(!kept.is_empty(), "{keys}");
    monitor.kill().expect("it is ended");
    let output = monitor.wait_with_output().expect("its output");
    String::from_utf8_lossy(&output.stdout).into_owned() + &keys + &kept.join("\n")
}

fn is_in_no_sink(format: &str) {
    let (account, redis) = (careless(), RedisServer::with_password(REDIS_PASSWORD));
    let collector = Account::start(|_, _| Play::Now(Answer::ok("")));
    let redis_url = format!("redis://:{REDIS_PASSWORD}@127.0.0.1:{}", redis.port);
    let (url, endpoint, host) = (account.url(""), collector.url(""), account.address.to_string());
    let arguments =
        ["--imagekit-url", &url, "--otlp-endpoint", &endpoint, "--allow-host", &host, "--log-format", format];
    let environment = [("IMAGRAPH_LOG", "trace"), ("IMAGRAPH_REDIS", redis_url.as_str())];
    let (mut answers, mut logs) = (String::new(), String::new());
    let of_redis = watched(&redis, || {
        let gateway = Process::serve(&arguments, &environment, &settings());
        answers = ask_everything(&gateway);
        // Redis is not waited for where it is slow.
        until("something is kept", || {
            let url = format!("/v1/metadata?url=http://a/{}?ik-s={SIGNATURE}", fastrand::u64(..));
            let request = client().get(format!("{}{url}", gateway.url)).bearer_auth(CALLER_KEY);
            request.send().expect("an answer");
            redis.cli(&["KEYS", "*:metadata:*"]).contains("imagraph:")
        });
        logs = gateway.stop();
    });
    let traces: String =
        collector.calls().iter().map(|call| String::from_utf8_lossy(&call.body).into_owned()).collect();
    // Each sink was used, and each secret was.
    assert!(logs.lines().count() > 10 && logs.contains("look_up"), "{logs}");
    assert!(traces.contains("upstream_call") && traces.contains("fetch"), "{traces}");
    assert!(of_redis.contains("imagraph:"), "{of_redis}");
    assert!(answers.contains("UPSTREAM_UNAUTHORIZED") && answers.contains("UNAUTHENTICATED"), "{answers}");
    assert!(answers.contains("imagraph_http_requests_total"), "{answers}");
    let called: String = account.calls().iter().map(|call| format!("{call:?}\n")).collect();
    for told in [SIGNATURE, &spellings()[5]] {
        assert!(called.contains(told), "{told} {called}");
    }
    for (sink, text) in [("logs", &logs), ("answers", &answers), ("traces", &traces), ("Redis", &of_redis)] {
        assert_clean(sink, text);
    }
}

#[test]
fn a_secret_is_in_no_sink_with_logs_as_text() {
    is_in_no_sink("text");
}

#[test]
fn a_secret_is_in_no_sink_with_logs_as_json() {
    is_in_no_sink("json");
}

/// Run by the test below, as a process of its own: a panic hook is the process's.
#[test]
#[ignore = "is run by a_panic_says_where_and_not_what"]
fn panics_with_a_secret() {
    imagraph::telemetry::start(imagraph::config::LogFormat::Text, None).expect("logs");
    let panics = std::thread::spawn(|| panic!("{PRIVATE_KEY}"));
    assert!(panics.join().is_err());
}

#[test]
fn a_panic_says_where_and_not_what() {
    let mut test = Command::new(std::env::current_exe().expect("this test"));
    test.args(["--exact", "secrets::panics_with_a_secret", "--ignored", "--nocapture"]);
    let output = test.env_remove("IMAGRAPH_LOG").output().expect("it runs");
    assert!(output.status.success());
    let text = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("gave up") && text.contains("tests/it/secrets.rs"), "{text}");
    assert_clean("a panic", &text);
}
