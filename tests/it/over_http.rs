//! GraphQL over HTTP: methods, media types, statuses, lists of requests, and what caches are told.

use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use flate2::read::GzDecoder;
use imagraph::config::{Config, Given};
use reqwest::Method;
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::gateway::{Gateway, client, pictures, take_cost};
use crate::redis_server::until;
use crate::stub::{Answer, Stub};

const JSON: &str = "application/json; charset=utf-8";
const NEWER: &str = "application/graphql-response+json; charset=utf-8";

fn gateway() -> Gateway {
    Gateway::over_pictures(&[])
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().expect("text"))
}

fn code(response: Response) -> Value {
    response.json::<Value>().expect("JSON")["errors"][0]["extensions"]["code"].take()
}

/// What is needed of npm, installed once.
pub fn node(script: &str, arguments: &[&str]) -> String {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http");
    INSTALLED.call_once(|| {
        let installed = Command::new("npm").args(["ci", "--silent"]).current_dir(&folder).status();
        assert!(installed.expect("npm").success());
    });
    let output = Command::new("node").arg(script).args(arguments).current_dir(folder).output().expect("node");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn all_audits_of_graphql_http_are_ok() {
    let printed = node("audits.js", &[&gateway().url("/graphql")]);
    let audits: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let missed: Vec<_> = audits.iter().filter(|audit| audit["status"] != "ok").collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert_eq!(audits.len(), 61);
}

#[test]
fn the_answers_media_type_is_the_one_accepted() {
    let gateway = gateway();
    let ask = |accept: &str, query: &str| {
        let request =
            client().post(gateway.url("/graphql")).header("accept", accept).json(&json!({"query": query}));
        let response = request.send().unwrap();
        (header(&response, "content-type").unwrap().to_owned(), response.status().as_u16())
    };
    let (json, newer) = ("application/json", "application/graphql-response+json");
    for (accept, query, media_type, status) in [
        (newer, "{ __typename }", NEWER, 200),
        (newer, "{ nothing }", NEWER, 400),
        (newer, "{", NEWER, 400),
        (json, "{ __typename }", JSON, 200),
        (json, "{ nothing }", JSON, 200),
        ("*/*", "{ __typename }", JSON, 200),
        // An image that fails is a part of an answer, not a bad request.
        (newer, "{ file(id: \"x\") { width } }", NEWER, 200),
        ("text/html", "{ __typename }", JSON, 406),
    ] {
        assert_eq!(ask(accept, query), (media_type.to_owned(), status), "{accept} {query}");
    }
}

#[test]
fn what_was_not_run_has_no_data_and_its_text_is_not_echoed() {
    let gateway = gateway();
    for query in
        ["{ file(id: \"secret\" ", "{ secret", "secret", "{ a } { \"secret\" }", "query { a(secret: }"]
    {
        let answer = gateway.answer(query, json!({}));
        assert_eq!(answer.get("data"), None, "{answer}");
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(
            message.starts_with("the document does not parse: ") && !message.contains("secret"),
            "{message}"
        );
        assert!(answer["errors"][0]["locations"][0]["line"].is_u64(), "{answer}");
    }
    assert_eq!(gateway.answer("{ nothing }", json!({})).get("data"), None);
    // A field that fails is null, and the rest is there.
    assert_eq!(gateway.answer("{ file(id: \"x\") { width } }", json!({}))["data"], json!({"file": null}));
}

#[test]
fn a_body_of_another_type_is_refused() {
    let gateway = gateway();
    let body = json!({"query": "{ __typename }"}).to_string();
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=iso-8859-1",
        "text/plain; application/json",
        "application/jsonp",
        "",
    ] {
        let response = gateway.post(media_type, body.clone());
        assert_eq!(response.status(), 415, "{media_type:?}");
        assert_eq!(code(response), "BAD_REQUEST");
    }
    for media_type in ["application/json; charset=UTF-8", "Application/JSON"] {
        assert_eq!(gateway.post(media_type, body.clone()).status(), 200, "{media_type}");
    }
}

