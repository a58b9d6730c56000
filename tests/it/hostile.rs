//! What strangers send to kill a gateway: each is refused in every way it can be sent, nobody else is asked for it, and
//! the same process answers the next request.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::gateway::{Gateway, client};
use crate::stub::Stub;

/// Bytes of a URL that a client sends at all.
const LONGEST_URL: usize = 60_000;
const NEWER: &str = "application/graphql-response+json";

/// Documents with their variables, which a server without bounds dies of or works hours for.
fn documents(stub: &Stub) -> Vec<(&'static str, String, Value)> {
    let url = |n: usize| stub.url(&format!("/{n}.jpg"));
    let fan_out: String =
        (0..24).map(|n| format!("fragment f{n} on Query{{...f{0} ...f{0}}}", n + 1)).collect();
    let unused: String = (0..5_000).map(|n| format!("fragment f{n} on Query{{a}}")).collect();
    let often: String = (0..100).map(|n| format!("a{n}:file(id:$f){{id}}")).collect();
    let aliases: String = (0..100).map(|n| format!("a{n}:remote(url:{}){{width}}", json!(url(n)))).collect();
    let compared: String = (0..3).map(|n| format!("a{n}: images(of: $of) {{ pHash }} ")).collect();
    let of: Vec<_> = (0..1_000).map(|n| json!({"url": url(n)})).collect();
    vec![
        ("list nested", format!("{{file(id:{}", "[".repeat(1_400)), json!({})),
        ("object nested", format!("{{file(id:{}", "{a:".repeat(1_400)), json!({})),
        ("selection nested", "{a".repeat(1_400), json!({})),
        ("fan-out", format!("{{...f0}}{fan_out}fragment f24 on Query{{__typename}}"), json!({})),
        ("fan-out to nothing", format!("{{...f0}}{fan_out}"), json!({})),
        ("a long value, often", format!("query($f:ID!){{{often}}}"), json!({"f": "a".repeat(100_000)})),
        ("a name of a variable's", "{__typename}".to_owned(), json!({"a": {"b".repeat(100_000): 1}})),
        ("a long name", format!("{{{}}}", "a".repeat(60_000)), json!({})),
        ("a long number", format!("{{file(id:{}){{id}}}}", "1".repeat(60_000)), json!({})),
        ("a long comment", format!("#{}\n{{__typename}}", "a".repeat(200_000)), json!({})),
        ("a string without an end", format!("{{file(id:\"{}", "a".repeat(60_000)), json!({})),
        ("values", "{__typename}".to_owned(), json!({"a": vec![json!([[[]]]); 20_000]})),
        ("a directive of __typename", "{__typename @a}".to_owned(), json!({})),
        ("directives", format!("{{__typename {}}}", "@a ".repeat(50_000)), json!({})),
        ("fragments", format!("{{__typename}}{unused}"), json!({})),
        ("aliases", format!("{{{aliases}}}"), json!({})),
        ("comparisons", format!("query($of:[ImageInput!]!){{{compared}}}"), json!({"of": of})),
    ]
}

fn refused(response: Response, statuses: &[u16], what: &str) {
    let status = response.status().as_u16();
    assert!(statuses.contains(&status), "{what}: {status}");
    let answer: Value = response.json().unwrap_or_else(|_| panic!("{what}: no JSON"));
    assert!(answer["errors"][0]["extensions"]["code"].is_string(), "{what}: {answer}");
    assert_eq!(answer.get("data"), None, "{what}");
}

fn post(gateway: &Gateway, body: impl Into<Vec<u8>>) -> Response {
    let request = client().post(gateway.url("/graphql")).header("accept", NEWER);
    request.header("content-type", "application/json").body(body.into()).send().expect("an answer")
}

fn get(gateway: &Gateway, parameters: &[(&str, &str)]) -> Response {
    client().get(gateway.query_url(parameters)).header("accept", NEWER).send().expect("an answer")
}

#[test]
fn documents_are_refused_by_post_by_get_and_in_a_list() {
    let stub = Stub::start();
    let gateway = Gateway::over_pictures(&[stub.address]);
    for (what, query, variables) in documents(&stub) {
        let request = json!({"query": query, "variables": variables});
        refused(post(&gateway, request.to_string()), &[400], what);
        let list = json!([{"query": "{ __typename }"}, request]);
        refused(post(&gateway, list.to_string()), &[400], what);
        // What is too long for a query string is refused for that.
        let by_get = [("query", query.as_str()), ("variables", &variables.to_string())];
        if gateway.query_url(&by_get).len() < LONGEST_URL {
            refused(get(&gateway, &by_get), &[400, 414], what);
        }
    }
    assert_eq!(stub.asked().len(), 0);
    assert_eq!(gateway.data("{ __typename }"), json!({"__typename": "Query"}));
}

#[test]
fn what_one_request_may_not_ask_a_list_may_not_either() {
    let stub = Stub::start();
    let gateway = Gateway::over_pictures(&[stub.address]);
    let introspection = "{ __schema { types { fields { type { fields { name type { name } } } } } } }";
    let lists = [
        ("1,000 requests", vec!["{ __typename }".to_owned(); 1_000]),
        ("11 requests", vec!["{ __typename }".to_owned(); 11]),
        ("schema in full", vec![introspection.to_owned(); 10]),
        ("70 URLs", urls(&stub, 7)),
    ];
    for (what, queries) in lists {
        let body: Vec<_> = queries.iter().map(|query| json!({"query": query})).collect();
        let response = post(&gateway, json!(body).to_string());
        assert_eq!(response.status(), 400, "{what}");
        let answer: Value = response.json().unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "QUERY_TOO_COSTLY", "{what}: {answer}");
    }
    assert_eq!(stub.asked().len(), 0);
    let body: Vec<_> = urls(&stub, 6).iter().map(|query| json!({"query": query})).collect();
    assert_eq!(
        post(&gateway, json!(body).to_string()).json::<Value>().unwrap().as_array().map(Vec::len),
        Some(10)
    );
    assert!(stub.asked().len() >= 60);
}

