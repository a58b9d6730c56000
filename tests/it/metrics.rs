//! `/metrics`: what is counted, and that `docs/operating.md` describes it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::json;

use crate::account::{Account, Play};
use crate::gateway::{client, pictures};
use crate::process::Process;
use crate::redis_server::{RedisServer, until};
use crate::stub::{Answer, Stub};
use crate::subscriptions::socket::Socket;
use crate::upstream::image;

const LIBRARY: &str = "tests/images";
const PICTURE: &str = "cG5nL3JnYi5wbmc";

fn engine(stub: &Stub) -> Process {
    Process::serve(&["--library", LIBRARY, "--allow-host", &stub.address.to_string()], &[], "")
}

/// The value of a sample, by its name without the prefix, and its labels.
fn sample(text: &str, sample: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("imagraph_{sample} ")));
    line.unwrap_or_else(|| panic!("{sample}\n{text}")).parse().expect("a number")
}

fn metrics(gateway: &Process) -> String {
    let answer = gateway.get("/metrics");
    let media_type = answer.headers()["content-type"].to_str().expect("text");
    assert_eq!(media_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    answer.text().expect("text")
}

#[test]
fn requests_looks_calls_bytes_and_decodes_are_counted_once() {
    let stub = Stub::start();
    let picture = fs::read(pictures().join("png/rgb.png")).expect("a picture");
    stub.put("/a.png", Answer::ok(picture.clone()));
    let gateway = engine(&stub);
    let remote = format!("remote(url: \"{}\") {{ pHash }}", stub.url("/a.png"));
    let files = format!("file(id: \"{PICTURE}\") {{ width }} lost: file(id: \"bm9uZQ\") {{ width }}");
    gateway.answer(&format!("{{ {remote} {files} }}"));
    gateway.answer(&format!("{{ {remote} }}"));
    gateway.get("/v1/files/bm9uZTI/metadata?url=x");
    gateway.get("/none/such?key=x");
    let text = metrics(&gateway);
    let expected = [
        ("http_requests_total{route=\"/graphql\",method=\"POST\",status=\"2xx\"}", 2),
        ("http_requests_total{route=\"/v1/files/{id}/metadata\",method=\"GET\",status=\"4xx\"}", 1),
        ("http_requests_total{route=\"other\",method=\"GET\",status=\"4xx\"}", 1),
        ("http_request_duration_seconds_count{route=\"/graphql\"}", 2),
        ("graphql_errors_total{code=\"NOT_FOUND\"}", 1),
        ("graphql_images_total", 4),
        ("cache_lookups_total{tier=\"memory\",result=\"miss\"}", 4),
        ("cache_lookups_total{tier=\"memory\",result=\"hit\"}", 1),
        ("upstream_calls_total{endpoint=\"remote\",outcome=\"2xx\"}", 1),
        ("upstream_call_duration_seconds_count{endpoint=\"remote\"}", 1),
        ("fetched_bytes_total", picture.len()),
        ("decode_duration_seconds_count", 1),
        ("permits_taken{pool=\"decodes\"}", 0),
    ];
    for (name, count) in expected {
        assert_eq!(sample(&text, name), count as f64, "{name}\n{text}");
    }
    assert!(!text.contains("none/such") && !text.contains("bm9uZQ"), "{text}");
}

#[test]
fn errors_of_answers_in_parts_are_counted_as_those_of_others() {
    let gateway = Process::serve(&["--library", LIBRARY], &[], "");
    let lost = "subscription { images(of: [{file: \"bm9uZQ\"}]) { error { code } } }";
    let over_events = |query: &str| {
        let request = client().post(format!("{}/graphql", gateway.url)).header("accept", "text/event-stream");
        request.json(&json!({"query": query})).send().expect("an answer").text().expect("text")
    };
    assert!(over_events(lost).contains("NOT_FOUND"));
    assert!(over_events("{ nothing }").contains("BAD_REQUEST"));
    let address = gateway.url.trim_start_matches("http://").parse().expect("an address");
    let mut socket = Socket::to(address, &[]);
    socket.say(json!({"type": "connection_init"}));
    assert_eq!(socket.hear()["type"], "connection_ack");
    socket.subscribe("1", lost, json!({}));
    assert_eq!(socket.hear_all("1").len(), 1);
    socket.subscribe("2", "{ nothing }", json!({}));
    assert_eq!(socket.hear()["type"], "error");
    let text = metrics(&gateway);
    for code in ["NOT_FOUND", "BAD_REQUEST"] {
        assert_eq!(sample(&text, &format!("graphql_errors_total{{code=\"{code}\"}}")), 2.0, "{code}\n{text}");
    }
    assert_eq!(sample(&text, "permits_taken{pool=\"connections\"}"), 1.0);
    assert_eq!(sample(&text, "permits_taken{pool=\"strangers\"}"), 0.0);
}

#[test]
fn keys_that_are_guessed_over_websockets_are_counted() {
    let caller = "[[callers]]\nname = \"watch\"\nkey = \"watch\"\nrights = [\"operate\"]\n";
    let gateway = Process::serve(&[], &[], caller);
    let address = gateway.url.trim_start_matches("http://").parse().expect("an address");
    for key in ["wrong", "watch", "other"] {
        let mut socket = Socket::to(address, &[]);
        socket.say(json!({"type": "connection_init", "payload": {"apiKey": key}}));
        assert_eq!(socket.closed().0, 4403);
    }
    let answer = client().get(format!("{}/metrics", gateway.url)).bearer_auth("watch").send();
    let text = answer.expect("an answer").text().expect("text");
    assert_eq!(sample(&text, "graphql_errors_total{code=\"UNAUTHENTICATED\"}"), 2.0, "{text}");
    assert_eq!(sample(&text, "graphql_errors_total{code=\"FORBIDDEN\"}"), 1.0, "{text}");
}

#[test]
fn every_route_has_its_pattern_for_a_label() {
    let gateway = Process::serve(&[], &[], "");
    let routes = [
        ("/", "/"),
        ("/graphql", "/graphql"),
        ("/schema.graphql", "/schema.graphql"),
        ("/v1/metadata?url=a", "/v1/metadata"),
        ("/v1/files/?limit=1", "/v1/files"),
        ("/v1/files/secret/metadata", "/v1/files/{id}/metadata"),
        ("/v1/files/secret/details", "/v1/files/{id}/details"),
        ("/health/live", "/health/live"),
        ("/health/ready", "/health/ready"),
        ("/metrics", "/metrics"),
        ("/v1/none", "other"),
    ];
    for (path, _) in routes {
        gateway.get(path);
    }
    let text = metrics(&gateway);
    for (path, route) in routes {
        let name = format!("http_request_duration_seconds_count{{route=\"{route}\"}}");
        assert_eq!(sample(&text, &name), 1.0, "{path}\n{text}");
    }
}

#[test]
fn what_is_taken_and_waited_for_is_seen_while_it_is() {
    let account = Account::start(|_, _| Play::Held(image()));
    let arguments = ["--allow-host", &account.address.to_string()];
    let gateway = Process::serve(&arguments, &[], "[limits]\nconcurrent_loads = 2\n");
    std::thread::scope(|scope| {
        for n in 0..5 {
            let query = format!("{{ remote(url: \"{}\") {{ width }} }}", account.url(&format!("/{n}")));
            let gateway = &gateway;
            scope.spawn(move || gateway.answer(&query));
        }
        until("two load and three wait", || {
            let text = metrics(&gateway);
            let of = |name: &str| sample(&text, &format!("permits_{name}{{pool=\"remote_loads\"}}"));
            (of("taken"), of("waiting")) == (2.0, 3.0)
        });
        account.release();
    });
    let text = metrics(&gateway);
    assert_eq!(sample(&text, "permits_taken{pool=\"remote_loads\"}"), 0.0);
    assert_eq!(sample(&text, "permits_waiting{pool=\"remote_loads\"}"), 0.0);
}

#[test]
fn an_upstream_that_fails_is_counted_by_how_it_fails() {
    let account = Account::start(|call, _| match call.target.as_str() {
        "/v1/files/limited/metadata" => {
            Play::Now(Answer::status(429, "{}").header("X-RateLimit-Reset", "60000"))
        }
        "/v1/files/hanging/metadata" => Play::Never,
        "/v1/files/gone/metadata" => Play::Now(Answer::status(404, "{}")),
        _ => Play::Now(Answer::status(503, "{}")),
    });
    let (url, redis) = (account.url(""), RedisServer::start());
    let arguments = ["--upstream", "imagekit", "--imagekit-url", &url, "--redis", &redis.url()];
    let key = [("IMAGEKIT_PRIVATE_KEY", "private")];
    let gateway = Process::serve(&arguments, &key, "[limits]\ndeadline_seconds = 1\n");
    for file in ["gone", "failing", "hanging", "limited", "late"] {
        gateway.answer(&format!("{{ file(id: \"{file}\") {{ width }} }}"));
    }
    let text = metrics(&gateway);
    let of =
        |outcome| sample(&text, &format!("upstream_calls_total{{endpoint=\"files\",outcome=\"{outcome}\"}}"));
    assert_eq!((of("4xx"), of("rate_limited"), of("no_turn")), (1.0, 1.0, 2.0), "{text}");
    assert!(of("5xx") >= 1.0 && of("timeout") >= 1.0, "{text}");
    assert_eq!(sample(&text, "upstream_turns_waiting{endpoint=\"files\"}"), 0.0);
    assert_eq!(sample(&text, "redis_up"), 1.0);
    assert!(sample(&text, "redis_commands_total{outcome=\"answered\"}") >= 5.0);
    assert!(sample(&text, "cache_lookups_total{tier=\"redis\",result=\"miss\"}") >= 5.0);
    drop(redis);
    until("Redis is lost", || {
        gateway.answer("{ file(id: \"another\") { width } }");
        sample(&metrics(&gateway), "redis_up") == 0.0
    });
}

#[test]
fn every_metric_is_described_and_every_description_is_served() {
    let gateway = Process::serve(&[], &[], "");
    let served: BTreeSet<_> = metrics(&gateway).lines().filter_map(of_type).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md");
    let text = fs::read_to_string(path).expect("docs/operating.md");
    let described: BTreeSet<_> = text.lines().filter_map(of_row).collect();
    assert!(served.len() >= 15, "{served:?}");
    assert_eq!(served, described);
}

/// `# TYPE name counter`: as Prometheus has it.
fn of_type(line: &str) -> Option<String> {
    let (name, kind) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
    let suffix = match kind {
        "counter" => "_total",
        "info" => "_info",
        _ => "",
    };
    Some(format!("{name}{suffix}"))
}

/// `| `name` | ...`
fn of_row(line: &str) -> Option<String> {
    let (name, _) = line.strip_prefix("| `imagraph_")?.split_once('`')?;
    Some(format!("imagraph_{name}"))
}
