use std::collections::BTreeSet;
use std::fs;

use imagraph::config::Given;
use serde_json::{Value, json};

use super::socket::Socket;
use super::{IMAGES, account, files, hasty, order, progress};
use crate::account::{Account, Play};
use crate::gateway::{Gateway, pictures};
use crate::redis_server::until;
use crate::stub::{Answer, Stub};
use crate::upstream::{config, gateway};

#[test]
fn each_image_is_told_as_soon_as_it_is_known_and_the_slow_one_last() {
    let account = account();
    let gateway = gateway(&account);
    let mut socket = Socket::ready(&gateway);
    socket.subscribe("a", IMAGES, files(&["slow", "b", "missing", "c", "slow", "b"]));
    let first: Vec<_> = (0..4).map(|_| socket.hear()["payload"].take()).collect();
    account.release();
    let last = socket.hear_all("a");
    assert_eq!(order(&last), ["slow", "slow"]);
    assert!(!order(&first).contains(&"slow"), "{first:?}");
    let all = [first, last].concat();
    let done: Vec<_> = all.iter().map(|payload| progress(payload)["done"].as_u64().unwrap()).collect();
    assert_eq!(done, [1, 2, 3, 4, 5, 6]);
    let asked = ["slow", "b", "missing", "c", "slow", "b"];
    let mut told = BTreeSet::new();
    for payload in &all {
        let progress = progress(payload);
        let index = progress["index"].as_u64().unwrap();
        assert!(told.insert(index), "{index} is told twice");
        assert_eq!(progress["total"], 6);
        match asked[index as usize] {
            "missing" => {
                let error = json!({"code": "NOT_FOUND", "message": "no such image", "retryAfterMs": null});
                assert_eq!((&progress["image"], &progress["error"]), (&Value::Null, &error));
            }
            id => assert_eq!(progress["image"], json!({"id": id, "width": 100})),
        }
    }
    assert_eq!(account.calls().len(), 4, "each image is asked for once");
    assert_eq!(all[5]["extensions"]["cost"]["images"], 4);
    assert_eq!(all[5]["extensions"]["cost"]["upstreamCalls"], 4);
}

#[test]
fn what_is_not_known_by_the_deadline_is_told_as_that() {
    let account = account();
    let gateway = Gateway::with(hasty(&account));
    let mut socket = Socket::ready(&gateway);
    socket.subscribe("a", IMAGES, files(&["never", "b", "never"]));
    let all = socket.hear_all("a");
    assert_eq!(order(&all), ["b", "TIMEOUT", "TIMEOUT"]);
}

#[test]
fn a_list_that_is_refused_for_a_while_says_for_how_long() {
    let limited = || Answer::status(429, "{}").header("X-RateLimit-Reset", "60000");
    let account = Account::start(move |_, _| Play::Now(limited()));
    let gateway = gateway(&account);
    let mut socket = Socket::ready(&gateway);
    socket.subscribe("a", IMAGES, files(&["a"]));
    let all = socket.hear_all("a");
    let error = &progress(&all[0])["error"];
    assert_eq!(error["code"], "UPSTREAM_RATE_LIMITED");
    assert!(error["retryAfterMs"].as_u64().is_some_and(|ms| (50_000..=60_270).contains(&ms)), "{error}");
}

#[test]
fn an_image_that_waits_for_what_it_is_compared_with_holds_up_nobody() {
    let picture = fs::read(pictures().join("png/rgb.png")).unwrap();
    let account = Account::start(move |call, _| match call.target.as_str() {
        "/slow.png" => Play::Held(Answer::ok(picture.clone())),
        "/a.png" => Play::Now(Answer::ok(picture.clone())),
        _ => Play::Now(Answer::status(404, "")),
    });
    let gateway = Gateway::over_pictures(&[account.address]);
    let mut socket = Socket::ready(&gateway);
    let query = "subscription($of: [ImageInput!]!, $to: SimilarityTarget!) {
        images(of: $of) { index a: image { ...compared } b: image { width } error { code } }
    }
    fragment compared on Image { similarity(to: $to) { distance with { id } } }";
    let [a, missing, slow] = ["/a.png", "/missing.png", "/slow.png"].map(|path| account.url(path));
    // What is known already is there first.
    gateway.data(&format!("{{ remote(url: \"{a}\") {{ pHash }} }}"));
    let variables = json!({"of": [{"url": a}, {"url": missing}], "to": {"url": slow}});
    socket.subscribe("1", query, variables);
    let first = socket.hear()["payload"].take();
    let failed = json!({"index": 1, "a": null, "b": null, "error": {"code": "NOT_FOUND"}});
    assert_eq!(progress(&first), &failed);
    account.release();
    let last = socket.hear_all("1");
    assert_eq!(progress(&last[0])["a"]["similarity"], json!({"distance": 0, "with": {"id": slow}}));
    assert_eq!(account.calls().len(), 3);
}

#[test]
fn an_answer_that_would_be_too_long_is_an_error_of_its_image() {
    let library = tempfile::tempdir().unwrap();
    fs::write(library.path().join("a.jpg"), crate::graphql::with_description(40_000)).unwrap();
    let library = Some(library.path().to_owned());
    let gateway = Gateway::start(Given { library, ..Given::default() });
    let exif: String = (0..115).map(|n| format!("e{n}: exif {{ raw }} ")).collect();
    let query = format!(
        "subscription($of: [ImageInput!]!) {{ images(of: $of) {{ image {{ id {exif} }} error {{ code }} }} }}"
    );
    let mut socket = Socket::ready(&gateway);
    socket.subscribe("a", &query, files(&["YS5qcGc", "YS5qcGc"]));
    assert_eq!(order(&socket.hear_all("a")), ["YS5qcGc", "QUERY_TOO_COSTLY"]);
}

