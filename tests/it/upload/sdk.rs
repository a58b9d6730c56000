//! ImageKit's own SDKs, pointed at the gateway: what they upload they find again.

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::ImageFormat;
use serde_json::{Value, json};

use super::{Place, picture};
use crate::python;
use crate::sdk::sdk;
use crate::stub::{Answer, Stub};

fn python_sdk(url: &str, call: &str, argument: Value) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk");
    let mut command = Command::new(python::with("tests/sdk/requirements.txt", "sdk-venv"));
    command.arg("ask.py").args([url, "private_sdk", call, &argument.to_string()]).current_dir(folder);
    let output = command.output().expect("python");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

type Sdk = fn(&str, &str, Value) -> Value;

/// With the names of fields as the SDK spells them.
fn uploads_lists_and_reads(ask: Sdk, name: fn(&'static str) -> String) {
    let stub = Stub::start();
    let beside = tempfile::tempdir().expect("a folder");
    let (path, bytes) = (beside.path().join("sent.jpg"), picture(1, 24, ImageFormat::Jpeg));
    std::fs::write(&path, &bytes).expect("written");
    stub.put("/a.jpg", Answer::ok(bytes.clone()));
    let place = Place::with(&["--allow-host", &stub.address.to_string()], "");
    let ask = |call: &str, argument: Value| ask(&place.gateway.url, call, argument);
    let files = [
        json!({"path": path}),
        json!({"file": STANDARD.encode(&bytes)}),
        json!({"file": stub.url("/a.jpg")}),
    ];
    for (n, mut fields) in files.into_iter().enumerate() {
        fields[name("fileName")] = json!(format!("{n} of us.jpg"));
        fields["folder"] = json!("/album");
        fields["tags"] = json!(["a", "b c"]);
        fields[name("useUniqueFileName")] = json!(false);
        fields[name("responseFields")] = json!(["tags", "metadata"]);
        let sent = ask("upload", fields.clone())["data"].take();
        let file = sent["fileId"].as_str().unwrap_or_else(|| panic!("{n}: {sent}")).to_owned();
        assert_eq!(sent["filePath"], json!(format!("/album/{n}_of_us.jpg")));
        assert_eq!((&sent["tags"], &sent["fileType"]), (&json!(["a", "b c"]), &json!("image")));
        // Of Python's SDK every number is a fraction.
        assert_eq!(sent["width"].as_f64(), Some(24.0));
        assert!(std::fs::read(place.root().join(format!("album/{n}_of_us.jpg"))).expect("a file") == bytes);
        let metadata = ask("metadata", json!(file))["data"].take();
        assert_eq!(metadata["pHash"].as_str().map(str::len), Some(16), "{metadata}");
        assert_eq!(metadata["pHash"], sent["metadata"]["pHash"]);
        assert_eq!(metadata["size"].as_f64(), Some(bytes.len() as f64));
        let details = ask("details", json!(file))["data"].take();
        assert_eq!((&details["fileId"], &details["tags"]), (&json!(file), &json!(["a", "b c"])));
        let listed = ask("list", json!({"path": "/album"}))["data"].take();
        let listed = listed.as_array().expect("a list");
        assert_eq!(listed.len(), n + 1);
        assert_eq!((&listed[n]["fileId"], &listed[n]["tags"]), (&details["fileId"], &details["tags"]));
        let again = ask("upload", fields);
        assert_eq!((&again["error"], &again["status"]), (&json!("BadRequestError"), &json!(400)), "{again}");
    }
    assert_eq!(place.files().len(), 4);
}

#[test]
fn of_node() {
    uploads_lists_and_reads(sdk, str::to_owned);
}

#[test]
fn of_python() {
    let snake = |name: &'static str| {
        let words = name.chars().map(|sign| match sign.is_ascii_uppercase() {
            true => format!("_{}", sign.to_ascii_lowercase()),
            false => sign.to_string(),
        });
        words.collect()
    };
    uploads_lists_and_reads(python_sdk, snake);
}
