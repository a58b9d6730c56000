//! The mutation, after the GraphQL multipart request specification.

use image::ImageFormat;
use serde_json::{Value, json};

use super::{Form, Place, code, graphql, picture, post, upload};

#[test]
fn an_image_is_stored_byte_for_byte_and_known_at_once() {
    let place = Place::new();
    let bytes = picture(1, 40, ImageFormat::Png);
    let id = "YSBiL2MuanBn"; // `a b/c.jpg`, which does not become one
    assert_eq!(code(&place.gateway.answer(&format!("{{ file(id: \"{id}\") {{ width }} }}"))), "NOT_FOUND");
    let missing = place.gateway.answer("{ file(id: \"YV9iL2MuanBn\") { width } }");
    assert_eq!(code(&missing), "NOT_FOUND", "it is remembered that it is not there");
    let answer = upload(&place.gateway, "/a b/", "c.jpg", &bytes);
    let image = &answer["data"]["upload"];
    assert_eq!(
        (&image["id"], &image["path"], &image["format"], &image["width"], &image["size"]),
        (&json!("YV9iL2MuanBn"), &json!("a_b/c.jpg"), &json!("png"), &json!(40), &json!(bytes.len())),
        "{answer}"
    );
    assert_eq!(std::fs::read(place.root().join("a_b/c.jpg")).unwrap(), bytes);
    assert_eq!(place.files(), ["a_b", "a_b/c.jpg"]);
    let file = place.gateway.answer("{ file(id: \"YV9iL2MuanBn\") { width pHash checksum } }");
    assert_eq!(
        (&file["data"]["file"]["width"], &file["data"]["file"]["pHash"]),
        (&json!(40), &image["pHash"])
    );
    let listed = place.gateway.answer("{ files { edges { node { path } } } }");
    assert_eq!(listed["data"]["files"]["edges"], json!([{"node": {"path": "a_b/c.jpg"}}]));
}

#[test]
fn what_looks_alike_is_found_at_once() {
    let place = Place::new();
    for (name, seed) in [("a.png", 1), ("b.png", 1), ("c.png", 2)] {
        let answer = upload(&place.gateway, "", name, &picture(seed, 64, ImageFormat::Png));
        assert_eq!(answer.get("errors"), None, "{answer}");
    }
    let similar = place.gateway.answer(
        "{ similar(to: {file: \"YS5wbmc\"}) { edges { node { name } similarity { distance } } }
        duplicateGroups { edges { node { count } } } }",
    );
    let expected = json!([{"node": {"name": "b.png"}, "similarity": {"distance": 0}}]);
    assert_eq!(similar["data"]["similar"]["edges"], expected, "{similar}");
    assert_eq!(similar["data"]["duplicateGroups"]["edges"], json!([{"node": {"count": 2}}]));
}

#[test]
fn a_name_is_made_unique_unless_that_is_not_wanted() {
    let place = Place::new();
    let bytes = picture(1, 8, ImageFormat::Png);
    for _ in 0..2 {
        let sent = graphql(&place.gateway, Form::graphql(&json!({}), "my photo.png", &bytes));
        let answer: Value = sent.json().unwrap();
        let path = answer["data"]["upload"]["path"].as_str().unwrap_or_else(|| panic!("{answer}"));
        assert!(path.starts_with("my_photo_") && path.ends_with(".png") && path.len() == 22, "{path}");
    }
    assert_eq!(place.files().len(), 2);
    assert!(upload(&place.gateway, "", "a.png", &bytes)["data"]["upload"]["id"].is_string());
    let again = upload(&place.gateway, "", "a.png", &picture(2, 8, ImageFormat::Png));
    assert_eq!(code(&again), "ALREADY_EXISTS");
    assert_eq!(std::fs::read(place.root().join("a.png")).unwrap(), bytes);
    assert_eq!(place.files().len(), 3);
}

