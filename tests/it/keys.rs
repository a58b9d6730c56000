//! Callers' keys, in every form they are sent in, are in no log line and no answer, at any level.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imagraph::config::{Config, Given};
use serde_json::json;

use crate::cli::{imagraph, terminate};
use crate::gateway::client;

/// What `serve` writes while it is asked: its logs at TRACE, and what it prints with what it answers.
fn sinks(mut serve: Command, ask: impl FnOnce(&str) -> String) -> [String; 2] {
    let mut child = serve
        .args(["--listen", "127.0.0.1:0"])
        .env("IMAGRAPH_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut stderr = child.stderr.take().unwrap();
    let logs = std::thread::spawn(move || {
        let mut logs = String::new();
        stderr.read_to_string(&mut logs).map(|_| logs).unwrap()
    });
    let mut seen = String::new();
    stdout.read_line(&mut seen).unwrap();
    seen += &ask(seen.trim().trim_start_matches("listening on "));
    terminate(&child);
    stdout.read_to_string(&mut seen).unwrap();
    child.wait().unwrap();
    let logs = logs.join().unwrap();
    assert!(logs.lines().count() > 10, "the logs are at TRACE: {logs}");
    [logs, seen]
}

/// As a user name of Basic authentication, whatever follows it.
fn encoded(key: &str) -> String {
    let whole = key.len() / 3 * 3;
    STANDARD.encode(&key[..whole])
}

fn assert_absent(sink: &str, secret: &str) {
    let line = sink.lines().find(|line| line.contains(secret));
    assert_eq!(line, None);
}

/// `printf hashed_canary_5f | sha256sum`
const HASH: &str = "4ba1e0de93f8edb31ece02b48e3168d21c20a47f50c026936088625c4e68f5b8";
const KEYS: [&str; 5] =
    ["plain_canary_77", "hashed_canary_5f", "listed_canary_3a", "another_canary_", "wrong_canary_e4"];

fn settings() -> String {
    let rate = "requests_per_second = 1\nburst = 5\n";
    format!(
        "[[callers]]\nname = \"a\"\nkey = \"{}\"\n{rate}[[callers]]\nname = \"b\"\nkey_sha256 = \"{HASH}\"\n",
        KEYS[0]
    )
}

#[test]
fn callers_keys_are_in_no_log_line_and_no_answer() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, settings()).unwrap();
    let mut serve = imagraph();
    serve.args(["serve", "--config"]).arg(file.path());
    serve.env("IMAGRAPH_API_KEYS", KEYS[2..4].join(","));
    let mut statuses = Vec::new();
    let sinks = sinks(serve, |url| {
        let mut seen = String::new();
        for key in KEYS {
            let basic = format!("Basic {}", STANDARD.encode(format!("{key}:")));
            let forms = [("authorization", format!("Bearer {key}")), ("authorization", basic)];
            let bare = [("authorization", format!("Basic {key}")), ("x-api-key", key.to_owned())];
            for (name, value) in forms.into_iter().chain(bare) {
                let query = client().post(format!("{url}/graphql")).json(&json!({"query": "{ __typename }"}));
                let list = client().get(format!("{url}/v1/files"));
                for request in [query, list] {
                    let answer = request.header(name, &value).send().unwrap();
                    statuses.push(answer.status().as_u16());
                    seen += &format!("{:?}", answer.headers());
                    seen += &answer.text().unwrap();
                }
            }
        }
        seen
    });
    for status in [200, 401, 403, 429] {
        assert!(statuses.contains(&status), "{statuses:?}");
    }
    for sink in &sinks {
        for key in KEYS {
            assert_absent(sink, key);
            assert_absent(sink, &encoded(key));
        }
        assert_absent(sink, HASH);
    }
}

#[test]
fn settings_that_are_printed_show_no_key() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let account = "[[accounts]]\nname = \"shop\"\nprivate_key = \"private_canary\"\ncaller_keys = [\"caller_canary\"]\n";
    let imagekit = "[imagekit]\nprivate_key = \"own_canary\"\n";
    let settings = format!("upstream = \"imagekit\"\n{imagekit}{account}{}", settings());
    fs::write(&file, settings).unwrap();
    let config = Config::load(Given { config: Some(file.path().to_owned()), ..Given::default() }).unwrap();
    let printed = format!("{config:?}");
    assert!(printed.contains("shop"), "{printed}");
    assert!(!printed.contains("canary") && !printed.contains(HASH), "{printed}");
}
