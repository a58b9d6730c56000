//! ImageKit's own Node SDK, pointed at the gateway.

use std::path::Path;
use std::process::Command;
use std::sync::Once;

use imagraph::config::{Config, Given, Upstream};
use serde_json::{Value, json};

use crate::account::{Account, Play};
use crate::gateway::{Gateway, pictures};
use crate::stub::{Answer, Stub};

const KEY: &str = "private_sdk";
/// URL-safe base64 of `png/rgb.png`.
const RGB: &str = "cG5nL3JnYi5wbmc";

static INSTALLED: Once = Once::new();

/// What the SDK returns, or throws.
pub fn sdk(url: &str, call: &str, argument: Value) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk");
    INSTALLED.call_once(|| {
        let installed = Command::new("npm").args(["ci", "--silent"]).current_dir(&folder).status();
        assert!(installed.expect("npm").success());
    });
    let mut node = Command::new("node");
    node.arg("ask.js").args([url, KEY, call, &argument.to_string()]).current_dir(folder);
    let output = node.output().expect("node");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[test]
fn metadata_by_id_and_url_over_the_engine() {
    let stub = Stub::start();
    stub.put("/a%20b.png?x=1&y=2", Answer::ok(std::fs::read(pictures().join("png/rgb.png")).unwrap()));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let by_id = sdk(&gateway.url(""), "metadata", json!(RGB));
    assert_eq!((&by_id["data"]["width"], &by_id["data"]["pHash"]), (&json!(72), &json!("e009c861e29325e5")));
    assert_eq!(by_id["requestId"].as_str().map(str::len), Some(32));
    let by_url = sdk(&gateway.url(""), "metadataOfUrl", json!(stub.url("/a%20b.png?x=1&y=2")));
    assert_eq!(by_url["data"], by_id["data"]);
}

#[test]
fn refusals_are_the_sdks_own_errors() {
    let gateway = Gateway::over_pictures(&[]);
    let missing = sdk(&gateway.url(""), "metadata", json!("bm9uZS5qcGc"));
    assert_eq!((&missing["error"], &missing["status"]), (&json!("NotFoundError"), &json!(404)));
    let message = "The requested file does not exist or is inaccessible at this time.";
    assert_eq!(missing["body"]["message"], message);
    let bad = sdk(&gateway.url(""), "details", json!("?"));
    assert_eq!(
        (&bad["error"], &bad["body"]["type"]),
        (&json!("BadRequestError"), &json!("INVALID_PARAM_ERROR"))
    );
    assert_eq!(sdk(&gateway.url(""), "list", json!({"limit": 5000}))["error"], "BadRequestError");
}

#[test]
fn lists_and_details_of_the_engines_library() {
    let gateway = Gateway::over_pictures(&[]);
    let listed = sdk(
        &gateway.url(""),
        "list",
        json!({"path": "/png/", "limit": 3, "sort": "ASC_NAME", "fileType": "image"}),
    );
    let names: Vec<_> =
        listed["data"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect();
    assert!(names.len() == 3 && names.is_sorted(), "{names:?}");
    let details = sdk(&gateway.url(""), "details", json!(RGB))["data"].take();
    for (name, value) in [
        ("fileId", json!(RGB)),
        ("filePath", json!("/png/rgb.png")),
        ("name", json!("rgb.png")),
        ("fileType", json!("image")),
        ("mime", json!("image/png")),
        ("width", json!(72)),
        ("height", json!(54)),
        ("size", json!(3973)),
        ("hasAlpha", json!(false)),
    ] {
        assert_eq!(details[name], value, "{name}");
    }
    assert!(details["updatedAt"].as_str().is_some_and(|time| time.starts_with("20") && time.ends_with('Z')));
    let found = sdk(&gateway.url(""), "list", json!({"searchQuery": format!("id IN [\"{RGB}\", \"none\"]")}));
    assert_eq!(found["data"], json!([details]));
}

#[test]
fn in_front_of_an_account_lists_and_details_pass_through() {
    let list = json!([{"fileId": "a", "new": {"b": [1]}}]);
    let (files, file) = (list.to_string(), list[0].to_string());
    let account = Account::start(move |call, _| {
        let known = call.header("authorization") == Some("Basic cHJpdmF0ZV9zZGs6");
        Play::Now(match call.target.as_str() {
            _ if !known => Answer::status(401, "{}"),
            "/v1/files?limit=2&path=%2Fa%20b%2F&searchQuery=name%20%3D%20%22x%22" => {
                Answer::ok(files.clone())
            }
            "/v1/files/a/details" => Answer::ok(file.clone()),
            _ => Answer::status(404, "{}"),
        })
    });
    let mut config = Config::load(Given { imagekit_url: Some(account.url("")), ..Given::default() }).unwrap();
    config.upstream = Upstream::ImageKit;
    config.imagekit.private_key = KEY.into();
    let gateway = Gateway::with(config);
    let query = json!({"limit": 2, "path": "/a b/", "searchQuery": "name = \"x\""});
    assert_eq!(sdk(&gateway.url(""), "list", query)["data"], list);
    assert_eq!(sdk(&gateway.url(""), "details", json!("a"))["data"], list[0]);
    assert_eq!(sdk(&gateway.url(""), "details", json!("b"))["status"], 404);
}