#[test]
fn an_empty_list_is_complete_at_once() {
    let gateway = Gateway::over_pictures(&[]);
    let mut socket = Socket::ready(&gateway);
    socket.subscribe("a", IMAGES, json!({"of": []}));
    assert_eq!(socket.hear(), json!({"type": "complete", "id": "a"}));
}

#[test]
fn queries_are_answered_as_well_in_one_part() {
    let gateway = Gateway::over_pictures(&[]);
    let mut socket = Socket::ready(&gateway);
    socket.subscribe(
        "a",
        "{ file(id: \"cG5nL3JnYi5wbmc\") { width } none: file(id: \"?\") { width } }",
        json!({}),
    );
    let parts = socket.hear_all("a");
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0]["data"], json!({"file": {"width": 72}, "none": null}));
    assert_eq!(parts[0]["errors"][0]["extensions"]["code"], "BAD_ID");
}

#[test]
fn what_cannot_be_run_is_an_error_and_asks_nobody() {
    let stub = Stub::start();
    let gateway = Gateway::over_pictures(&[stub.address]);
    let mut socket = Socket::ready(&gateway);
    let urls: Vec<_> = (0..65).map(|n| json!({"url": stub.url(&format!("/{n}"))})).collect();
    let many = json!({"of": urls});
    let one = json!({"of": [{"url": stub.url("/1")}]});
    let fields = |fields: &str| format!("subscription($of: [ImageInput!]!) {{ {fields} }}");
    let images = "images(of: $of) { done }";
    let cases = [
        (IMAGES.to_owned(), many, "QUERY_TOO_COSTLY"),
        (
            format!("subscription {{ images(of: {} {{ done }} }}", "[".repeat(2_000)),
            json!({}),
            "QUERY_TOO_COSTLY",
        ),
        ("{".to_owned(), json!({}), "BAD_REQUEST"),
        ("subscription { nothing }".to_owned(), json!({}), "BAD_REQUEST"),
        ("mutation { nothing }".to_owned(), json!({}), "BAD_REQUEST"),
        // Only one field, and that at the root itself: GraphQL section 5.2.3.1.
        (fields(&format!("{images} again: {images}")), one.clone(), "BAD_REQUEST"),
        (fields(&format!("... on Subscription {{ {images} }}")), one.clone(), "BAD_REQUEST"),
        (fields(&format!("...f }} fragment f on Subscription {{ {images}")), one.clone(), "BAD_REQUEST"),
        (fields("images(of: $of) @include(if: false) { done }"), one, "BAD_REQUEST"),
    ];
    for (query, variables, code) in cases {
        socket.subscribe("a", &query, variables);
        let message = socket.hear();
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("a")), "{query}: {message}");
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{query}: {message}");
    }
    assert_eq!(stub.asked().len(), 0);
}

#[test]
fn nothing_is_told_of_what_the_client_has_completed() {
    let account = account();
    let gateway = gateway(&account);
    let mut socket = Socket::ready(&gateway);
    socket.subscribe("a", IMAGES, files(&["slow", "b"]));
    assert_eq!(socket.hear()["type"], "next");
    socket.say(json!({"type": "complete", "id": "a"}));
    // It has been heard once what follows it is answered.
    socket.say(json!({"type": "ping"}));
    assert_eq!(socket.hear(), json!({"type": "pong"}));
    account.release();
    socket.subscribe("a", IMAGES, files(&["slow"]));
    let again = socket.hear_all("a");
    assert_eq!((again.len(), order(&again)), (1, vec!["slow"]));
    until("both are asked for", || account.calls().len() == 2);
}

#[test]
fn the_opacity_that_the_engine_has_to_look_for_holds_up_nobody() {
    let picture = fs::read(pictures().join("png/rgba.png")).unwrap();
    let account = Account::start(move |call, _| {
        let alpha = |has| Play::Now(Answer::ok(json!({"width": 7, "hasTransparency": has}).to_string()));
        match call.target.as_str() {
            "/v1/files/alpha/metadata" => alpha(true),
            "/v1/files/plain/metadata" => alpha(false),
            "/v1/files/alpha/details" => {
                let host = call.header("host").expect("a host");
                Play::Now(Answer::ok(json!({"url": format!("http://{host}/shop/a.png")}).to_string()))
            }
            _ => Play::Held(Answer::ok(picture.clone())),
        }
    });
    let allow_hosts = vec![account.address.to_string()];
    let mut config = config(&account);
    config.remote.allow_hosts = allow_hosts;
    let gateway = Gateway::with(config);
    let mut socket = Socket::ready(&gateway);
    let query = "subscription($of: [ImageInput!]!) { images(of: $of) { image { id isOpaque } } }";
    socket.subscribe("a", query, files(&["alpha", "plain"]));
    let first = socket.hear()["payload"].take();
    assert_eq!(progress(&first)["image"], json!({"id": "plain", "isOpaque": true}));
    account.release();
    let last = socket.hear_all("a");
    assert_eq!(progress(&last[0])["image"]["isOpaque"], false);
}
