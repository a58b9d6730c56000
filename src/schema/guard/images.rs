//! Which images a document can touch, before the first is looked up.
//!
//! They all stand in arguments, but for those of pages of the library, which are counted as many as a page may have, and by
//! themselves. Different images are counted, however often they are named, and the URLs among them as often as they stand
//! there: an alias is written in a moment, and each of them might be a server's to be asked.

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::variables::{page_size, values_of};
use super::within;
use crate::config::Documents;
use crate::error::Result;
use crate::metadata::ImageRef;
use crate::schema::files::LISTED;

/// What is looked into counts as ten that are only told as the library lists them.
const TENTHS: usize = 10;

/// What pages of the library tell beside their images; `images` are those of a group, `similarity` is that of an edge.
const TOLD: [&str; 16] = [
    "best",
    "count",
    "cursor",
    "distance",
    "edges",
    "endCursor",
    "hasNextPage",
    "hasPreviousPage",
    "images",
    "isDuplicate",
    "lowEntropy",
    "node",
    "pageInfo",
    "score",
    "similarity",
    "startCursor",
];

/// The images that several documents name.
#[derive(Default)]
pub struct Images {
    different: HashSet<(Kind, String)>,
    /// Of pages, which name none, in tenths of an image.
    listed: usize,
    /// Groups that may be shown, in tenths of an image for each of theirs, and images of each.
    groups: usize,
    of_each_group: usize,
    urls: usize,
    mentions: usize,
}

impl Images {
    pub fn add(
        &mut self,
        document: &ExecutableDocument,
        variables: &Variables,
        limits: &Documents,
    ) -> Result<()> {
        let mut named = Named { document, variables, limits, images: self };
        for (_, operation) in document.operations.iter() {
            named.add_set(&operation.node.selection_set.node)?;
        }
        for fragment in document.fragments.values() {
            named.add_set(&fragment.node.selection_set.node)?;
        }
        Ok(())
    }

    fn add_one(&mut self, kind: Kind, id: String, limits: &Documents) -> Result<()> {
        self.mentions += 1;
        self.urls += usize::from(kind == Kind::Url);
        self.different.insert((kind, id));
        within(self.urls, limits.max_urls, "URLs")?;
        self.check(limits)?;
        // However few are different, each is looked at here.
        within(self.mentions, limits.max_fields, "fields")
    }

    fn check(&self, limits: &Documents) -> Result<()> {
        // A fragment may show its images under every name that groups have. The best of a group is one of its images.
        let of_groups = self.groups.saturating_mul(self.of_each_group.max(1));
        let listed = self.listed.saturating_add(of_groups);
        within(self.different.len(), limits.max_images, "images")?;
        within(listed.div_ceil(TENTHS), limits.max_images, "images on pages, as many as `first` says of each")
    }
}

#[derive(PartialEq, Eq, Hash, Clone, Copy)]
enum Kind {
    File,
    Url,
    /// One of the two.
    Node,
}

struct Named<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    limits: &'a Documents,
    images: &'a mut Images,
}

