use async_graphql::Variables;
use async_graphql::parser::parse_query;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{FieldDefinition, ServiceDocument, TypeKind, TypeSystemDefinition};
use serde_json::{Value, json};

use super::*;
use crate::schema::sdl;

/// Those that have arguments or fields below them, are looked for, or belong to pictures' colours.
const NOT_PREPARED: [&str; 15] = [
    "isOpaque",
    "similarity",
    "video",
    "display",
    "captured",
    "location",
    "camera",
    "exposure",
    "text",
    "withheld",
    "dominantColor",
    "palette",
    "blurHash",
    "thumbHash",
    "lqip",
];

fn fields(type_name: &str) -> Vec<FieldDefinition> {
    let ServiceDocument { definitions } = parse_schema(sdl()).unwrap();
    let types = definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(definition.node),
        _ => None,
    });
    let found =
        types.filter(|definition| definition.name.node == type_name).map(|definition| definition.kind);
    let objects =
        found.filter_map(|kind| if let TypeKind::Object(object) = kind { Some(object) } else { None });
    objects.flat_map(|object| object.fields).map(|field| field.node).collect()
}

fn prepare(document: &str) -> Option<Arc<Prepared>> {
    Prepared::of(&parse_query(document).unwrap()).map(Arc::new)
}

/// The images that a document asks for.
fn asked(document: &str, variables: Value) -> Option<Vec<Vec<ImageRef>>> {
    prepare(document)?.asked(&Variables::from_json(variables))
}

#[test]
fn all_fields_of_an_image_are_known_but_for_these() {
    for field in fields("Image") {
        let name = field.name.node.as_str();
        let document = match name {
            "exif" => "{ file(id: \"a\") { exif { image { make } } } }".to_owned(),
            name => format!("{{ file(id: \"a\") {{ {name} }} }}"),
        };
        assert_eq!(prepare(&document).is_some(), !NOT_PREPARED.contains(&name), "{name}");
    }
}

#[test]
fn all_fields_of_exif_are_known() {
    let groups = fields("Exif").into_iter().filter(|field| field.ty.node.to_string().starts_with("Exif"));
    let groups: Vec<_> = groups.collect();
    assert_eq!(groups.len(), 5);
    for group in groups {
        let tags: Vec<_> = fields(&group.ty.node.to_string()).into_iter().map(|tag| tag.name.node).collect();
        assert!(tags.len() > 2);
        let tags = tags.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" ");
        let document =
            format!("{{ file(id: \"a\") {{ exif {{ {} {{ __typename {tags} }} }} }} }}", group.name.node);
        assert!(prepare(&document).is_some(), "{document}");
    }
}

#[test]
fn images_are_those_that_the_arguments_name() {
    let file = |id: &str| ImageRef::File(id.to_owned());
    let url = |url: &str| ImageRef::Url(url.to_owned());
    for (document, variables, images) in [
        (
            "{ file(id: \"a\") { id } remote(url: \"b\") { id } }",
            json!({}),
            vec![vec![file("a")], vec![url("b")]],
        ),
        ("{ file(id: 7) { id } __typename }", json!({}), vec![vec![file("7")], vec![]]),
        ("query($i: ID!) { file(id: $i) { id } }", json!({"i": "a"}), vec![vec![file("a")]]),
        ("query($i: ID! = \"b\") { file(id: $i) { id } }", json!({}), vec![vec![file("b")]]),
        (
            "query($o: [ImageInput!]!) { images(of: $o) { id } }",
            json!({"o": {"url": "b"}}),
            vec![vec![url("b")]],
        ),
        (
            "query($i: ID!) { images(of: [{file: $i}, {url: \"b\"}]) { id } }",
            json!({"i": "a"}),
            vec![vec![file("a"), url("b")]],
        ),
    ] {
        assert_eq!(asked(document, variables), Some(images), "{document}");
    }
    assert_eq!(asked("query($i: ID!) { file(id: $i) { id } }", json!({})), None);
}

#[test]
fn what_is_left_to_the_library() {
    for document in [
        "mutation { file(id: \"a\") { id } }",
        "subscription { images(of: []) { done } }",
        "query a { __typename } query b { __typename }",
        "{ __schema { queryType { name } } }",
        "query($x: Boolean!) { file(id: \"a\") { id @skip(if: $x) } }",
        "query($x: Boolean!) { file(id: \"a\") { ... @include(if: $x) { id } } }",
        "query($x: Boolean!) { file(id: \"a\") { ...f @include(if: $x) } } fragment f on Image { id }",
        "{ file(id: \"a\") { id } file(id: \"a\") { width } }",
        "{ file(id: \"a\") { exif { image { make } } exif { image { model } } } }",
        "{ file(id: \"a\") { palette(colors: 2) { share } } }",
    ] {
        assert!(prepare(document).is_none(), "{document}");
    }
}

#[test]
fn fields_of_fragments_stand_in_their_places() {
    let document =
        "{ file(id: \"a\") { id ...f ... on Image { w: width id } } } fragment f on Image { height width }";
    let prepared = prepare(document).unwrap();
    let selection = prepared.roots[0].what.selection().unwrap();
    let keys: Vec<_> = selection.fields.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["id", "height", "width", "w"]);
}

#[test]
fn fields_of_fragments_are_counted_as_often_as_they_stand_there() {
    let count = |document: &str| prepare(document).unwrap().fields();
    assert_eq!(count("{ __typename file(id: \"a\") { id width } }"), 4);
    let tags = "fragment t on ExifImage { make model }";
    let exif = "exif { raw image { ...t } thumb: image { ...t } }";
    assert_eq!(
        count(&format!("{{ a: file(id: \"a\") {{ {exif} }} b: file(id: \"b\") {{ {exif} }} }} {tags}")),
        18
    );
}
