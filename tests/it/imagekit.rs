//! ImageKit as the source: a stub account on this machine gives ImageKit's answers.

use std::time::Duration;

use imagraph::config::{Config, Given, Upstream};
use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::stub::{Answer, Stub, broken};

const KEY: &str = "private_canary_5f3a";
/// `printf 'private_canary_5f3a:' | base64`
const BASIC: &str = "Basic cHJpdmF0ZV9jYW5hcnlfNWYzYTo=";

/// A gateway in front of a stub account.
fn gateway(stub: &Stub) -> Gateway {
    Gateway::with(config(stub.url("")))
}

fn config(url: String) -> Config {
    let given = Given { imagekit_url: Some(url), ..Given::default() };
    let mut config = Config::load(given).expect("settings");
    config.upstream = Upstream::ImageKit;
    config.imagekit.private_key = KEY.into();
    config
}

fn reference() -> Value {
    serde_json::from_str(include_str!("../imagekit/reference.json")).expect("JSON")
}

fn ask(stub: &Stub, query: &str) -> Value {
    gateway(stub).answer(query, json!({}))
}

#[test]
fn the_documented_object_is_answered_field_by_field() {
    let stub = Stub::start();
    stub.put("/v1/files/abc123/metadata", Answer::ok(reference().to_string()));
    let answer = ask(&stub, "{ file(id: \"abc123\") {
        id source width height size format mimeType hasColorProfile quality density hasTransparency pHash
        exif { image { make orientation gpsInfo } exif { iso focalPlaneXResolution } gps { gpsVersionId } makernote }
        similarity(to: {pHash: \"f06830ca9f1e3e91\"}) { distance score isDuplicate lowEntropy with { id } }
        raw
    } }");
    let expected = json!({"data": {"file": {
        "id": "abc123", "source": "IMAGEKIT", "width": 100, "height": 68, "size": 7749, "format": "jpg",
        "mimeType": "image/jpeg", "hasColorProfile": true, "quality": 0, "density": 72, "hasTransparency": false,
        "pHash": "f06830ca9f1e3e90",
        "exif": {
            "image": {"make": "Canon", "orientation": 1, "gpsInfo": 978},
            "exif": {"iso": 100, "focalPlaneXResolution": 4438.356164383562},
            "gps": {"gpsVersionId": [2.0, 2.0, 0.0, 0.0]},
            "makernote": {}
        },
        "similarity": {"distance": 1, "score": 0.984375, "isDuplicate": true, "lowEntropy": false, "with": null},
        "raw": reference()
    }}});
    assert_eq!(answer, expected);
    let asked = stub.asked();
    assert_eq!(asked.len(), 1, "one call a file");
    assert_eq!(asked[0].authorization.as_deref(), Some(BASIC));
}

#[test]
fn what_imagekit_adds_is_kept_and_videos_do_not_fail() {
    let stub = Stub::start();
    let video = json!({"width": 640, "height": 360, "bitRate": 97_000, "duration": 7.5, "videoCodec": "h264",
        "size": 5_000_000_000_u64, "new": {"a": [1, 2]}});
    stub.put("/v1/files/video/metadata", Answer::ok(video.to_string()));
    let answer = ask(&stub, "{ file(id: \"video\") {
        width pHash exif { raw } similarity(to: {pHash: \"1\"}) { distance } video { duration bitRate videoCodec }
        size raw
    } }");
    assert_eq!(answer["data"]["file"]["raw"], video);
    assert_eq!(
        answer["data"]["file"]["video"],
        json!({"duration": 7.5, "bitRate": 97_000, "videoCodec": "h264"})
    );
    for absent in ["pHash", "exif", "similarity", "size"] {
        assert_eq!(answer["data"]["file"][absent], Value::Null);
    }
    // 5 GB do not fit GraphQL's Int; nothing else is wrong.
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["path"], json!(["file", "size"]));
    assert_eq!(errors[0]["extensions"]["code"], "TOO_LARGE");
}

#[test]
fn an_unknown_file_is_null_while_the_rest_is_answered() {
    let stub = Stub::start();
    stub.put("/v1/files/known/metadata", Answer::ok(reference().to_string()));
    let not_found = json!({"message": "The requested file does not exist or is inaccessible at this time."});
    stub.put("/v1/files/unknown/metadata", Answer::status(404, not_found.to_string()));
    let answer = ask(&stub, "{ a: file(id: \"unknown\") { width } b: file(id: \"known\") { width } }");
    assert_eq!(answer["data"], json!({"a": null, "b": {"width": 100}}));
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["extensions"], json!({"code": "NOT_FOUND"}));
    assert_eq!(errors[0]["path"], json!(["a"]));
}