impl<'a> Named<'a> {
    fn add_set(&mut self, set: &'a SelectionSet) -> Result<()> {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    self.add_field(&field.node)?;
                    self.add_set(&field.node.selection_set.node)?;
                }
                Selection::InlineFragment(inline) => self.add_set(&inline.node.selection_set.node)?,
                // Each fragment is looked at once, by itself.
                Selection::FragmentSpread(_) => {}
            }
        }
        Ok(())
    }

    fn add_field(&mut self, field: &'a Field) -> Result<()> {
        let argument = |name| field.get_argument(name).map(|value| &value.node);
        match field.name.node.as_str() {
            "file" => argument("id").map_or(Ok(()), |id| self.add_id(Kind::File, id)),
            "remote" => argument("url").map_or(Ok(()), |url| self.add_id(Kind::Url, url)),
            "images" => match argument("of") {
                Some(of) => self.add_inputs(of, of_input),
                None => self.add_copies(page_size(field, self.document, self.variables)),
            },
            "similarity" => argument("to").map_or(Ok(()), |to| self.add_inputs(to, of_input)),
            "node" => argument("id").map_or(Ok(()), |id| self.add_id(Kind::Node, id)),
            "_entities" => argument("representations").map_or(Ok(()), |keys| self.add_inputs(keys, of_key)),
            "files" => self.add_page(field),
            "upload" => self.add_listed(TENTHS),
            "similar" => {
                argument("to").map_or(Ok(()), |to| self.add_inputs(to, of_input))?;
                self.add_page(field)
            }
            "duplicateGroups" => {
                let groups = page_size(field, self.document, self.variables);
                self.images.groups = self.images.groups.saturating_add(groups * self.weight(field));
                self.images.check(self.limits)
            }
            _ => Ok(()),
        }
    }

    fn add_page(&mut self, field: &Field) -> Result<()> {
        let images = page_size(field, self.document, self.variables);
        self.add_listed(images * self.weight(field))
    }

    fn add_listed(&mut self, tenths: usize) -> Result<()> {
        self.images.listed = self.images.listed.saturating_add(tenths);
        self.images.check(self.limits)
    }

    /// Of each image of a page, in tenths.
    fn weight(&self, page: &Field) -> usize {
        if is_listed(&page.selection_set.node) { 1 } else { TENTHS }
    }

    fn add_copies(&mut self, images: usize) -> Result<()> {
        self.images.of_each_group = self.images.of_each_group.saturating_add(images);
        self.images.check(self.limits)
    }

    fn add_id(&mut self, kind: Kind, value: &'a Value) -> Result<()> {
        match value {
            Value::Variable(name) => values_of(self.document, self.variables, name)
                .into_iter()
                .try_for_each(|value| self.add(kind, value)),
            literal => literal.clone().into_const().map_or(Ok(()), |value| self.add(kind, &value)),
        }
    }

    /// An input object, or a list of them, with variables anywhere; what the values of its members name.
    fn add_inputs(&mut self, value: &'a Value, kind: KindOf) -> Result<()> {
        match value {
            Value::List(items) => items.iter().try_for_each(|item| self.add_inputs(item, kind)),
            Value::Object(input) => input
                .iter()
                .filter_map(|(name, value)| Some((kind(name)?, value)))
                .try_for_each(|(kind, value)| self.add_id(kind, value)),
            Value::Variable(name) => values_of(self.document, self.variables, name)
                .into_iter()
                .try_for_each(|value| self.add_const_inputs(value, kind)),
            _ => Ok(()),
        }
    }

    fn add_const_inputs(&mut self, value: &ConstValue, kind: KindOf) -> Result<()> {
        match value {
            ConstValue::List(items) => items.iter().try_for_each(|item| self.add_const_inputs(item, kind)),
            ConstValue::Object(input) => input
                .iter()
                .filter_map(|(name, value)| Some((kind(name)?, value)))
                .try_for_each(|(kind, value)| self.add(kind, value)),
            _ => Ok(()),
        }
    }

    fn add(&mut self, kind: Kind, id: &ConstValue) -> Result<()> {
        let id = match id {
            ConstValue::String(id) => id.clone(),
            ConstValue::Number(id) => id.to_string(),
            _ => return Ok(()),
        };
        let kind = match kind {
            Kind::Node => match ImageRef::of_id(id.clone()) {
                ImageRef::File(_) => Kind::File,
                ImageRef::Url(_) => Kind::Url,
            },
            known => known,
        };
        self.images.add_one(kind, id, self.limits)
    }
}

