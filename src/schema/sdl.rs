//! The schema in GraphQL's definition language: by itself, and as a subgraph of others.

use async_graphql::{SDLExportOptions, ValidationMode};

use super::{GraphqlSchema, build};

/// How a subgraph's schema begins to tell that it is one: where the library's own export does, and what is told instead, as
/// that imports more than is used.
const LINKED: &str = "extend schema @link(";
const LINK: &str = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.0\", import: [\"@key\", \"@shareable\"])\n";

/// What Federation has to know of types. Every Relay server has pages, so others define `PageInfo`, too.
const DIRECTIVES: [(&str, &str); 2] = [
    ("\ntype Image implements Node {", "\ntype Image implements Node @key(fields: \"id\") {"),
    ("\ntype PageInfo {", "\ntype PageInfo @shareable {"),
];

/// What `schema.graphql` holds.
pub fn sdl() -> String {
    let schema = build(ValidationMode::Strict);
    let whole = export(&schema, SDLExportOptions::new());
    let roots = whole.rfind("schema {\n").map_or("", |start| &whole[start..]);
    types(&schema) + roots
}

/// What a gateway composes with the schemas of other subgraphs (Apollo Federation 2).
pub fn subgraph_sdl() -> String {
    let types = types(&build(ValidationMode::Strict));
    DIRECTIVES.iter().fold(types, |sdl, (plain, directed)| sdl.replacen(plain, directed, 1)) + LINK
}

/// Without the types and fields that only Federation has: the library leaves them out where it tells a subgraph's.
fn types(schema: &GraphqlSchema) -> String {
    let mut subgraph = export(schema, SDLExportOptions::new().federation());
    subgraph.truncate(subgraph.rfind(LINKED).unwrap_or(subgraph.len()));
    subgraph
}

fn export(schema: &GraphqlSchema, options: SDLExportOptions) -> String {
    schema.sdl_with_options(options.prefer_single_line_descriptions().include_specified_by())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subgraph_says_which_types_others_may_refer_to_and_share() {
        let (whole, subgraph) = (sdl(), subgraph_sdl());
        for (plain, directed) in DIRECTIVES {
            assert_eq!((whole.matches(plain).count(), subgraph.matches(directed).count()), (1, 1), "{plain}");
        }
        assert!(subgraph.ends_with(LINK) && subgraph.matches("@link").count() == 1);
        for own in ["_entities", "_service", "_Any", "_Entity", "_Service"] {
            assert!(!whole.contains(own) && !subgraph.contains(own), "{own}");
        }
    }
}
