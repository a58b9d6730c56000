//! Documents: their limits, what is looked ahead in them, and a code on every error.

use std::fs;

use imagraph::config::Given;
use serde_json::{Value, json};

use crate::gateway::{Gateway, client, pictures};
use crate::stub::Stub;

fn gateway() -> Gateway {
    Gateway::over_pictures(&[])
}

#[test]
fn a_document_that_nests_too_deeply_is_refused_and_the_gateway_lives() {
    let gateway = gateway();
    for open in ["[", "{a:", "{a"] {
        let query = format!("{{ file(id: {}", open.repeat(20_000));
        let errors = gateway.answer(&query, json!({}))["errors"].take();
        assert_eq!(errors[0]["extensions"]["code"], "QUERY_TOO_COSTLY", "{open}");
    }
    assert_eq!(gateway.data("{ __typename }"), json!({"__typename": "Query"}));
}

#[test]
fn fragments_that_fan_out_are_refused_and_the_gateway_lives() {
    let gateway = gateway();
    let fragment = |n| format!("fragment f{n} on Query {{ ...f{0} ...f{0} }}", n + 1);
    let fragments: String = (0..24).map(fragment).collect();
    let query = format!("{{ ...f0 }} {fragments} fragment f24 on Query {{ __typename }}");
    let errors = gateway.answer(&query, json!({}))["errors"].take();
    let message = "the query costs too much: more than 200 fields at its root";
    assert_eq!(errors, json!([{"message": message, "extensions": {"code": "QUERY_TOO_COSTLY"}}]));
    assert_eq!(gateway.data("{ __typename }"), json!({"__typename": "Query"}));
}

#[test]
fn a_long_list_under_many_aliases_is_refused_before_the_first_fetch() {
    let stub = Stub::start();
    let gateway = Gateway::over_pictures(&[stub.address]);
    let urls: Vec<_> = (0..1_000).map(|n| json!({"url": stub.url(&format!("/{n}"))})).collect();
    let aliases: String = (0..40).map(|n| format!("a{n}: images(of: $of) {{ pHash }} ")).collect();
    let answer = gateway.answer(&format!("query($of: [ImageInput!]!) {{ {aliases} }}"), json!({"of": urls}));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "QUERY_TOO_COSTLY", "{answer}");
    assert_eq!(stub.asked().len(), 0);
}

#[test]
fn an_answer_that_would_be_too_long_is_an_error_at_its_image() {
    let library = tempfile::tempdir().unwrap();
    fs::write(library.path().join("a.jpg"), with_description(40_000)).unwrap();
    let library = Some(library.path().to_owned());
    let gateway = Gateway::start(Given { library, ..Given::default() });
    let image = |aliases: usize| {
        let exif: String = (0..aliases).map(|n| format!("e{n}: exif {{ raw }} ")).collect();
        format!("file(id: \"YS5qcGc\") {{ {exif} }}")
    };
    let short = gateway.data(&format!("{{ {} }}", image(115)));
    assert_eq!(
        short["file"]["e114"]["raw"]["image"]["ImageDescription"].as_str().map(str::len),
        Some(39_999)
    );
    let answer = gateway.answer(&format!("{{ a: {} b: {} __typename }}", image(115), image(115)), json!({}));
    assert_eq!(answer["data"]["__typename"], "Query");
    assert!(answer["data"]["a"].is_null() != answer["data"]["b"].is_null(), "one of the two is answered");
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "QUERY_TOO_COSTLY");
}

#[test]
fn what_json_escapes_is_counted_as_it_is_printed() {
    let library = tempfile::tempdir().unwrap();
    fs::write(library.path().join("a.jpg"), with_description_of(1, 40_000)).unwrap();
    let gateway = Gateway::start(Given { library: Some(library.path().to_owned()), ..Given::default() });
    let ask = |repeats: usize| {
        let exif: String = (0..repeats).map(|n| format!("e{n}: exif {{ raw }} ")).collect();
        gateway.answer(&format!("{{ file(id: \"YS5qcGc\") {{ {exif} }} }}"), json!({}))
    };
    assert_eq!(
        ask(1)["data"]["file"]["e0"]["raw"]["image"]["ImageDescription"].to_string().len(),
        6 * 39_999 + 2
    );
    assert_eq!(ask(40)["errors"][0]["extensions"]["code"], "QUERY_TOO_COSTLY");
}

/// A JPEG whose EXIF block is a description of so many bytes.
pub fn with_description(bytes: u32) -> Vec<u8> {
    with_description_of(b'x', bytes)
}

fn with_description_of(byte: u8, bytes: u32) -> Vec<u8> {
    let picture = fs::read(pictures().join("jpeg/baseline.jpg")).unwrap();
    let entry = [&[1, 14, 0, 2][..], &bytes.to_be_bytes(), &26_u32.to_be_bytes()].concat();
    let ifd = [&[0, 1][..], &entry, &[0; 4]].concat();
    let text = [vec![byte; bytes as usize - 1], vec![0]].concat();
    let block = [b"Exif\0\0MM\0*\0\0\0\x08".as_slice(), &ifd, &text].concat();
    let length = u16::try_from(block.len() + 2).unwrap().to_be_bytes();
    [&picture[..2], &[0xFF, 0xE1], &length, &block, &picture[2..]].concat()
}

