//! The library as a connection of GraphQL, and images by the ids of answers.

use std::collections::BTreeSet;
use std::fs;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use imagraph::config::{Config, Given, Upstream};
use serde_json::{Value, json};

use crate::gateway::{Gateway, pictures};
use crate::stub::{Answer, Stub};

const PAGE: &str = "query($first: Int, $after: String, $under: String) {
    files(first: $first, after: $after, under: $under) {
        edges { cursor node { id name path } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

fn id_of(path: &str) -> String {
    URL_SAFE_NO_PAD.encode(path)
}

/// A library of these files, of which those that end in `.png` are pictures.
fn library(paths: &[&str]) -> (tempfile::TempDir, Gateway) {
    let root = tempfile::tempdir().expect("a folder");
    for path in paths {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        let picture = pictures().join("png/rgb.png");
        let bytes =
            if path.extension().is_some_and(|end| end == "png") { fs::read(picture) } else { Ok(Vec::new()) };
        fs::write(path, bytes.expect("a picture")).expect("written");
    }
    let gateway = Gateway::start(Given { library: Some(root.path().to_owned()), ..Given::default() });
    (root, gateway)
}

fn code(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["code"]
}

fn paths(files: &Value) -> Vec<&str> {
    let edges = files["edges"].as_array().expect("edges").iter();
    edges.map(|edge| edge["node"]["path"].as_str().expect("a path")).collect()
}

#[test]
fn pages_stand_in_the_order_of_the_bytes_and_touch_no_file() {
    let (_root, gateway) =
        library(&["a/b.png", "a-b.jpg", "a.b/c.gif", "a.txt", "a0.jpg", "a/.imagraph-1.jpg"]);
    let page = |variables: Value| {
        let (mut answer, cost) = gateway.answer_and_cost(PAGE, variables);
        assert_eq!((&answer["errors"], &cost["images"]), (&Value::Null, &json!(0)));
        answer["data"]["files"].take()
    };
    let all = page(json!({}));
    assert_eq!(paths(&all), ["a-b.jpg", "a.b/c.gif", "a/b.png", "a0.jpg"]);
    let (first, last) = (id_of("a-b.jpg"), id_of("a0.jpg"));
    assert_eq!(
        all["edges"][0],
        json!({"cursor": first, "node": {"id": first, "name": "a-b.jpg", "path": "a-b.jpg"}})
    );
    let info =
        json!({"hasNextPage": false, "hasPreviousPage": false, "startCursor": first, "endCursor": last});
    assert_eq!(all["pageInfo"], info);
    let second = page(json!({"first": 2, "after": first}));
    assert_eq!(paths(&second), ["a.b/c.gif", "a/b.png"]);
    assert_eq!(
        (&second["pageInfo"]["hasNextPage"], &second["pageInfo"]["hasPreviousPage"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(paths(&page(json!({"under": "/a/"}))), ["a/b.png"]);
    assert_eq!(paths(&page(json!({"under": "", "after": last}))), [""; 0]);
    for nothing in [json!({"under": "none"}), json!({"under": "a-b.jpg"}), json!({"under": ".imagraph"})] {
        let none = page(nothing);
        assert_eq!((paths(&none).len(), &none["pageInfo"]["endCursor"]), (0, &Value::Null));
    }
    let none = page(json!({"first": 0}));
    assert_eq!((paths(&none).len(), &none["pageInfo"]["hasNextPage"]), (0, &json!(true)));
}

#[test]
fn facts_of_a_page_are_one_batch_in_which_each_image_may_fail_alone() {
    let (_root, gateway) = library(&["a.png", "b.jpg", "c.png"]);
    let query = format!(
        "{{ files {{ edges {{ node {{ path width similarity(to: {{file: \"{}\"}}) {{ distance }} }} }} more: edges {{ cursor node {{ pHash }} }} }} }}",
        id_of("a.png")
    );
    let (answer, cost) = gateway.answer_and_cost(&query, json!({}));
    assert_eq!((&cost["images"], &cost["decoded"]), (&json!(3), &json!(2)));
    let edges = &answer["data"]["files"]["edges"];
    assert_eq!((&edges[0]["node"]["width"], &edges[1]["node"]), (&json!(72), &Value::Null));
    assert_eq!(edges[2]["node"]["similarity"]["distance"], 0);
    assert_eq!(answer["data"]["files"]["more"][1]["cursor"], id_of("b.jpg"));
    let errors = answer["errors"].as_array().expect("errors");
    let failed: Vec<_> = errors.iter().map(|error| (&error["path"], &error["extensions"]["code"])).collect();
    let not_an_image = json!("NOT_AN_IMAGE");
    let at = |list: &str| json!(["files", list, 1, "node"]);
    assert_eq!(failed, [(&at("edges"), &not_an_image), (&at("more"), &not_an_image)]);
}

#[test]
fn what_is_not_understood_is_refused() {
    let gateway = Gateway::over_pictures(&[]);
    for wrong in [
        json!({"first": -1}),
        json!({"first": 101}),
        json!({"after": ""}),
        json!({"after": "?"}),
        json!({"after": id_of("../a")}),
        json!({"under": ".."}),
        json!({"under": "a/../../b"}),
        json!({"under": "a\u{0}"}),
    ] {
        assert_eq!(code(&gateway.answer(PAGE, wrong.clone())), "BAD_REQUEST", "{wrong}");
    }
    for right in [
        json!({"first": 100}),
        json!({"first": null, "after": null, "under": null}),
        json!({"under": "a".repeat(5_000)}),
    ] {
        assert_eq!(gateway.answer(PAGE, right)["errors"], Value::Null);
    }
}

#[test]
fn a_page_counts_as_many_images_as_it_may_have() {
    let gateway = Gateway::over_pictures(&[]);
    let judge = |rest: &str, first: Value| {
        let query = format!(
            "query($n: Int) {{ ...f {rest} }} fragment f on Query {{ a: files(first: $n) {{ edges {{ node {{ width }} }} }} }}"
        );
        // Damaged files are errors of their own.
        let error = &gateway.answer(&query, json!({"n": first}))["errors"][0];
        if error["extensions"]["code"] == "QUERY_TOO_COSTLY" { error["message"].clone() } else { Value::Null }
    };
    let refused = "the query costs too much: more than 100 images on pages, as many as `first` says of each";
    assert_eq!(judge("", json!(100)), Value::Null);
    assert_eq!(judge("file(id: \"cG5nL3JnYi5wbmc\") { id }", json!(100)), Value::Null);
    assert_eq!(judge("files { edges { node { size } } }", json!(81)), refused);
    assert_eq!(judge("files { edges { node { size } } }", json!(80)), Value::Null);
    assert_eq!(judge("files { edges { cursor node { path } } }", json!(98)), Value::Null);
    assert_eq!(judge("files { edges { cursor node { path } } }", json!(99)), refused);
}

#[test]
fn node_finds_again_what_an_answer_gave_an_id_for() {
    let stub = Stub::start();
    stub.put("/a.png", Answer::ok(fs::read(pictures().join("png/rgb.png")).expect("a picture")));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let ids =
        [id_of("png/rgb.png"), stub.url("/a.png"), "?".to_owned(), id_of("none.png"), "ftp://a/b".to_owned()];
    let node = |(place, id): (usize, &String)| {
        format!("n{place}: node(id: {}) {{ __typename id ... on Image {{ width url }} }}", json!(id))
    };
    let query = format!("{{ {} }}", ids.iter().enumerate().map(node).collect::<String>());
    for _ in 0..2 {
        let answer = gateway.answer(&query, json!({}));
        let image = |id: &str, url: Value| json!({"__typename": "Image", "id": id, "width": 72, "url": url});
        assert_eq!(answer["data"]["n0"], image(&ids[0], Value::Null));
        assert_eq!(answer["data"]["n1"], image(&ids[1], json!(ids[1])));
        let errors = answer["errors"].as_array().expect("errors").iter();
        let codes: BTreeSet<_> =
            errors.map(|error| format!("{} {}", error["path"][0], error["extensions"]["code"])).collect();
        let expected = ["\"n2\" \"BAD_ID\"", "\"n3\" \"NOT_FOUND\"", "\"n4\" \"BAD_ID\""];
        assert_eq!(codes, BTreeSet::from(expected.map(str::to_owned)));
    }
}

#[test]
fn in_front_of_imagekit_there_are_no_pages() {
    let mut config =
        Config::load(Given { imagekit_url: Some("http://127.0.0.1:9".to_owned()), ..Given::default() })
            .expect("settings");
    config.upstream = Upstream::ImageKit;
    config.imagekit.private_key = "private".into();
    let answer = Gateway::with(config).answer("{ files { edges { cursor } } }", json!({}));
    assert_eq!(code(&answer), "BAD_REQUEST");
    assert!(answer["errors"][0]["message"].as_str().is_some_and(|text| text.contains("GET /v1/files")));
}

#[test]
fn without_a_library_there_is_nothing() {
    let answer = Gateway::start(Given::default()).answer(PAGE, json!({}));
    assert_eq!(answer["data"]["files"]["edges"], json!([]));
}

#[test]
fn a_page_is_not_to_be_kept() {
    let gateway = Gateway::over_pictures(&[]);
    let kept = |query: &str| {
        let answer = gateway.get_graphql(&[("query", query)]);
        answer.headers()["cache-control"].to_str().expect("text").to_owned()
    };
    let file = kept(&format!("{{ file(id: \"{}\") {{ width }} }}", id_of("png/rgb.png")));
    let page = kept("{ files { edges { node { path } } } }");
    assert_eq!((page.as_str(), file.as_str()), ("no-store", "public, max-age=1"));
}

#[test]
fn ten_thousand_files_of_one_folder_are_shown_once_and_the_rest_list_agrees() {
    let root = tempfile::tempdir().expect("a folder");
    (0..10_050).for_each(|n| fs::write(root.path().join(format!("{n}.jpg")), "").expect("written"));
    let gateway = Gateway::start(Given { library: Some(root.path().to_owned()), ..Given::default() });
    let (mut shown, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = gateway.answer(PAGE, json!({"first": 100, "after": after}));
        let files = &page["data"]["files"];
        shown.extend(paths(files).into_iter().map(str::to_owned));
        if files["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = files["pageInfo"]["endCursor"].clone();
    }
    assert!(shown.is_sorted() && shown.len() == 10_050, "{}", shown.len());
    let list: Value = gateway.get("/v1/files?limit=50&skip=10000").json().expect("JSON");
    let listed =
        list.as_array().expect("a list").iter().map(|file| file["filePath"].as_str().expect("a path"));
    assert!(listed.eq(shown[10_000..].iter().map(|path| format!("/{path}"))));
    assert_eq!(gateway.get("/v1/files?skip=100001").status(), 400);
}