#[test]
fn each_refusal_of_imagekit_has_its_code() {
    let cases = [
        (400, "Your request contains invalid fileId parameter.", "BAD_ID"),
        (400, "The requested file is corrupt or invalid.", "CORRUPT_IMAGE"),
        (401, "Your request does not contain private API key.", "UPSTREAM_UNAUTHORIZED"),
        (403, "Your account cannot be authenticated.", "UPSTREAM_UNAUTHORIZED"),
        (500, "We have experienced an internal error while processing your request.", "UPSTREAM_UNAVAILABLE"),
        (302, "", "UPSTREAM_UNAVAILABLE"),
        (200, "not an object", "UPSTREAM_UNAVAILABLE"),
        // The last: nothing is sent after it.
        (429, "Too many requests", "UPSTREAM_RATE_LIMITED"),
    ];
    let stub = Stub::start();
    let gateway = gateway(&stub);
    for (n, (status, message, code)) in cases.into_iter().enumerate() {
        let answer = Answer::status(status, json!({"message": message}).to_string());
        let answer = if status == 200 { Answer::ok(message) } else { answer };
        stub.put(&format!("/v1/files/f{n}/metadata"), answer.header("X-RateLimit-Reset", "60000"));
        let errors =
            gateway.answer(&format!("{{ file(id: \"f{n}\") {{ width }} }}"), json!({}))["errors"].take();
        assert_eq!(errors[0]["extensions"]["code"], code, "{status} {message}");
        let wait = errors[0]["extensions"]["retryAfterMs"].as_u64();
        assert_eq!(wait.is_some_and(|ms| (60_000..=60_270).contains(&ms)), status == 429, "{wait:?}");
    }
}

#[test]
fn a_broken_account_fails_with_a_code_and_not_for_ever() {
    let cases = [
        ("", true, "UPSTREAM_UNAVAILABLE"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"width\": 1", true, "UPSTREAM_UNAVAILABLE"),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"width\": 1", true, "UPSTREAM_UNAVAILABLE"),
        ("nonsense\r\n\r\n", true, "UPSTREAM_UNAVAILABLE"),
        ("", false, "TIMEOUT"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"width\": 1", false, "TIMEOUT"),
    ];
    for (answer, hangs_up, code) in cases {
        let address = broken(answer.as_bytes().to_vec(), hangs_up);
        let mut config = config(format!("http://{address}"));
        config.limits.deadline = Duration::from_secs(1);
        let errors =
            Gateway::with(config).answer("{ file(id: \"a\") { width } }", json!({}))["errors"].take();
        assert_eq!(errors[0]["extensions"]["code"], code, "{answer:?} {hangs_up}");
    }
}

#[test]
fn a_url_is_asked_encoded_and_refused_as_imagekit_says() {
    let stub = Stub::start();
    let url = "https://ik.imagekit.io/demo/tr:w-100/a b.jpg?x=1&y=2#z";
    let encoded = "https%3A%2F%2Fik.imagekit.io%2Fdemo%2Ftr%3Aw-100%2Fa%20b.jpg%3Fx%3D1%26y%3D2%23z";
    stub.put(&format!("/v1/metadata?url={encoded}"), Answer::ok(reference().to_string()));
    let foreign = json!({"message": "https://a.b/c should be accessible using your ImageKit.io account."});
    stub.put("/v1/metadata?url=https%3A%2F%2Fa.b%2Fc", Answer::status(400, foreign.to_string()));
    let query = "query($url: Url!) { a: remote(url: $url) { width url name } b: remote(url: \"https://a.b/c\") { width } }";
    let answer = gateway(&stub).answer(query, json!({"url": url}));
    assert_eq!(answer["data"]["a"], json!({"width": 100, "url": url, "name": "a b.jpg"}));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "URL_NOT_ALLOWED");
    assert_eq!(answer["errors"][0]["path"], json!(["b"]));
}

#[test]
fn a_file_asked_for_ten_times_at_any_level_is_one_call() {
    let stub = Stub::start();
    stub.put("/v1/files/abc/metadata", Answer::ok(reference().to_string()));
    let gateway = gateway(&stub);
    for wanted in ["width", "pHash", "exif { raw }", "size", "similarity(to: {file: \"abc\"}) { distance }"] {
        gateway.data(&format!("{{ a: file(id: \"abc\") {{ {wanted} }} b: file(id: \"abc\") {{ pHash }} }}"));
    }
    assert_eq!(stub.asked().len(), 1);
}

#[test]
fn the_rest_routes_pass_imagekits_object_on() {
    let stub = Stub::start();
    stub.put("/v1/files/abc/metadata", Answer::ok(reference().to_string()));
    stub.put("/v1/files/lost/metadata", Answer::status(404, "{}"));
    let odd = json!({"width": "7", "pHash": "?", "new": null}).to_string();
    stub.put("/v1/files/odd/metadata", Answer::ok(odd.clone()));
    let gateway = gateway(&stub);
    assert_eq!(gateway.get("/v1/files/odd/metadata").text().unwrap(), odd);
    assert_eq!(gateway.get("/v1/files/abc/metadata").text().unwrap(), reference().to_string());
    let lost = gateway.get("/v1/files/lost/metadata");
    assert_eq!(lost.status(), 404);
    let message = "The requested file does not exist or is inaccessible at this time.";
    assert_eq!(lost.json::<Value>().unwrap()["message"], message);
}