#[test]
fn every_error_has_a_code() {
    let gateway = gateway();
    let queries = [
        "{",
        "{ nothing }",
        "{ file { width } }",
        "{ file(id: \"a\") }",
        "query($a: Url!) { remote(url: $a) { width } }",
        "{ images(of: [{file: \"a\", url: \"b\"}]) { width } }",
        "{ file(id: \"anBlZy9iYXNlbGluZS5qcGc\") { similarity(to: {pHash: \"xyz\"}) { distance } } }",
        "{ file(id: \"anBlZy9iYXNlbGluZS5qcGc\") { similarity(to: {}) { distance } } }",
        "{ file(id: \"\") { width } }",
    ];
    for query in queries {
        let answer = gateway.answer(query, json!({}));
        let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("{query}: no errors"));
        assert!(!errors.is_empty(), "{query}");
        for error in errors {
            assert!(error["extensions"]["code"].is_string(), "{query}: {error}");
        }
    }
}

#[test]
fn aliases_fragments_directives_and_variables_are_looked_ahead() {
    let query = "query($id: ID!, $no: Boolean = false) {
        a: file(id: $id) { ...hash ... on Image { size } width @include(if: $no) }
    }
    fragment hash on Image { h: pHash @skip(if: $no) ...more }
    fragment more on Image { e: exif { image { m: make } } }";
    let answer = gateway().answer(query, json!({"id": "anBlZy9leGlmLWNhbWVyYS1sZS5qcGc"}));
    assert_eq!(answer["errors"], Value::Null);
    let image = &answer["data"]["a"];
    assert_eq!(image["h"].as_str().map(str::len), Some(16));
    assert!(image["e"]["image"]["m"].is_string(), "{image}");
    assert!(image["size"].is_i64() && image.get("width").is_none(), "{image}");
}

#[test]
fn health_is_told() {
    let gateway = gateway();
    assert_eq!(gateway.get("/health/live").status(), 200);
    assert_eq!(gateway.get("/health/ready").status(), 200);
    let head = client().head(gateway.url("/health/live")).send().unwrap();
    assert_eq!((head.status().as_u16(), head.bytes().unwrap().len()), (200, 0));
    assert_eq!(gateway.get("/health/other").status(), 404);
}

#[test]
fn a_document_that_does_not_fit_is_told_so_in_few_words_without_its_values() {
    let gateway = gateway();
    let fields: String = (0..190).map(|n| format!("b{n} ")).collect();
    let answer = gateway.answer(&format!("{{ file(id: 1) {{ {fields} }} }}"), json!({}));
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(20));
    assert!(answer["errors"][19]["message"].as_str().unwrap().starts_with("Unknown field \"b19\""));
    let many: String = (0..1_900).map(|n| format!("b{n} ")).collect();
    let answer = gateway.answer(&format!("{{ file(id: 1) {{ {many} }} }}"), json!({}));
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    let query = "query($of: ImageInput!) { images(of: [$of]) { id } }";
    let answer = gateway.answer(query, json!({"of": "signature=secret"}));
    assert_eq!(answer["errors"][0]["message"], "Expected input type \"ImageInput\"");
    assert!(!answer.to_string().contains("secret"), "{answer}");
}

#[test]
fn a_document_that_ran_before_is_answered_as_it_was_and_its_variables_are_held_against_their_types() {
    let gateway = gateway();
    let query = "query($of: [ImageInput!]!, $with: Boolean = false) {
        images(of: $of) { id width pHash @include(if: $with) }
    }";
    let file = "anBlZy9iYXNlbGluZS5qcGc";
    let right =
        [json!({"of": [{"file": file}]}), json!({"of": {"file": file}, "with": true}), json!({"of": []})];
    let wrong = [
        json!({}),
        json!({"of": null}),
        json!({"of": [{"file": file, "url": "http://a/"}]}),
        json!({"of": [{"file": true}]}),
        json!({"of": [], "with": "true"}),
    ];
    // Before it has run and after.
    let [first, second] = [0, 1].map(|_| {
        let ask = |variables: &Value| gateway.answer(query, variables.clone());
        let refused: Vec<_> = wrong.iter().map(ask).collect();
        let answered: Vec<_> = right.iter().map(|variables| ask(variables)["data"].take()).collect();
        (refused, answered)
    });
    assert!(first.0.iter().all(|answer| answer["data"].is_null()), "{:?}", first.0);
    assert_eq!(first.1[1]["images"][0]["pHash"].as_str().map(str::len), Some(16));
    assert_eq!(first, second);
}

/// What is printed at once is what the library prints, which is given a fragment to look into.
#[test]
fn facts_are_printed_the_same_one_by_one_and_at_once() {
    let facts = "__typename id url name path source width height size format mimeType hasColorProfile quality density \
        hasTransparency pHash again: width width";
    let gateway = gateway();
    let pictures = [
        "jpeg/exif-camera-le.jpg",
        "png/rgba-opaque.png",
        "gif/static.gif",
        "damaged/header-only.png",
        "damaged/zero-width.png",
    ];
    for picture in pictures {
        let id = imagraph::source::engine::library::id_of(picture.as_ref());
        let ask = |selection: &str| {
            gateway.answer(&format!("{{ file(id: \"{id}\") {{ {selection} }} }}"), json!({}))
        };
        for fact in facts.split_whitespace().filter(|fact| !fact.ends_with(':')) {
            let (known, found) = (ask(fact), ask(&format!("... on Image {{ {fact} }}")));
            assert_eq!(known["data"].to_string(), found["data"].to_string(), "{picture} {fact}");
            let code = |answer: &Value| answer["errors"][0]["extensions"]["code"].clone();
            assert_eq!(
                (code(&known), &known["errors"][0]["path"]),
                (code(&found), &found["errors"][0]["path"])
            );
        }
        let (known, found) = (ask(facts), ask(&format!("... on Image {{ {facts} }}")));
        assert_eq!(known["data"].to_string(), found["data"].to_string(), "{picture}");
    }
}