/// Whether no image of a page is looked into. What a fragment shows is not followed. `similarity` of an image, which is, has an
/// argument `to`.
fn is_listed(page: &SelectionSet) -> bool {
    page.items.iter().all(|item| match &item.node {
        Selection::Field(Positioned { node: field, .. }) => {
            let name = field.name.node.as_str();
            let is_told =
                LISTED.contains(&name) || TOLD.contains(&name) && field.get_argument("to").is_none();
            is_told && is_listed(&field.selection_set.node)
        }
        Selection::InlineFragment(inline) => is_listed(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}

/// What a member of an input object names, if that is an image.
type KindOf = fn(&Name) -> Option<Kind>;

/// Of `ImageInput` and `SimilarityTarget`.
fn of_input(name: &Name) -> Option<Kind> {
    match name.as_str() {
        "file" => Some(Kind::File),
        "url" => Some(Kind::Url),
        _ => None,
    }
}

/// Of a representation that a gateway sends.
fn of_key(name: &Name) -> Option<Kind> {
    (name == "id").then_some(Kind::Node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use async_graphql::parser::parse_query;
    use serde_json::{Value as Json, json};

    /// How many different images, and URLs, a document names.
    fn named(document: &str, variables: Json) -> (usize, usize) {
        let (document, variables) = (parse_query(document).unwrap(), Variables::from_json(variables));
        let passes = |max_images, max_urls| {
            let limits = Documents { max_images, max_urls, ..Documents::default() };
            Images::default().add(&document, &variables, &limits).is_ok()
        };
        let images = (0..2_000).find(|images| passes(*images, 10_000)).unwrap();
        (images, (0..10_000).find(|urls| passes(2_000, *urls)).unwrap())
    }

    #[test]
    fn an_image_counts_once_and_a_url_as_often_as_it_stands_there() {
        let files = "{ a: file(id: \"x\") { b } c: file(id: \"x\") { b } d: file(id: 7) { b } }";
        assert_eq!(named(files, json!({})), (2, 0));
        let urls = "{ a: remote(url: \"x\") { b } c: remote(url: \"x\") { b } file(id: \"x\") { b } }";
        assert_eq!(named(urls, json!({})), (2, 2));
    }

    #[test]
    fn lists_and_comparisons_count_wherever_they_stand() {
        let document = "query($a: [I!]!, $b: Url!, $c: I = {url: \"5\"}) {
            images(of: $a) { similarity(to: {url: $b}) { distance } }
            d: images(of: [{file: \"1\"}, {url: $b}, $c]) { ...f } }
            fragment f on Image { e: similarity(to: $c) { with { similarity(to: {pHash: \"9\"}) { score } } } }";
        let variables = json!({"a": [{"file": "1"}, {"file": "2"}, {"url": "3"}], "b": "4"});
        // Files 1 and 2, URLs 3, 4 and 5; of the URLs 4 and 5 stand there twice.
        assert_eq!(named(document, variables), (5, 5));
    }

    #[test]
    fn a_page_counts_as_many_as_it_may_have_wherever_it_stands() {
        let pages =
            "query($a: Int, $b: Int = 7, $c: Int) { files(first: 3) { x } ...f a: files(first: $a) { x } }
            fragment f on Query { ... { b: files(first: $b) { x } } files { x } c: files(first: $c) { x }
            d: files(first: null) { x } }";
        assert_eq!(named(pages, json!({"a": 5})), (3 + 5 + 7 + 20 + 20 + 20, 0));
        // What is refused when it runs touches no more than the most that are not.
        assert_eq!(named("{ files(first: 1000000) { x } a: files(first: -1) { x } }", json!({})), (100, 0));
        let nodes = "query($u: ID!) { a: node(id: \"x\") { id } file(id: \"x\") { b } node(id: $u) { id } }";
        assert_eq!(named(nodes, json!({"u": "HTTPS://x"})), (2, 1));
    }

    #[test]
    fn what_is_only_listed_counts_a_tenth() {
        let listed = "{ files(first: 100) { edges { cursor node { id path ... on Image { name } } } pageInfo { endCursor } }
            similar(to: {pHash: \"0\"}) { edges { similarity { distance isDuplicate(within: 3) } node { url } } }
            duplicateGroups(first: 10) { edges { node { count best { path } images(first: 7) { path } } } } }";
        assert_eq!(named(listed, json!({})), ((100 + 20 + 10 * 7) / 10, 0));
        for looked_at in [
            "width",
            "similarity(to: {pHash: \"0\"}) { distance }",
            "...f",
            "... on Image { pHash }",
            "path size",
        ] {
            let page = format!(
                "{{ files(first: 9) {{ edges {{ node {{ {looked_at} }} }} }} }} fragment f on Image {{ id }}"
            );
            assert_eq!(named(&page, json!({})), (9, 0), "{looked_at}");
        }
    }

    #[test]
    fn the_image_that_a_page_is_like_counts_beside_it() {
        let page = "{ similar(to: {file: \"x\"}, first: 100) { edges { node { width } } } }";
        assert_eq!(named(page, json!({})), (100, 0));
    }

    #[test]
    fn keys_of_other_subgraphs_count_as_images() {
        let document =
            "query($r: [_Any!]!, $id: ID) { a: _entities(representations: $r) { ...i } file(id: \"1\") { id }
            _entities(representations: [{__typename: \"Image\", id: $id}, {id: \"http://b\"}]) { ...i } }
            fragment i on Image { similarity(to: {file: \"9\"}) { distance } }";
        let variables =
            json!({"r": [{"id": "1"}, {"id": 2}, {"id": "http://a"}, {"x": "3"}], "id": "http://a"});
        assert_eq!(named(document, variables), (5, 3));
    }

    #[test]
    fn a_thousand_comparisons_under_three_aliases_are_refused() {
        let urls: Vec<_> = (0..1_000).map(|n| json!({"url": n.to_string()})).collect();
        let document =
            "query($u: [I!]!) { a: images(of: $u) { b } c: images(of: $u) { b } d: images(of: $u) { b } }";
        assert_eq!(named(document, json!({"u": urls})), (1_000, 3_000));
    }

    #[test]
    fn a_hundred_aliases_of_one_file_pass_and_of_a_url_do_not() {
        let judge = |field: &str| {
            let aliases: String = (0..100).map(|n| format!("a{n}: {field} {{ width }} ")).collect();
            let document = parse_query(format!("{{ {aliases} }}")).unwrap();
            Images::default().add(&document, &Variables::default(), &Documents::default())
        };
        assert_eq!(judge("file(id: \"x\")"), Ok(()));
        assert_eq!(judge("remote(url: \"x\")"), Err(Error::QueryTooCostly { what: "URLs", limit: 64 }));
    }
}
