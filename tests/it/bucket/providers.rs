//! Google's and Azure's APIs, as a stub speaks them: that they are asked for the right things.

use serde_json::json;

use super::ask;
use crate::cli::imagraph;
use crate::gateway::pictures;
use crate::process::Process;
use crate::stub::{Answer, Stub};

const SECRET: &str = "c2VjcmV0LW9mLXRoZS10ZXN0cw==";

fn object(picture: &str) -> Answer {
    let bytes = std::fs::read(pictures().join(picture)).expect("a picture");
    Answer::ok(bytes).header("etag", "\"1\"").header("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")
}

fn check(gateway: Process) {
    let page = "{ files(first: 2) { edges { node { path width } } pageInfo { hasNextPage } } }";
    let (answer, cost) = ask(&gateway, page);
    let node = |path: &str| json!({"node": {"path": path, "width": 72}});
    let expected = json!({"edges": [node("a b.png"), node("c/d.png")], "pageInfo": {"hasNextPage": false}});
    assert_eq!(answer, json!({"data": {"files": expected}}));
    assert_eq!(cost["upstreamCalls"], 3);
    assert!(!gateway.stop().contains(SECRET));
}

#[test]
fn google_cloud_storage() {
    let stub = Stub::start();
    let contents = |key: &str| {
        format!(
            "<Contents><Key>{key}</Key><Size>9</Size><LastModified>2026-01-01T00:00:00Z</LastModified><ETag>\"1\"</ETag></Contents>"
        )
    };
    let list = ["p/a b.png", "p//odd.png", "p/c/d.png"].map(contents).concat();
    stub.put(
        "/photos?list-type=2&prefix=p%2F&max-keys=3",
        Answer::ok(format!("<ListBucketResult>{list}</ListBucketResult>")),
    );
    stub.put("/photos/p%2Fa%20b%2Epng", object("png/rgb.png"));
    stub.put("/photos/p%2Fc%2Fd%2Epng", object("png/rgb.png"));
    let base = stub.url("");
    let environment =
        [("GOOGLE_BASE_URL", base.as_str()), ("GOOGLE_ALLOW_HTTP", "true"), ("GOOGLE_BEARER_TOKEN", SECRET)];
    check(Process::serve(&["--library", "gs://photos/p"], &environment, ""));
    assert!(stub.asked().iter().all(|asked| asked.authorization == Some(format!("Bearer {SECRET}"))));
}

#[test]
fn azure_blob_storage() {
    let stub = Stub::start();
    let blob = |name: &str| {
        format!(
            "<Blob><Name>{name}</Name><Properties><Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified>\
             <Content-Length>9</Content-Length><Content-Type>image/png</Content-Type><Etag>1</Etag></Properties></Blob>"
        )
    };
    let blobs = ["p/a b.png", "p/../odd.png", "p/c/d.png"].map(blob).concat();
    let list = format!("<EnumerationResults><Blobs>{blobs}</Blobs><NextMarker/></EnumerationResults>");
    stub.put("/photos?restype=container&comp=list&prefix=p%2F&maxresults=3", Answer::ok(list));
    stub.put("/photos/p/a%20b.png", object("png/rgb.png"));
    stub.put("/photos/p/c/d.png", object("png/rgb.png"));
    let endpoint = stub.url("");
    let environment = [
        ("AZURE_STORAGE_ENDPOINT", endpoint.as_str()),
        ("AZURE_ALLOW_HTTP", "true"),
        ("AZURE_STORAGE_ACCOUNT_NAME", "account"),
        ("AZURE_STORAGE_ACCOUNT_KEY", SECRET),
    ];
    check(Process::serve(&["--library", "az://photos/p"], &environment, ""));
    assert!(
        stub.asked().iter().all(|asked| asked
            .authorization
            .as_ref()
            .is_some_and(|key| key.starts_with("SharedKey account:")))
    );
}

#[test]
fn settings_of_a_provider_that_cannot_be_used_end_the_start() {
    for (library, name, value, reason) in [
        ("az://photos", "AZURE_STORAGE_ACCOUNT_KEY", "no base64", "the settings of its provider"),
        ("s3://photos", "AWS_ENDPOINT", "http://127.0.0.1:9", "AWS_ENDPOINT is http"),
    ] {
        let output =
            imagraph().args(["serve", "--library", library]).env(name, value).output().expect("it runs");
        let error = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!((output.status.code(), error.lines().count()), (Some(2), 1), "{error}");
        assert!(
            error.contains(&format!("library: {library}: {reason}")) && !error.contains(value),
            "{error}"
        );
    }
}
