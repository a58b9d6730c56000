//! Documents that were run before are shown without the library (`schema/prepared`): nobody is to notice.

use std::fs;
use std::path::Path;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{FieldDefinition, TypeKind, TypeSystemDefinition};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use imagraph::config::{Config, Given};
use serde_json::{Value, json};

use crate::gateway::{Gateway, pictures};

/// One that keeps no document, so that the library answers always.
fn forgetful() -> Gateway {
    let mut config = Config::load(Given { library: Some(pictures()), ..Given::default() }).expect("settings");
    config.documents.max_parsed_bytes = 0;
    Gateway::with(config)
}

/// The answer, with its errors in one order.
fn answer(gateway: &Gateway, query: &str, variables: &Value) -> Value {
    let mut answer = gateway.answer(query, variables.clone());
    if let Some(errors) = answer.get_mut("errors").and_then(Value::as_array_mut) {
        errors.sort_by_key(|error| error["path"].to_string());
    }
    answer
}

/// Asks both, the one that keeps documents twice.
#[track_caller]
fn compare(keeping: &Gateway, forgetful: &Gateway, query: &str, variables: &Value) -> Value {
    let expected = answer(forgetful, query, variables);
    for time in ["at first", "again"] {
        let told = answer(keeping, query, variables);
        // As text: the order of fields counts.
        assert_eq!(told.to_string(), expected.to_string(), "{time}: {query}");
    }
    expected
}

/// The fields of a type that have no arguments.
fn fields(type_name: &str) -> Vec<FieldDefinition> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let schema = parse_schema(fs::read_to_string(schema).expect("the schema")).expect("a schema");
    let kinds = schema.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(ty) if ty.node.name.node == type_name => Some(ty.node.kind),
        _ => None,
    });
    let objects =
        kinds.filter_map(|kind| if let TypeKind::Object(object) = kind { Some(object) } else { None });
    let fields = objects.flat_map(|object| object.fields).map(|field| field.node);
    fields.filter(|field| field.arguments.is_empty()).collect()
}

fn names(fields: &[FieldDefinition]) -> String {
    fields.iter().map(|field| field.name.node.as_str()).collect::<Vec<_>>().join(" ")
}

/// All facts and tags that are prepared.
fn everything() -> String {
    const NOT_PREPARED: [&str; 7] =
        ["exif", "video", "display", "isOpaque", "dominantColor", "thumbHash", "lqip"];
    let is_prepared = |field: &FieldDefinition| !NOT_PREPARED.contains(&field.name.node.as_str());
    let facts: Vec<_> = fields("Image").into_iter().filter(is_prepared).collect();
    let groups = fields("Exif").into_iter().filter(|field| field.ty.node.to_string().starts_with("Exif"));
    let groups = groups.map(|group| {
        format!("{} {{ __typename {} }}", group.name.node, names(&fields(&group.ty.node.to_string())))
    });
    let groups: Vec<_> = groups.collect();
    format!("__typename {} exif {{ __typename raw makernote {} }}", names(&facts), groups.join(" "))
}

/// The ids of all pictures, damaged ones among them.
fn ids() -> Vec<String> {
    let mut folders = vec![pictures()];
    let mut ids = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            match entry.is_dir() {
                true => folders.push(entry),
                false => {
                    let path =
                        entry.strip_prefix(pictures()).expect("below").to_str().expect("UTF-8").to_owned();
                    ids.push(URL_SAFE_NO_PAD.encode(path));
                }
            }
        }
    }
    ids.sort();
    ids
}

#[test]
fn all_facts_of_all_pictures_are_the_same() {
    let (keeping, forgetful) = (Gateway::over_pictures(&[]), forgetful());
    let query = format!("query($of: [ImageInput!]!) {{ images(of: $of) {{ {} }} }}", everything());
    let ids = ids();
    assert!(ids.len() > 100);
    let mut failed = 0;
    for some in ids.chunks(8) {
        let of: Vec<_> = some.iter().map(|id| json!({"file": id})).collect();
        let told = compare(&keeping, &forgetful, &query, &json!({"of": of}));
        failed += told["errors"].as_array().map_or(0, Vec::len);
    }
    assert!(failed > 20, "{failed}");
}

#[test]
fn documents_of_all_forms_are_answered_the_same() {
    let (keeping, forgetful) = (Gateway::over_pictures(&[]), forgetful());
    let rgb = URL_SAFE_NO_PAD.encode("png/rgb.png");
    let cut = URL_SAFE_NO_PAD.encode("damaged/truncated-middle.jpg");
    let asked =
        json!({"a": rgb, "b": cut, "of": [{"file": rgb}, {"file": "none"}, {"url": "x:y"}], "no": false});
    for query in [
        "query($a: ID!, $b: ID!) { a: file(id: $a) { w: width } b: file(id: $b) { width pHash h: pHash } __typename }",
        "query($a: ID!) { file(id: $a) { ...f ... { path } } } fragment f on Image { id ...g } fragment g on Image { name }",
        "query($a: ID!) { file(id: $a) { width width ... on Image { width height } } }",
        "query($a: ID!) { file(id: $a) { width } file(id: $a) { height } }",
        "query($a: ID!, $no: Boolean!) { file(id: $a) { width @include(if: $no) height @skip(if: $no) } }",
        "query($of: [ImageInput!]!) { images(of: $of) { id url format } }",
        "query($of: [ImageInput!]!, $a: ID!) { images(of: $of) { id } more: images(of: [{file: $a}, {url: \"http://\"}]) { id } }",
        "query($b: ID!) { file(id: $b) { similarity(to: {pHash: \"0\"}) { distance } } }",
        "query($x: ID! = \"nothing\") { file(id: $x) { id } }",
        "{ remote(url: \"http://127.0.0.1:1/\") { id } images(of: []) { id } }",
        "{ file(id: 12) { id } }",
        "{ __schema { queryType { name } } }",
        "query($a: ID!) { file(id: $a) { nothing } }",
        "query($missing: ID!) { file(id: $missing) { id } }",
    ] {
        compare(&keeping, &forgetful, query, &asked);
    }
}
