//! One request is one batch: united, deduplicated, each image for itself.

use std::fs;
use std::thread;
use std::time::Duration;

use imagraph::config::{Config, Given};
use serde_json::{Value, json};

use crate::gateway::{Gateway, pictures};
use crate::stub::{Answer, Stub, broken};

fn picture() -> Vec<u8> {
    fs::read(pictures().join("jpeg/700x500.jpg")).expect("a picture")
}

fn stub_with(names: impl IntoIterator<Item = String>) -> Stub {
    let stub = Stub::start();
    names.into_iter().for_each(|name| stub.put(&name, Answer::ok(picture())));
    stub
}

#[test]
fn fifty_aliases_of_25_urls_are_25_fetches() {
    let stub = stub_with((0..25).map(|n| format!("/{n}.jpg")));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let field = |n: usize| {
        // Half of them want pixels: the wants of both aliases of an image are united.
        let wanted = if n < 25 { "width" } else { "pHash" };
        format!("a{n}: remote(url: {}) {{ {wanted} }}", json!(stub.url(&format!("/{}.jpg", n % 25))))
    };
    let fields: Vec<String> = (0..50).map(field).collect();
    let data = gateway.data(&format!("{{ {} }}", fields.join(" ")));
    assert_eq!(data["a0"]["width"], 700);
    assert_eq!(data["a49"]["pHash"].as_str().map(str::len), Some(16));
    assert_eq!(stub.asked().len(), 25);
}

#[test]
fn similarity_targets_are_part_of_the_batch_however_deep() {
    let stub = stub_with(["/a.jpg", "/b.jpg", "/c.jpg"].map(str::to_owned));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let query = "query($a: Url!, $b: SimilarityTarget!, $c: Url!) {
        remote(url: $a) { ...compared }
        images(of: [{url: $a}, {url: $c}, {url: $a}]) { width }
    }
    fragment compared on Image {
        similarity(to: $b) { distance with { width similarity(to: {url: $c}) { distance with { id } } } }
    }";
    let variables =
        json!({"a": stub.url("/a.jpg"), "b": {"url": stub.url("/b.jpg")}, "c": stub.url("/c.jpg")});
    let answer = gateway.answer(query, variables);
    assert_eq!(answer["errors"], Value::Null);
    assert_eq!(
        answer["data"]["remote"]["similarity"]["with"]["similarity"]["with"]["id"],
        stub.url("/c.jpg")
    );
    assert_eq!(stub.asked().len(), 3);
}

#[test]
fn each_image_fails_alone() {
    let stub = stub_with(["/a.jpg".to_owned()]);
    stub.put("/page.jpg", Answer::ok("<html></html>"));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let images = [
        json!({"url": stub.url("/a.jpg")}),
        json!({"url": stub.url("/missing.jpg")}),
        json!({"url": stub.url("/page.jpg")}),
        json!({"file": "../etc/passwd"}),
        json!({"url": "http://10.0.0.1/a.jpg"}),
        json!({"url": "not a url"}),
        json!({"url": stub.url("/a.jpg")}),
    ];
    let query = "query($of: [ImageInput!]!) { images(of: $of) { format } }";
    let answer = gateway.answer(query, json!({"of": images}));
    let jpg = json!({"format": "jpg"});
    assert_eq!(answer["data"]["images"], json!([jpg, null, null, null, null, null, jpg]));
    let errors = answer["errors"].as_array().expect("errors");
    let mut codes: Vec<_> =
        errors.iter().map(|error| (&error["path"][1], &error["extensions"]["code"])).collect();
    codes.sort_by_key(|(index, _)| index.as_u64());
    let expected = ["NOT_FOUND", "NOT_AN_IMAGE", "BAD_ID", "URL_NOT_ALLOWED", "BAD_URL"].map(Value::from);
    let expected: Vec<_> = (1..).map(Value::from).zip(expected).collect();
    assert_eq!(codes, expected.iter().map(|(index, code)| (index, code)).collect::<Vec<_>>());
}

