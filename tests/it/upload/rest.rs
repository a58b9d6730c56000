//! `POST /api/v1/files/upload`, as ImageKit's clients use it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::ImageFormat;
use serde_json::{Value, json};

use super::{Form, Place, picture, rest};
use crate::stub::{Answer, Stub};

fn sent(place: &Place, form: Form) -> Value {
    let answer = rest(&place.gateway, form);
    assert_eq!(answer.headers()["x-ik-requestid"].len(), 32);
    let (status, body) = (answer.status(), answer.text().unwrap());
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[test]
fn an_upload_is_answered_as_imagekit_does() {
    let place = Place::new();
    let bytes = picture(1, 20, ImageFormat::Jpeg);
    let fields = [
        ("fileName", "a b.jpg"),
        ("folder", "/x/y/"),
        ("useUniqueFileName", "false"),
        ("tags", "red, green"),
        ("responseFields", "tags,metadata,isPrivateFile"),
        ("customMetadata", "{}"),
    ];
    let answer = sent(&place, Form::rest(&fields, &bytes));
    for (name, value) in [
        ("fileId", json!("eC95L2FfYi5qcGc")),
        ("name", json!("a_b.jpg")),
        ("filePath", json!("/x/y/a_b.jpg")),
        ("size", json!(bytes.len())),
        ("fileType", json!("image")),
        ("width", json!(20)),
        ("height", json!(20)),
        ("tags", json!(["red", "green"])),
        ("AITags", json!(null)),
        ("isPrivateFile", json!(false)),
    ] {
        assert_eq!(answer[name], value, "{name}");
    }
    let by_id: Value = place.gateway.get("/v1/files/eC95L2FfYi5qcGc/metadata").json().unwrap();
    assert_eq!(answer["metadata"], by_id);
    assert_eq!(by_id["pHash"].as_str().map(str::len), Some(16));
    let details: Value = place.gateway.get("/v1/files/eC95L2FfYi5qcGc/details").json().unwrap();
    assert_eq!(details["tags"], json!(["red", "green"]));
    let listed: Value = place.gateway.get("/v1/files").json().unwrap();
    assert_eq!(listed, json!([details]));
}

#[test]
fn a_file_may_be_base64_or_at_a_url() {
    let stub = Stub::start();
    let bytes = picture(1, 20, ImageFormat::Png);
    stub.put("/a.png", Answer::ok(bytes.clone()));
    stub.put("/page.png", Answer::ok("<html>"));
    let place = Place::with(&["--allow-host", &stub.address.to_string()], "");
    let base64 = STANDARD.encode(&bytes);
    let lines: Vec<_> = base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let texts =
        [base64.clone(), format!("data:image/png;base64,{base64}"), lines.join("\r\n"), stub.url("/a.png")];
    for (n, text) in texts.iter().enumerate() {
        let name = format!("{n}.png");
        let form =
            Form::default().text("fileName", &name).text("useUniqueFileName", "false").text("file", text);
        sent(&place, form);
        assert!(std::fs::read(place.root().join(name)).unwrap() == bytes);
    }
    let before = place.files();
    for (file, status) in [
        (stub.url("/page.png"), 400),
        (stub.url("/none.png"), 404),
        ("http://127.0.0.1:1/a.png?secret=canary".to_owned(), 400),
        ("http://".to_owned(), 400),
        (format!("{}{}", stub.url("/"), "a".repeat(9_000)), 400),
        ("data:image/svg+xml,<svg/>".to_owned(), 400),
        ("/etc/passwd".to_owned(), 400),
        (STANDARD.encode(&bytes[..bytes.len() / 2]), 400),
        (String::new(), 400),
    ] {
        let answer = rest(&place.gateway, Form::default().text("fileName", "x.png").text("file", &file));
        let (answered, body) = (answer.status(), answer.text().unwrap());
        assert_eq!(answered, status, "{file} {body}");
        assert!(!body.contains("canary"), "{body}");
    }
    assert_eq!(place.files(), before);
}

#[test]
fn nothing_is_overwritten_unless_that_is_asked() {
    let place = Place::new();
    let name = [("fileName", "a.png"), ("useUniqueFileName", "false")];
    let [first, second] = [1, 2].map(|seed| picture(seed, 16, ImageFormat::Png));
    let tagged = [&name[..], &[("tags", "old")]].concat();
    sent(&place, Form::rest(&tagged, &first));
    for fields in [&name[..], &[name[0], name[1], ("overwriteFile", "false")]] {
        let refused = rest(&place.gateway, Form::rest(fields, &second));
        assert_eq!(refused.status(), 400);
        let body: Value = refused.json().unwrap();
        assert!(body["message"].as_str().unwrap().starts_with("A file with the same name already exists"));
    }
    let hash = |answer: &Value| answer["metadata"]["pHash"].clone();
    let overwriting = [name[0], name[1], ("overwriteFile", "true"), ("responseFields", "metadata")];
    let answer = sent(&place, Form::rest(&overwriting, &second));
    assert!(std::fs::read(place.root().join("a.png")).unwrap() == second);
    assert_eq!(answer["tags"], json!(null), "they were the other's");
    let now = place.gateway.answer("{ file(id: \"YS5wbmc\") { pHash } }");
    assert_eq!(now["data"]["file"]["pHash"], hash(&answer));
    assert_eq!(place.files(), ["a.png"]);
}

#[test]
fn what_is_not_supported_and_would_mean_something_is_refused() {
    let place = Place::new();
    let bytes = picture(1, 8, ImageFormat::Png);
    for field in [
        ("isPrivateFile", "true"),
        ("isPublished", "false"),
        ("useUniqueFileName", "maybe"),
        ("transformation", "{\"pre\": \"w-1\"}"),
        ("checks", "\"file.size\" < \"1mb\""),
        ("fileName", "twice.png"),
        ("tags", "100%"),
    ] {
        let refused = rest(&place.gateway, Form::rest(&[("fileName", "a.png"), field], &bytes));
        assert_eq!(refused.status(), 400, "{field:?}");
    }
    for form in [Form::rest(&[], &bytes), Form::default().text("fileName", "a.png"), Form::default()] {
        assert_eq!(rest(&place.gateway, form).status(), 400);
    }
    let twice = Form::rest(&[("fileName", "a.png")], &bytes).file("file", "b.png", &bytes);
    assert_eq!(rest(&place.gateway, twice).status(), 400);
    assert_eq!(place.gateway.get("/api/v1/files/upload").status(), 405);
    assert!(place.files().is_empty());
}

#[test]
fn files_are_listed_by_their_tags() {
    let place = Place::new();
    for (name, tags) in [("a.png", "red,green"), ("b.png", "green, dark blue"), ("c.png", "")] {
        let fields = [("fileName", name), ("useUniqueFileName", "false"), ("tags", tags)];
        sent(&place, Form::rest(&fields, &picture(1, 8, ImageFormat::Png)));
    }
    let listed = |query: &str| {
        let files: Value = place.gateway.get(&format!("/v1/files?{query}")).json().unwrap();
        let files = files.as_array().unwrap_or_else(|| panic!("{files}")).clone();
        files.iter().map(|file| file["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed("tags=green"), ["a.png", "b.png"]);
    assert_eq!(listed("tags=red,dark%20blue&limit=1&skip=1"), ["b.png"]);
    assert_eq!(listed("searchQuery=tags%20IN%20%5B%22red%22%5D"), ["a.png"]);
    assert_eq!(listed("searchQuery=%22tags%22%20IN%20%5B%22red%22%5D"), ["a.png"]);
    assert_eq!(listed("tags=none"), [""; 0]);
    let refused = place.gateway.get("/v1/files?searchQuery=name%20%3D%20%22a.png%22").text().unwrap();
    assert!(refused.contains("`id IN [") && refused.contains("`tags IN ["), "{refused}");
    assert_eq!(place.gateway.get("/v1/files?tags=red&tags=green").status(), 400);
}

#[test]
fn tags_are_gone_with_their_file_and_need_an_index() {
    let place = Place::with(&[], "[index]\nrescan_seconds = 1");
    let fields = [("fileName", "a.png"), ("useUniqueFileName", "false"), ("tags", "[\"a,b\"]")];
    sent(&place, Form::rest(&fields, &picture(1, 8, ImageFormat::Png)));
    let tags = || place.gateway.get("/v1/files/YS5wbmc/details").json::<Value>().unwrap()["tags"].clone();
    assert_eq!(tags(), json!(["a,b"]));
    std::fs::remove_file(place.root().join("a.png")).unwrap();
    crate::redis_server::until("the index forgets it", || {
        let similar =
            place.gateway.answer("{ similar(to: {pHash: \"0\"}, within: 64) { edges { cursor } } }");
        similar["data"]["similar"]["edges"] == json!([])
    });
    std::fs::write(place.root().join("a.png"), picture(2, 8, ImageFormat::Png)).unwrap();
    assert_eq!(tags(), json!(null));

    let without = Place::with(&["--index", "off"], "");
    let refused = rest(&without.gateway, Form::rest(&fields, &picture(1, 8, ImageFormat::Png)));
    assert_eq!(refused.status(), 400);
    assert!(refused.json::<Value>().unwrap()["help"].as_str().unwrap().contains("no index"));
    assert!(without.files().is_empty());
}

/// ImageKit's clients send everything as a file of some name.
#[test]
fn a_text_in_a_file_is_no_image_and_one_in_a_field_is_no_base64() {
    let place = Place::new();
    let name = [("fileName", "a.png"), ("useUniqueFileName", "false")];
    for text in ["hello world", "notanimage", "aGVsbG8gd29ybGQ=", "abc"] {
        let body: Value = rest(&place.gateway, Form::rest(&name, text.as_bytes())).json().unwrap();
        assert_eq!(body["help"], "the file is not an image", "{text}: {body}");
    }
    let form = Form::default().text("file", "hello world").text("fileName", "a.png");
    let body: Value = rest(&place.gateway, form).json().unwrap();
    assert!(body["help"].as_str().unwrap().contains("nor base64"), "{body}");
    assert!(place.files().is_empty());
}
