//! The key of the account is in no log line and no answer, at any level.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::cli::imagraph;
use crate::gateway::client;
use crate::stub::{Answer, Stub};

const CANARY: &str = "private_canary_91c7e2";
/// `printf 'private_canary_91c7e2:' | base64`
const CANARY_BASE64: &str = "cHJpdmF0ZV9jYW5hcnlfOTFjN2UyO";

#[test]
fn the_private_key_is_in_no_log_line_and_no_answer() {
    let stub = Stub::start();
    stub.put("/v1/files/abc/metadata", Answer::ok("{\"width\": 1}"));
    stub.put("/v1/files/denied/metadata", Answer::status(403, CANARY));
    let mut child = imagraph()
        .args(["serve", "--listen", "127.0.0.1:0", "--upstream", "imagekit", "--imagekit-url", &stub.url("")])
        .env("IMAGEKIT_PRIVATE_KEY", CANARY)
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
    let url = seen.trim().trim_start_matches("listening on ").to_owned();
    let query = json!({"query": "{ a: file(id: \"abc\") { width } b: file(id: \"denied\") { width } }"});
    seen += &client().post(format!("{url}/graphql")).json(&query).send().unwrap().text().unwrap();
    for path in ["/v1/files/denied/metadata", "/health/ready", "/none?key=signed_canary"] {
        seen += &client().get(format!("{url}{path}")).send().unwrap().text().unwrap();
    }
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    stdout.read_to_string(&mut seen).unwrap();
    child.wait().unwrap();
    let logs = logs.join().unwrap();
    assert!(stub.asked().iter().all(|asked| asked.authorization.as_ref().unwrap().contains(CANARY_BASE64)));
    assert!(logs.lines().count() > 50, "the logs are at TRACE: {logs}");
    for sink in [&logs, &seen] {
        for secret in [CANARY, CANARY_BASE64, "signed_canary"] {
            let line = sink.lines().find(|line| line.contains(secret));
            assert_eq!(line, None);
        }
    }
}