#[test]
fn what_is_known_is_not_fetched_again_and_more_serves_less() {
    let stub = stub_with(["/a.jpg".to_owned()]);
    let gateway = Gateway::over_pictures(&[stub.address]);
    let url = json!(stub.url("/a.jpg"));
    for wanted in ["pHash", "pHash", "width", "exif { raw }", "size"] {
        gateway.data(&format!("{{ remote(url: {url}) {{ {wanted} }} }}"));
    }
    assert_eq!(stub.asked().len(), 1);
}

#[test]
fn requests_at_the_same_time_share_one_fetch() {
    let stub = stub_with(["/a.jpg".to_owned()]);
    let gateway = Gateway::over_pictures(&[stub.address]);
    let query = format!("{{ remote(url: {}) {{ pHash }} }}", json!(stub.url("/a.jpg")));
    thread::scope(|scope| {
        (0..20).for_each(|_| drop(scope.spawn(|| gateway.data(&query))));
    });
    assert_eq!(stub.asked().len(), 1);
}

#[test]
fn only_what_is_selected_is_fetched() {
    let mut long = picture();
    long.resize(1 << 20, 0);
    let stub = Stub::start();
    stub.put("/long.jpg", Answer::ok(long));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let data = gateway.data(&format!("{{ remote(url: {}) {{ width size }} }}", json!(stub.url("/long.jpg"))));
    assert_eq!(data["remote"], json!({"width": 700, "size": 1 << 20}));
    let asked = stub.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].range.as_deref(), Some("bytes=0-65535"));
}

#[test]
fn what_is_known_of_a_file_that_never_ends_is_answered() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".to_vec();
    let address = broken([head, picture()].concat(), false);
    let mut config =
        Config::load(Given { allow_hosts: vec![address.to_string()], ..Given::default() }).expect("settings");
    config.limits.deadline = Duration::from_secs(1);
    let query = format!("{{ remote(url: \"http://{address}/a.jpg\") {{ width size pHash }} }}");
    let answer = Gateway::with(config).answer(&query, json!({}));
    assert_eq!(answer["data"]["remote"], json!({"width": 700, "size": 100_000, "pHash": null}));
    assert_eq!(answer["errors"][0]["path"], json!(["remote", "pHash"]));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TIMEOUT");
}

/// `extensions.cost` of a query: images, upstreamCalls, cacheHits, bytesFetched, decoded.
fn cost(gateway: &Gateway, query: &str) -> [u64; 5] {
    let (answer, cost) = gateway.answer_and_cost(query, json!({}));
    let counted = ["images", "upstreamCalls", "cacheHits", "bytesFetched", "decoded"];
    counted.map(|counted| cost[counted].as_u64().unwrap_or_else(|| panic!("{counted}: {answer} {cost}")))
}

#[test]
fn an_answer_says_what_it_cost() {
    let stub = stub_with(["/a.jpg", "/b.jpg"].map(str::to_owned));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let [a, b] = ["/a.jpg", "/b.jpg"].map(|path| json!(stub.url(path)));
    let bytes = picture().len() as u64;
    let header = format!("{{ remote(url: {a}) {{ width }} again: remote(url: {a}) {{ height }} }}");
    assert_eq!(cost(&gateway, &header), [1, 1, 0, bytes, 0]);
    let compared = format!("{{ remote(url: {a}) {{ similarity(to: {{url: {b}}}) {{ distance }} }} }}");
    assert_eq!(cost(&gateway, &compared), [2, 2, 0, 2 * bytes, 2]);
    assert_eq!(cost(&gateway, &compared), [2, 0, 2, 0, 0]);
    assert_eq!(cost(&gateway, "{ file(id: \"cG5nL3JnYi5wbmc\") { pHash } }"), [1, 0, 0, 0, 1]);
    assert_eq!(cost(&gateway, "{ __typename }"), [0; 5]);
    let missing = format!("{{ remote(url: {}) {{ width }} }}", json!(stub.url("/none.jpg")));
    assert_eq!(cost(&gateway, &missing), [1, 1, 0, 0, 0]);
}