#[test]
fn a_body_that_is_encoded_is_refused_with_what_would_do() {
    let gateway = gateway();
    let ask = |coding: &str| {
        let request = client().post(gateway.url("/graphql")).header("content-encoding", coding);
        request.json(&json!({"query": "{ __typename }"})).send().unwrap()
    };
    for coding in ["gzip", "br", "identity, gzip", "nonsense"] {
        let refused = ask(coding);
        assert_eq!((refused.status().as_u16(), header(&refused, "accept-encoding")), (415, Some("identity")));
        assert_eq!(code(refused), "BAD_REQUEST", "{coding}");
    }
    assert_eq!(ask("Identity").status(), 200);
}

#[test]
fn a_body_that_is_no_request_is_refused() {
    let gateway = gateway();
    for body in [
        "",
        "{",
        "[]",
        "[[\"{ __typename }\"]]",
        "1",
        "{}",
        "{\"query\": 1}",
        "{\"query\": null}",
        "{\"query\":\"{a}\",\"variables\":[1]}",
        "{\"query\":\"{a}\",\"extensions\":[{}]}",
        "{\"query\":\"{a}\",\"operationName\":{}}",
        "{\"query\":\"{a}\",\"documentId\":1}",
        "[{\"query\":\"{ __typename }\"}, 1]",
    ] {
        let response = gateway.post("application/json", body);
        assert_eq!(response.status(), 400, "{body:?}");
        assert_eq!(code(response), "BAD_REQUEST", "{body:?}");
    }
}

#[test]
fn other_methods_are_told_which_are_allowed() {
    let gateway = gateway();
    for method in ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PURGE"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let response = client().request(method.clone(), gateway.url("/graphql")).send().unwrap();
        assert_eq!(
            (response.status().as_u16(), header(&response, "allow")),
            (405, Some("GET, POST")),
            "{method}"
        );
    }
}

#[test]
fn what_can_only_be_read_tells_other_methods_so() {
    let gateway = gateway();
    let page = gateway.get("/").text().unwrap();
    let asset = page.split('"').find(|value| value.contains("assets/")).unwrap().trim_start_matches('.');
    for path in ["/", asset, "/schema.graphql", "/metrics", "/health/live", "/health/ready", "/v1/files"] {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "PURGE"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let response = client().request(method.clone(), gateway.url(path)).send().unwrap();
            let told = (response.status().as_u16(), header(&response, "allow"));
            assert_eq!(told, (405, Some("GET, HEAD")), "{method} {path}");
            assert_eq!(header(&response, "content-encoding"), None, "{method} {path}");
        }
        assert_eq!(client().head(gateway.url(path)).send().unwrap().status(), 200, "{path}");
    }
    assert_eq!(client().post(gateway.url("/none")).send().unwrap().status(), 404);
}

#[test]
fn a_get_runs_queries_and_no_mutation() {
    let gateway = gateway();
    let query = "query A($id: ID!) { file(id: $id) { width } } query B { __typename }";
    let variables = r#"{"id":"cG5nL3JnYi5wbmc"}"#;
    let answer = gateway.get_graphql(&[("query", query), ("variables", variables), ("operationName", "A")]);
    assert_eq!(answer.json::<Value>().unwrap(), json!({"data": {"file": {"width": 72}}}));
    let both = "query Q { __typename } mutation M { __typename }";
    for (query, name, status) in [
        ("mutation { __typename }", "", 405),
        ("mutation M { __typename }", "M", 405),
        (both, "M", 405),
        // Which one is meant is not said.
        (both, "", 405),
        (both, "Q", 200),
    ] {
        let response = gateway.get_graphql(&[("query", query), ("operationName", name)]);
        assert_eq!(response.status(), status, "{query} {name}");
        assert_eq!(header(&response, "allow"), (status == 405).then_some("POST"), "{query} {name}");
    }
}

#[test]
fn a_query_string_that_is_no_request_is_refused() {
    let gateway = gateway();
    for query_string in [
        "",
        "query",
        "Query=%7B__typename%7D",
        "query=%7B__typename%7D&query=%7B__typename%7D",
        "query=%7B__typename%7D&variables=1",
        "query=%7B__typename%7D&variables=%7B",
        "query=%7B__typename%7D&extensions=%5B%5D",
        "query=%7B__typename%7D&operationName=%ff",
    ] {
        let url = gateway.url(&format!("/graphql?{query_string}"));
        let response =
            client().get(url).header("accept", "application/graphql-response+json").send().unwrap();
        assert_eq!(response.status(), 400, "{query_string}");
        assert_eq!(code(response), "BAD_REQUEST", "{query_string}");
    }
    let long = "x".repeat(9 << 10);
    assert_eq!(gateway.get_graphql(&[("query", &format!("{{ __typename }} # {long}"))]).status(), 414);
}

