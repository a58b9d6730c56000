//! The schema is what `schema.graphql` says, and says what everything in it means.

use serde_json::{Value, json};

use crate::gateway::Gateway;

/// Scalars that every GraphQL schema has.
const SPECIFIED: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

#[test]
fn schema_graphql_is_what_the_command_prints() {
    let checked_in = include_str!("../../schema.graphql");
    assert!(imagraph::schema::sdl() == checked_in, "run: cargo run -- schema > schema.graphql");
}

#[test]
fn the_gateway_serves_its_schema() {
    let gateway = Gateway::over_pictures(&[]);
    let response = gateway.get("/schema.graphql");
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().unwrap(), include_str!("../../schema.graphql"));
}

#[test]
fn every_type_field_argument_and_value_has_a_description() {
    let query = "{ __schema { types {
        name description
        fields { name description args { name description } }
        inputFields { name description }
        enumValues { name description }
    } } }";
    let schema = Gateway::over_pictures(&[]).data(query);
    let mut described = 0;
    for kind in list(&schema["__schema"]["types"]) {
        let name = text(kind, "name");
        if name.starts_with("__") || SPECIFIED.contains(&name) {
            continue;
        }
        described += check(kind, name);
        for part in ["fields", "inputFields", "enumValues"].into_iter().flat_map(|part| list(&kind[part])) {
            let name = format!("{name}.{}", text(part, "name"));
            described += check(part, &name);
            described += list(&part["args"]).iter().map(|argument| check(argument, &name)).sum::<usize>();
        }
    }
    assert!(described > 150, "only {described} descriptions were looked at");
}

#[test]
fn one_of_inputs_are_marked_so() {
    let query = r#"{ __type(name: "SimilarityTarget") { isOneOf inputFields { name } } }"#;
    let fields = json!([{"name": "file"}, {"name": "url"}, {"name": "pHash"}]);
    let expected = json!({"__type": {"isOneOf": true, "inputFields": fields}});
    assert_eq!(Gateway::over_pictures(&[]).data(query), expected);
}

fn check(thing: &Value, name: &str) -> usize {
    assert!(text(thing, "description").len() > 2, "{name} has no description");
    1
}

fn text<'a>(thing: &'a Value, key: &str) -> &'a str {
    thing[key].as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
