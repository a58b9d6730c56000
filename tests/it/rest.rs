//! ImageKit's REST routes over the engine: its JSON, its error bodies.

use reqwest::Method;
use serde_json::{Value, json};

use crate::gateway::{Gateway, client, pictures};
use crate::stub::{Answer, Stub};

/// URL-safe base64 of `jpeg/exif-camera-le.jpg`.
const CAMERA: &str = "anBlZy9leGlmLWNhbWVyYS1sZS5qcGc";
/// URL-safe base64 of `png/rgb.png`.
const WITHOUT_EXIF: &str = "cG5nL3JnYi5wbmc";

#[test]
fn keys_stand_in_imagekits_order() {
    let gateway = Gateway::over_pictures(&[]);
    let text = gateway.get(&format!("/v1/files/{CAMERA}/metadata")).text().unwrap();
    let object: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
    let keys: Vec<_> = object.keys().map(String::as_str).collect();
    let expected = [
        "height",
        "width",
        "size",
        "format",
        "hasColorProfile",
        "quality",
        "density",
        "hasTransparency",
        "pHash",
        "exif",
    ];
    assert_eq!(keys, expected);
    let groups: Vec<_> = object["exif"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(groups, ["image", "thumbnail", "exif", "gps", "interoperability", "makernote"]);
}

#[test]
fn an_image_without_exif_has_an_empty_object() {
    let gateway = Gateway::over_pictures(&[]);
    let object: Value = gateway.get(&format!("/v1/files/{WITHOUT_EXIF}/metadata")).json().unwrap();
    assert_eq!(object["exif"], json!({}));
    assert_eq!(object["format"], "png");
}

#[test]
fn a_url_may_come_encoded_or_as_the_node_sdk_6_sends_it() {
    let stub = Stub::start();
    let picture = std::fs::read(pictures().join("png/rgb.png")).unwrap();
    stub.put("/a.png?x=1&y=2", Answer::ok(picture));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let url = stub.url("/a.png?x=1&y=2");
    let encoded = url.replace(':', "%3A").replace('/', "%2F").replace('?', "%3F").replace('&', "%26");
    for url in [&encoded, &url] {
        let response = gateway.get(&format!("/v1/metadata?url={url}"));
        assert_eq!(response.status(), 200, "{url}");
        assert_eq!(response.json::<Value>().unwrap()["format"], "png");
    }
}

#[test]
fn refusals_are_imagekits() {
    let stub = Stub::start();
    stub.put("/page", Answer::ok("<!doctype html>"));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let corrupt = "The requested file is corrupt or invalid.";
    let missing = "The requested file does not exist or is inaccessible at this time.";
    let cases = [
        ("/v1/files/Li4vYQ/metadata", 400, "Your request contains invalid fileId parameter."),
        ("/v1/files/not+an+id/metadata", 400, "Your request contains invalid fileId parameter."),
        ("/v1/files/%ff/metadata", 400, "Your request contains invalid fileId parameter."),
        ("/v1/files/%ff/details", 400, "Your request contains invalid fileId parameter."),
        ("/v1/files/bm9uZS5qcGc/metadata", 404, missing),
        ("/v1/nothing", 404, missing),
        // damaged/truncated-middle.jpg
        ("/v1/files/ZGFtYWdlZC90cnVuY2F0ZWQtbWlkZGxlLmpwZw/metadata", 400, corrupt),
        // damaged/html-named.jpg
        ("/v1/files/ZGFtYWdlZC9odG1sLW5hbWVkLmpwZw/metadata", 400, corrupt),
        ("/v1/metadata", 400, "Your request contains invalid url parameter."),
        ("/v1/metadata?url=nonsense", 400, "Your request contains invalid url parameter."),
        (
            "/v1/metadata?url=http://10.0.0.1/a?ik-s=signature",
            400,
            "http://10.0.0.1/a should be accessible using your ImageKit.io account.",
        ),
        (&format!("/v1/metadata?url={}", stub.url("/page")), 400, corrupt),
        (&format!("/v1/metadata?url={}", stub.url("/none")), 404, missing),
    ];
    for (path, status, message) in cases {
        let response = gateway.get(path);
        assert_eq!(response.status(), status, "{path}");
        let body: Value = response.json().unwrap();
        assert_eq!(body["message"], message, "{path}");
        assert!(body["help"].is_string(), "{path}");
    }
}

/// ImageKit's clients delete and change files so.
#[test]
fn whoever_deletes_or_changes_is_told_that_nothing_is() {
    let gateway = Gateway::over_pictures(&[]);
    let (file, details) = (format!("/v1/files/{CAMERA}"), format!("/v1/files/{CAMERA}/details"));
    let asked =
        [(Method::DELETE, &file, ""), (Method::PATCH, &file, ""), (Method::PATCH, &details, "GET, HEAD")];
    for (method, path, allowed) in asked {
        let response = client().request(method.clone(), gateway.url(path)).send().unwrap();
        assert_eq!(response.status(), 405, "{method} {path}");
        assert_eq!(response.headers()["allow"], allowed);
        let body: Value = response.json().unwrap();
        let message = "Your request's method is not allowed here: the gateway deletes and changes nothing.";
        assert_eq!(body["message"], message);
        assert!(body["help"].is_string());
    }
    assert_eq!(gateway.get(&file).status(), 404);
    assert_eq!(gateway.get(&details).status(), 200);
}

#[test]
fn other_methods_are_told_which_there_are() {
    let gateway = Gateway::over_pictures(&[]);
    for path in ["/v1/files", "/v1/metadata", &format!("/v1/files/{CAMERA}/metadata")] {
        let response = client().post(gateway.url(path)).send().unwrap();
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(response.headers()["allow"], "GET, HEAD");
        assert!(response.headers().contains_key("x-ik-requestid"));
    }
}