#[test]
fn a_list_of_requests_is_answered_in_its_order_from_one_look_up() {
    let stub = Stub::start();
    stub.put("/a.png", Answer::ok(std::fs::read(pictures().join("png/rgb.png")).unwrap()));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let url = json!(stub.url("/a.png"));
    let queries = [
        format!("{{ remote(url: {url}) {{ width }} }}"),
        "{ nothing }".to_owned(),
        format!("{{ remote(url: {url}) {{ pHash }} }}"),
        format!("query($url: Url!) {{ remote(url: $url) {{ height }} }} # {}", "x".repeat(20)),
    ];
    let body: Vec<_> =
        queries.iter().map(|query| json!({"query": query, "variables": {"url": url}})).collect();
    let response = gateway.post("application/json", json!(body).to_string());
    assert_eq!(response.status(), 200);
    let mut answers: Vec<Value> = response.json().unwrap();
    let costs: Vec<_> = answers.iter_mut().map(take_cost).collect();
    assert_eq!(answers.len(), 4);
    assert_eq!(answers[0], json!({"data": {"remote": {"width": 72}}}));
    assert_eq!(answers[1]["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    assert_eq!(answers[2]["data"]["remote"]["pHash"].as_str().map(str::len), Some(16));
    assert_eq!(answers[3], json!({"data": {"remote": {"height": 54}}}));
    assert_eq!(stub.asked().len(), 1);
    // What all of them took together.
    assert!(costs.iter().all(|cost| cost["images"] == 1 && cost["upstreamCalls"] == 1), "{costs:?}");
    let one = gateway.post("application/json", json!([body[0]]).to_string());
    assert_eq!(one.json::<Value>().unwrap()[0]["data"]["remote"]["width"], 72);
}

#[test]
fn an_answer_is_kept_as_long_as_it_is_fresh() {
    let stub = Stub::start();
    let picture = std::fs::read(pictures().join("png/rgb.png")).unwrap();
    stub.put("/a.png", Answer::ok(picture.clone()));
    stub.put("/private.png", Answer::ok(picture).header("cache-control", "no-store"));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let remote = |path: &str| format!("{{ remote(url: {}) {{ width }} }}", json!(stub.url(path)));
    let ask = |query: &str| gateway.get_graphql(&[("query", query)]);
    let caching = |response: &Response| header(response, "cache-control").unwrap().to_owned();

    assert_eq!(caching(&ask("{ __typename }")), "public, max-age=60");
    let kept = ask(&remote("/a.png"));
    let age: u64 = caching(&kept).strip_prefix("public, max-age=").unwrap().parse().unwrap();
    assert!((40..=60).contains(&age), "{age}");
    for depends_on in ["Accept", "Accept-Encoding", "Authorization", "X-API-Key", "Origin"] {
        let vary = header(&kept, "vary").unwrap();
        assert!(vary.split(", ").any(|name| name == depends_on), "{depends_on}: {vary}");
    }
    // What it cost is not what it costs whoever is given the copy.
    assert_eq!(kept.json::<Value>().unwrap(), json!({"data": {"remote": {"width": 72}}}));
    // A file of the library may change at any moment.
    assert_eq!(caching(&ask("{ file(id: \"cG5nL3JnYi5wbmc\") { width } }")), "public, max-age=1");

    for query in [&remote("/private.png"), &remote("/none.png"), "{ nothing }", "{"] {
        let response = ask(query);
        assert_eq!(caching(&response), "no-store", "{query}");
        assert_eq!(header(&response, "etag"), None, "{query}");
        assert!(response.json::<Value>().unwrap()["extensions"]["cost"].is_object(), "{query}");
    }
    let posted = gateway.post("application/json", json!({"query": "{ __typename }"}).to_string());
    assert_eq!((header(&posted, "cache-control"), header(&posted, "etag")), (None, None));
}

#[test]
fn an_answer_of_old_is_not_kept() {
    let stub = Stub::start();
    stub.put("/a.png", Answer::ok(std::fs::read(pictures().join("png/rgb.png")).unwrap()));
    let given = Given { allow_hosts: vec![stub.address.to_string()], ..Given::default() };
    let mut config = Config::load(given).unwrap();
    config.cache.ttl = Duration::from_millis(50);
    let gateway = Gateway::with(config);
    let query = format!("{{ remote(url: {}) {{ width }} }}", json!(stub.url("/a.png")));
    let ask = || gateway.get_graphql(&[("query", &query)]);
    assert_eq!(header(&ask(), "cache-control"), Some("public, max-age=1"));
    stub.put("/a.png", Answer::status(503, ""));
    until("an old answer is told", || {
        let response = ask();
        let caching = header(&response, "cache-control").map(str::to_owned);
        let is_stale = response.json::<Value>().unwrap()["extensions"]["stale"].is_array();
        assert!(!is_stale || caching.as_deref() == Some("no-store"), "{caching:?}");
        is_stale
    });
}

#[test]
fn an_answer_is_not_sent_again_to_who_has_it() {
    let gateway = gateway();
    let url = gateway.query_url(&[("query", "{ __schema { types { name description } } }")]);
    let ask = |headers: &[(&str, &str)]| {
        let request =
            headers.iter().fold(client().get(&url), |request, (name, value)| request.header(*name, *value));
        request.send().unwrap()
    };
    let whole = ask(&[]);
    let tag = header(&whole, "etag").unwrap().to_owned();
    assert!(tag.starts_with('"'), "a strong one: {tag}");
    for known in [tag.clone(), format!("\"other\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
        let response = ask(&[("if-none-match", &known)]);
        assert_eq!(
            (response.status().as_u16(), header(&response, "etag")),
            (304, Some(tag.as_str())),
            "{known}"
        );
        assert_eq!(header(&response, "cache-control"), Some("public, max-age=60"));
        assert!(header(&response, "vary").is_some() && response.bytes().unwrap().is_empty());
    }
    assert_eq!(ask(&[("if-none-match", "\"other\"")]).status(), 200);
    // Other bytes, another validator.
    let packed = ask(&[("accept-encoding", "gzip"), ("if-none-match", &tag)]);
    assert_eq!((packed.status().as_u16(), header(&packed, "content-encoding")), (200, Some("gzip")));
    let tag_of_packed = header(&packed, "etag").unwrap().to_owned();
    assert_ne!(tag_of_packed, tag);
    let again = ask(&[("accept-encoding", "gzip"), ("if-none-match", &tag_of_packed)]);
    assert_eq!((again.status().as_u16(), header(&again, "content-encoding")), (304, None));
}

#[test]
fn answers_are_compressed_where_that_makes_them_shorter() {
    let gateway = gateway();
    let ask = |encodings: &str, query: &str| {
        let request = client().post(gateway.url("/graphql")).header("accept-encoding", encodings);
        request.json(&json!({"query": query})).send().unwrap()
    };
    let long = "{ __schema { types { name description } } }";
    let plain = ask("identity", long);
    assert_eq!(header(&plain, "content-encoding"), None);
    let plain: Value = plain.json().unwrap();
    let packed = ask("gzip", long);
    assert_eq!(header(&packed, "content-encoding"), Some("gzip"));
    assert!(header(&packed, "vary").unwrap().contains("Accept-Encoding"));
    let mut unpacked = String::new();
    GzDecoder::new(&packed.bytes().unwrap()[..]).read_to_string(&mut unpacked).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&unpacked).unwrap(), plain);
    assert_eq!(header(&ask("gzip, br", long), "content-encoding"), Some("br"));
    // Whom nothing will do is sent it as it is: RFC 9110, 12.5.3.
    for nothing in ["identity;q=0", "*;q=0", "deflate, identity;q=0"] {
        let plain = ask(nothing, long);
        assert_eq!((plain.status().as_u16(), header(&plain, "content-encoding")), (200, None), "{nothing}");
    }
    assert_eq!(header(&ask("gzip, br", "{ __typename }"), "content-encoding"), None);
}