/// Ten requests that name so many URLs each.
fn urls(stub: &Stub, each: usize) -> Vec<String> {
    let field =
        |n: usize| format!("a{n}: remote(url: {}) {{ width }} ", json!(stub.url(&format!("/{n}.jpg"))));
    let query = |n: usize| format!("{{ {} }}", (n * each..(n + 1) * each).map(field).collect::<String>());
    (0..10).map(query).collect()
}

#[test]
fn bytes_that_are_no_request_are_refused() {
    let gateway = Gateway::over_pictures(&[]);
    let nested = |depth: usize| format!("{}{}", "{\"a\":".repeat(depth) + "1", "}".repeat(depth));
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("variables nested", format!("{{\"query\":\"{{a}}\",\"variables\":{}}}", nested(130)).into()),
        ("extensions nested", format!("{{\"query\":\"{{a}}\",\"extensions\":{}}}", nested(20_000)).into()),
        ("a list nested", "[".repeat(200_000).into()),
        ("no UTF-8", b"{\"query\":\"{ __typename \xff }\"}".to_vec()),
        ("half a surrogate", br#"{"query":"{ a(b: \"\ud800\") }"}"#.to_vec()),
        ("NUL in a string", b"{\"query\":\"{ __typename \0 }\"}".to_vec()),
        ("NUL behind", b"{\"query\":\"{ __typename }\"}\0".to_vec()),
        ("BOM", b"\xef\xbb\xbf{\"query\":\"{ __typename }\"}".to_vec()),
        ("UTF-16", "{\"query\":\"{a}\"}".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("a name twice", br#"{"query":"{ __typename }","query":"{ __schema { types { name } } }"}"#.to_vec()),
        ("a variable twice", br#"{"query":"{ __typename }","variables":{"a":1,"a":2}}"#.to_vec()),
        ("a number too large", br#"{"query":"{ __typename }","variables":{"a":1e999}}"#.to_vec()),
    ];
    for (what, body) in bodies {
        let list = [b"[".as_slice(), &body, b"]"].concat();
        refused(post(&gateway, body), &[400], what);
        refused(post(&gateway, list), &[400], what);
    }
    // That is JSON, and a document that does not parse.
    refused(post(&gateway, br#"{"query":"{ __typename \u0000 }"}"#), &[400], "NUL in a document");
    for query_string in [
        "query=%7B__typename%ff%7D".to_owned(),
        "query=%7B__typename%00%7D".to_owned(),
        "query=%7B__typename%7D&variables=%ef%bb%bf%7B%7D".to_owned(),
        "query=%7B__typename%7D&variables=%7B%22a%22:1,%22a%22:2%7D".to_owned(),
        format!("query=%7B__typename%7D&variables={}", nested(130).replace('{', "%7B").replace('"', "%22")),
    ] {
        let url = gateway.url(&format!("/graphql?{query_string}"));
        let response = client().get(url).header("accept", NEWER).send().unwrap();
        refused(response, &[400], &query_string);
    }
    assert_eq!(gateway.data("{ __typename }"), json!({"__typename": "Query"}));
}

/// A connection on which a request with a body begins, and with this header.
fn begin(gateway: &Gateway, header: &str) -> TcpStream {
    let mut stream = TcpStream::connect(gateway.address).unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{header}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn status(stream: &mut TcpStream) -> String {
    let mut line = vec![0; "HTTP/1.1 200".len()];
    stream.read_exact(&mut line).unwrap();
    String::from_utf8(line).unwrap()
}

#[test]
fn a_body_that_is_going_to_be_too_long_is_refused_before_it_comes() {
    let gateway = Gateway::over_pictures(&[]);
    assert_eq!(status(&mut begin(&gateway, "Content-Length: 104857600")), "HTTP/1.1 413");
}

#[test]
fn a_body_without_end_is_refused_at_the_limit() {
    let gateway = Gateway::over_pictures(&[]);
    let mut stream = begin(&gateway, "Transfer-Encoding: chunked");
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 64 << 10], b"\r\n"].concat();
    // A little more than the limit: the answer does not wait for the rest.
    (0..5).for_each(|_| drop(stream.write_all(&chunk)));
    assert_eq!(status(&mut stream), "HTTP/1.1 413");
    // Nor is it read for long what goes on being sent.
    let start = Instant::now();
    let error = loop {
        if let Err(error) = stream.write_all(&chunk) {
            break error.kind();
        }
        assert!(start.elapsed() < Duration::from_secs(10), "it goes on reading");
    };
    assert!(matches!(error, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error:?}");
    assert_eq!(gateway.data("{ __typename }"), json!({"__typename": "Query"}));
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let gateway = Gateway::over_pictures(&[]);
    let start = Instant::now();
    assert_eq!(status(&mut begin(&gateway, "Content-Length: 10")), "HTTP/1.1 408");
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}