#[test]
fn of_two_at_the_same_time_exactly_one_wins() {
    let place = Place::new();
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let sends = (1..=6).map(|seed| {
            let gateway = &place.gateway;
            scope.spawn(move || upload(gateway, "new/folder", "a.png", &picture(seed, 30, ImageFormat::Png)))
        });
        let sends: Vec<_> = sends.collect();
        sends.into_iter().map(|send| send.join().unwrap()).collect()
    });
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.get("errors").is_none());
    assert_eq!((won.len(), lost.len()), (1, 5), "{answers:?}");
    assert!(lost.iter().all(|answer| code(answer) == "ALREADY_EXISTS"));
    assert_eq!(place.files(), ["new", "new/folder", "new/folder/a.png"]);
}

#[test]
fn several_files_of_a_list_and_of_several_requests() {
    let place = Place::new();
    let (first, second) = (picture(1, 9, ImageFormat::Png), picture(2, 10, ImageFormat::Jpeg));
    let two = "mutation($files: [Upload!]!, $other: Upload!) { b: upload(file: $other, fileName: \"b\", unique: false) { path } }";
    let one = "mutation($f: Upload!) { upload(file: $f, fileName: \"a.png\", unique: false) { path width } }";
    let operations = json!([
        {"query": one, "variables": {"f": null}},
        {"query": two, "variables": {"files": [], "other": null}},
    ]);
    // A variable that nobody uses is no fault of the files.
    let operations = operations.to_string().replace("$files: [Upload!]!, ", "").replace("\"files\":[],", "");
    let form = Form::default().text("operations", &operations);
    let form = form.text("map", r#"{"x": ["0.variables.f"], "y": ["1.variables.other"]}"#);
    let answer: Value =
        graphql(&place.gateway, form.file("y", "y", &second).file("x", "x", &first)).json().unwrap();
    assert_eq!(answer[0]["data"]["upload"], json!({"path": "a.png", "width": 9}), "{answer}");
    assert_eq!(answer[1]["data"]["b"], json!({"path": "b.jpg"}), "{answer}");
}

#[test]
fn one_that_is_refused_does_not_hide_the_other() {
    let place = Place::new();
    let both = "mutation($sound: Upload!, $broken: Upload!) {
        sound: upload(file: $sound, fileName: \"a.png\", unique: false) { path }
        broken: upload(file: $broken, fileName: \"b.png\", unique: false) { path }
    }";
    let operations = json!({"query": both, "variables": {"sound": null, "broken": null}});
    let form = Form::default().text("operations", &operations.to_string());
    let form = form.text("map", r#"{"0": ["variables.sound"], "1": ["variables.broken"]}"#);
    let form = form.file("0", "0", &picture(1, 9, ImageFormat::Png)).file("1", "1", b"no image");
    let answer: Value = graphql(&place.gateway, form).json().unwrap();
    assert_eq!(answer["data"], json!({"sound": {"path": "a.png"}, "broken": null}), "{answer}");
    assert_eq!(answer["errors"][0]["path"], json!(["broken"]), "{answer}");
    assert_eq!(place.files(), ["a.png"]);
}

#[test]
fn a_form_of_another_site_is_refused_and_so_is_a_file_in_json() {
    let place = Place::new();
    let body = Form::graphql(&json!({}), "a.png", &picture(1, 8, ImageFormat::Png)).body();
    let refused = post(&place.gateway, "/graphql").body(body.clone()).send().unwrap();
    assert_eq!(refused.status(), 415);
    for header in ["apollo-require-preflight", "x-requested-with"] {
        let sent = post(&place.gateway, "/graphql").header(header, "x").body(body.clone()).send().unwrap();
        assert_eq!(sent.status(), 200, "{header}");
    }
    let before = place.files();
    for file in ["\"0\"", "null", "{}", "0"] {
        let query = format!("mutation {{ upload(file: {file}) {{ id }} }}");
        assert_eq!(code(&place.gateway.answer(&query)), "BAD_REQUEST", "{file}");
    }
    let by_get = place.gateway.get("/graphql?query=mutation%7Bupload(file:%220%22)%7Bid%7D%7D");
    assert_eq!(by_get.status(), 405);
    assert_eq!(place.files(), before);
}
