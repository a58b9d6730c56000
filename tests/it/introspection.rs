//! A schema that tells nothing about itself: neither when asked, nor in errors, nor on a page.

use imagraph::config::Given;
use serde_json::{Value, json};

use crate::gateway::{Gateway, pictures};
use crate::over_http::node;

fn silent() -> Gateway {
    let introspection = Some("off".to_owned());
    Gateway::start(Given { introspection, library: Some(pictures()), ..Given::default() })
}

#[test]
fn the_page_its_assets_and_the_schema_are_not_there() {
    let open = Gateway::over_pictures(&[]);
    let page = open.get("/").text().unwrap();
    let asset = page.split('"').find(|value| value.contains("assets/")).unwrap().trim_start_matches('.');
    let gateway = silent();
    for path in ["/", asset, "/schema.graphql"] {
        assert_eq!(open.get(path).status(), 200, "{path}");
        let answer = gateway.get(path);
        assert_eq!((answer.status().as_u16(), answer.text().unwrap().len()), (404, 0), "{path}");
    }
    assert_eq!(gateway.get("/health/ready").status(), 200);
}

#[test]
fn the_schema_does_not_answer_about_itself_but_for_the_names_of_types() {
    let gateway = silent();
    for query in [
        "{ __schema { types { name } } }",
        "{ __type(name: \"Image\") { fields { name } } }",
        "{ a: __schema { queryType { name } } }",
        "query { ...f } fragment f on Query { __schema { types { name } } }",
    ] {
        let answer = gateway.answer(query, json!({}));
        assert_eq!(answer["data"], Value::Null, "{answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{answer}");
    }
    let data = gateway.data("{ __typename file(id: \"cG5nL3JnYi5wbmc\") { __typename width } }");
    assert_eq!(data, json!({"__typename": "Query", "file": {"__typename": "Image", "width": 72}}));
}

/// Each is nearly a query, and makes the library name what it would have had to be.
const NEARLY: [&str; 9] = [
    "{ fil }",
    "{ file(idd: \"a\") { width } }",
    "{ file(id: \"a\") { widht } }",
    "{ file(id: \"a\") }",
    "{ file { width } }",
    "{ file(id: \"a\") { width @skip(iff: true) } }",
    "{ images(of: [{fil: \"a\"}]) { width } }",
    "query($a: [ImageInpu!]!) { images(of: $a) { width } }",
    "{ remote(url: 5) { width } }",
];

#[test]
fn errors_name_nothing_that_the_schema_has() {
    let (open, gateway) = (Gateway::over_pictures(&[]), silent());
    for query in NEARLY {
        let answer = gateway.answer(query, json!({}));
        let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("{query}: no errors"));
        for error in errors {
            assert_eq!(error["message"], "the request does not fit the schema", "{query}");
            assert!(error["locations"][0]["column"].is_number(), "{query}: {error}");
            assert_eq!(error["extensions"]["code"], "BAD_REQUEST", "{query}");
        }
        let told = open.answer(query, json!({}))["errors"][0]["message"].take();
        assert_ne!(told, "the request does not fit the schema", "{query}: it helps where it may");
    }
}

#[test]
fn what_does_not_parse_is_not_quoted() {
    for gateway in [Gateway::over_pictures(&[]), silent()] {
        for query in ["{ file(id: \"canary\" { width } }", "canary", "{ canary(", "{ a }\u{1} canary"] {
            let answer = gateway.answer(query, json!({}));
            let error = &answer["errors"][0];
            assert!(!error["message"].as_str().unwrap().contains("canary"), "{error}");
            assert!(error["locations"][0]["line"].is_number(), "{error}");
            assert_eq!(error["extensions"]["code"], "BAD_REQUEST", "{error}");
        }
    }
}

#[test]
fn tools_are_told_the_whole_schema() {
    let printed = node("introspection.js", &[&Gateway::over_pictures(&[]).url("/graphql")]);
    for part in [
        "type Image implements Node {",
        "type ImageConnection {",
        "interface Node {",
        "input ImageInput @oneOf {",
        "type Subscription {",
        "enum ErrorCode {",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
}
