//! How many fields a document asks for and how deep they lie, its fragments counted wherever they are spread and lists
//! of images as often as they are long.
//!
//! Fragments that each spread the next one twice double with every level: 24 of them, less than 1 KB, are 16
//! million fields, which the validation would visit one by one. Counted per fragment, each is looked at once.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Name, Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::arguments::Weights;
use super::variables::page_size;
use super::within;
use crate::config::Documents;
use crate::error::{Error, Result};
use crate::metadata::colours::{MAX_COLOURS, USUAL_COLOURS};

/// An image costs its look-up however little is asked of it.
const FIELDS_PER_IMAGE: usize = 10;
/// What GraphiQL asks of the schema comes to some 110,000 of them.
const MAX_INTROSPECTED: usize = 200_000;

/// Bytes of arguments. Lists of a hundred URLs, some twenty times.
const MAX_ARGUMENT_BYTES: usize = 4 << 20;

/// Bytes that a field may take while its request runs: its future, its value, or its error. Of 9,000 that failed beside one
/// that hung, 15 MB were seen.
const FIELD_BYTES: usize = 1_600;
/// Those of the schema itself are values at once.
const INTROSPECTED_BYTES: usize = 100;

/// What a selection set asks for.
#[derive(Debug, Default, Clone, Copy)]
struct Extent {
    fields: usize,
    introspected: usize,
    /// Bytes of arguments.
    arguments: usize,
    /// Fields of this level itself.
    width: usize,
    /// Levels of fields, this one included.
    depth: usize,
    /// The same with fragments counted as levels: how far a walk recurses.
    levels: usize,
}

/// How long the lists are that a request's variables hold.
type Lists = HashMap<Name, usize>;

/// How many fields several documents ask for.
#[derive(Debug, Default)]
pub struct Fields {
    fields: usize,
    introspected: usize,
    arguments: usize,
}

impl Fields {
    pub fn add(
        &mut self,
        document: &ExecutableDocument,
        variables: &Variables,
        limits: &Documents,
    ) -> Result<()> {
        let lists = lists(document, variables);
        let weights = Weights::new(document, variables);
        let mut counter = Counter { document, variables, limits, lists, weights, known: HashMap::new() };
        for (_, operation) in document.operations.iter() {
            let extent = counter.set(&operation.node.selection_set.node, 1, false)?;
            within(extent.depth, limits.max_depth, "fields within fields")?;
            within(extent.width, limits.max_root_fields, "fields at its root")?;
            self.fields = self.fields.saturating_add(extent.fields);
            self.introspected = self.introspected.saturating_add(extent.introspected);
            self.arguments = self.arguments.saturating_add(extent.arguments);
        }
        // The library would answer null.
        if self.introspected > 0 && !limits.introspection {
            return Err(Error::BadRequest("the schema tells nothing about itself"));
        }
        within(self.fields, limits.max_fields, "fields")?;
        within(self.introspected, MAX_INTROSPECTED, "fields of the schema itself")?;
        within(self.arguments, MAX_ARGUMENT_BYTES, "bytes of arguments")
    }

    /// Bytes that they may take together.
    pub fn bytes(&self) -> usize {
        self.fields * FIELD_BYTES + self.introspected * INTROSPECTED_BYTES + self.arguments
    }
}

/// A variable that the request leaves out has its default, of which several operations may have several.
fn lists(document: &ExecutableDocument, variables: &Variables) -> Lists {
    let length = |value: &ConstValue| if let ConstValue::List(items) = value { items.len() } else { 0 };
    let mut lists: Lists = variables.iter().map(|(name, value)| (name.clone(), length(value))).collect();
    let operations =
        document.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions);
    for definition in operations.map(|definition| &definition.node) {
        let default = definition.default_value.as_ref().map_or(0, |value| length(&value.node));
        let known = lists.entry(definition.name.node.clone()).or_default();
        *known = default.max(*known);
    }
    lists
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    limits: &'a Documents,
    lists: Lists,
    weights: Weights,
    /// Of each fragment, within the schema's own description and outside it.
    known: HashMap<(&'a str, bool), Extent>,
}

impl<'a> Counter<'a> {
    /// A set that lies so many levels down.
    fn set(&mut self, set: &'a SelectionSet, level: usize, introspects: bool) -> Result<Extent> {
        within(level, self.limits.max_nesting, "levels of nesting")?;
        let mut sum = Extent::default();
        for item in &set.items {
            let extent = match &item.node {
                Selection::Field(field) => self.field(&field.node, level, introspects)?,
                Selection::InlineFragment(inline) => self
                    .set(&inline.node.selection_set.node, level + 1, introspects)?
                    .below_a_fragment()
                    .with(self.weights.of_directives(&inline.node.directives)),
                Selection::FragmentSpread(spread) => self
                    .fragment(spread.node.fragment_name.node.as_str(), level, introspects)?
                    .with(self.weights.of_directives(&spread.node.directives)),
            };
            sum = sum.and(extent);
        }
        Ok(sum)
    }

    fn field(&mut self, field: &'a Field, level: usize, introspects: bool) -> Result<Extent> {
        let name = field.name.node.as_str();
        let introspects = introspects || matches!(name, "__schema" | "__type" | "_service");
        let below = self.set(&field.selection_set.node, level + 1, introspects)?;
        let listed = if name == "palette" { colours(field) } else { 1 };
        let own = below.fields.saturating_mul(listed).saturating_add(1);
        let images = match name {
            "images" => self.images(field),
            "_entities" => self.listed(field, "representations").unwrap_or(1),
            "files" | "similar" | "duplicateGroups" => page_size(field, self.document, self.variables),
            _ => 1,
        };
        let (fields, introspected) = match name {
            _ if introspects => (0, below.introspected.saturating_add(1).saturating_mul(described(name))),
            "file" | "remote" | "images" | "files" | "similar" | "duplicateGroups" | "node" | "_entities" => {
                (own.max(FIELDS_PER_IMAGE).saturating_mul(images), 0)
            }
            _ => (own, 0),
        };
        let arguments = below.arguments.saturating_mul(images);
        let extent = Extent {
            fields,
            introspected,
            arguments,
            width: 1,
            depth: below.depth + 1,
            levels: below.levels + 1,
        };
        Ok(extent.with(self.weights.of_field(field)))
    }

    /// How many images a field lists, of those asked for or of a group. A value that is no list stands for a list of one.
    fn images(&self, field: &Field) -> usize {
        self.listed(field, "of").unwrap_or_else(|| page_size(field, self.document, self.variables))
    }

    /// How many an argument lists, where it is given.
    fn listed(&self, field: &Field, argument: &str) -> Option<usize> {
        Some(match &field.get_argument(argument)?.node {
            Value::List(items) => items.len(),
            Value::Variable(name) => self.lists.get(name).copied().unwrap_or_default().max(1),
            _ => 1,
        })
    }

    fn fragment(&mut self, name: &'a str, level: usize, introspects: bool) -> Result<Extent> {
        if let Some(known) = self.known.get(&(name, introspects)) {
            within(level + known.levels, self.limits.max_nesting, "levels of nesting")?;
            return Ok(*known);
        }
        // One that spreads itself or is not there is refused by the validation, which looks at each spread.
        self.known.insert((name, introspects), SPREAD);
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(SPREAD) };
        let extent = self.set(&fragment.node.selection_set.node, level + 1, introspects)?.below_a_fragment();
        self.known.insert((name, introspects), extent);
        Ok(extent)
    }
}

/// How many colours a palette lists, at most.
fn colours(field: &Field) -> usize {
    match field.get_argument("colors").map(|value| &value.node) {
        None => USUAL_COLOURS,
        Some(Value::Number(number)) => number.as_u64().map_or(1, |colours| colours as usize).min(MAX_COLOURS),
        Some(_) => MAX_COLOURS,
    }
}

/// A fragment of which nothing is known.
const SPREAD: Extent = Extent { fields: 1, introspected: 1, arguments: 0, width: 1, depth: 0, levels: 1 };

impl Extent {
    fn with(self, arguments: usize) -> Self {
        Self { arguments: self.arguments.saturating_add(arguments), ..self }
    }

    fn and(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            introspected: self.introspected.saturating_add(other.introspected),
            arguments: self.arguments.saturating_add(other.arguments),
            width: self.width.saturating_add(other.width),
            depth: self.depth.max(other.depth),
            levels: self.levels.max(other.levels),
        }
    }

    fn below_a_fragment(self) -> Self {
        Self { levels: self.levels + 1, ..self }
    }
}

/// How many there are, near enough, of what a field of the schema's description lists.
fn described(name: &str) -> usize {
    match name {
        "types" => 50,
        "fields" => 10,
        "args" | "inputFields" | "enumValues" | "interfaces" | "possibleTypes" | "directives" => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;
    use serde_json::json;

    const MAX_FIELDS: usize = 10_000;

    fn judge(document: &str) -> Result<()> {
        Fields::default().add(&parse_query(document).unwrap(), &Variables::default(), &Documents::default())
    }

    /// Each fragment spreads the next one twice.
    fn fan_out(levels: usize) -> String {
        let fragment = |level| format!("fragment f{level} on Image {{ a: id ...f{0} ...f{0} }}", level + 1);
        let fragments: String = (0..levels).map(fragment).collect();
        format!("{{ file(id: 1) {{ ...f0 }} }} {fragments} fragment f{levels} on Image {{ id }}")
    }

    #[test]
    fn fields_of_fragments_count_wherever_they_are_spread() {
        assert_eq!(judge(&fan_out(8)), Ok(()));
        for levels in [14, 24, 60] {
            let refused = Error::QueryTooCostly { what: "fields", limit: 10_000 };
            assert_eq!(judge(&fan_out(levels)), Err(refused), "{levels}");
        }
    }

    #[test]
    fn fields_of_a_palette_count_for_each_of_its_colours() {
        let swatches: String = (0..300).map(|n| format!("a{n}: share ")).collect();
        for (arguments, colours) in
            [("", 5), ("(colors: 7)", 7), ("(colors: 999)", 16), ("(colors: $c)", 16), ("(colors: -1)", 1)]
        {
            let palettes = |palettes: usize| {
                let palette = |n| format!("p{n}: palette{arguments} {{ {swatches} }} ");
                format!("{{ file(id: 1) {{ {} }} }}", (0..palettes).map(palette).collect::<String>())
            };
            let fit = MAX_FIELDS / (300 * colours + 1);
            assert_eq!(judge(&palettes(fit)), Ok(()), "{arguments}");
            assert!(judge(&palettes(fit + 1)).is_err(), "{arguments}");
        }
    }

    #[test]
    fn fragments_that_spread_each_other_are_counted_to_an_end() {
        let circle = "{ ...a } fragment a on Query { x ...b } fragment b on Query { y ...a }";
        assert_eq!(judge(circle), Ok(()));
    }

    #[test]
    fn fragments_that_are_not_there_count_wherever_they_are_spread() {
        let spreads = |levels: usize, last: &str| {
            let fragment = |n| format!("fragment f{n} on Image {{ ...f{0} ...f{0} }} ", n + 1);
            let fragments: String = (0..levels).map(fragment).collect();
            format!("{{ file(id: 1) {{ ...f0 }} }} {fragments} fragment f{levels} on Image {{ ...{last} }}")
        };
        for last in ["nothing", "f0"] {
            assert_eq!(judge(&spreads(8, last)), Ok(()), "{last}");
            let refused = Error::QueryTooCostly { what: "fields", limit: 10_000 };
            assert_eq!(judge(&spreads(24, last)), Err(refused), "{last}");
        }
    }

    #[test]
    fn arguments_weigh_as_often_as_they_are_used() {
        let refused = Err(Error::QueryTooCostly { what: "bytes of arguments", limit: 4 << 20 });
        let long =
            Variables::from_json(json!({"f": "a".repeat(200_000), "o": vec![json!(vec![1; 30]); 200]}));
        let judge = |document: String| {
            Fields::default().add(&parse_query(document).unwrap(), &long, &Documents::default())
        };
        let aliases = |count: usize, argument: &str| {
            let alias = |n| format!("a{n}: file(id: {argument}) {{ id }} ");
            format!("query($f: ID!, $o: ID) {{ {} }}", (0..count).map(alias).collect::<String>())
        };
        for (argument, uses) in [("$f", 20), ("$o", 21), ("{b: [$f]}", 20)] {
            assert_eq!(judge(aliases(uses, argument)), Ok(()), "{argument}");
            assert_eq!(judge(aliases(uses + 1, argument)), refused, "{argument}");
        }
        assert_eq!(judge(fan_out(9).replace("id }", "similarity(to: {file: $f}) { score } }")), refused);
        assert_eq!(judge(fan_out(9).replace("id }", "id @skip(if: $f) }")), refused);
        assert_eq!(judge(fan_out(9).replace("...f9", "...f9 @skip(if: $f)")), refused);
    }

    #[test]
    fn fragments_nest_no_deeper_than_brackets_in_whatever_order_they_are_met() {
        let chain = |first: &str, len: usize| -> String {
            let link = |n| format!("fragment f{n} on Query {{ ...f{} }}", n + 1);
            let links: String = (0..len).map(link).collect();
            format!("{{ {first} ...f0 }} {links} fragment f{len} on Query {{ x }}")
        };
        let refused = Err(Error::QueryTooCostly { what: "levels of nesting", limit: 64 });
        assert_eq!(judge(&chain("", 60)), Ok(()));
        assert_eq!(judge(&chain("", 64)), refused);
        // Known from its end on when it is walked from its start.
        assert_eq!(judge(&chain("...f40 ...f20", 60)), Ok(()));
        assert_eq!(judge(&chain("...f40 ...f20", 90)), refused);
    }

    #[test]
    fn fields_lie_so_deep_whether_in_fragments_or_not() {
        let deep = |levels: usize| format!("{}x{}", "a { ".repeat(levels), " }".repeat(levels));
        let refused = Err(Error::QueryTooCostly { what: "fields within fields", limit: 15 });
        for (levels, judged) in [(14, Ok(())), (15, refused)] {
            assert_eq!(judge(&format!("{{ {} }}", deep(levels))), judged);
            let fragment = format!("fragment f on A {{ {} }}", deep(levels - 1));
            assert_eq!(judge(&format!("{{ a {{ ...f }} }} {fragment}")), judged);
        }
    }

    #[test]
    fn fields_at_the_root_count_through_fragments() {
        let root = |count: usize| format!("{{ ...f }} fragment f on Query {{ {} }}", "a ".repeat(count));
        assert_eq!(judge(&root(200)), Ok(()));
        assert!(judge(&root(201)).is_err());
    }

    #[test]
    fn a_list_of_images_counts_as_often_as_it_is_long_wherever_it_stands() {
        let images = |count: usize| format!("[{}]", "{url: \"u\"} ".repeat(count));
        let ten = "a b c d e f g h i";
        let literal = |count| judge(&format!("{{ images(of: {}) {{ {ten} }} }}", images(count)));
        assert_eq!(literal(1_000), Ok(()));
        assert!(literal(1_001).is_err());
        let default =
            |count| judge(&format!("query($o: [I!] = {}) {{ images(of: $o) {{ a }} }}", images(count)));
        assert_eq!(default(1_000), Ok(()));
        assert!(default(1_001).is_err());
        let document =
            parse_query("query($o: [I!]) { ...f } fragment f on Query { images(of: $o) { a } }").unwrap();
        let given = |count| Variables::from_json(json!({"o": vec![1; count]}));
        assert_eq!(Fields::default().add(&document, &given(1_000), &Documents::default()), Ok(()));
        assert!(Fields::default().add(&document, &given(1_001), &Documents::default()).is_err());
    }

    #[test]
    fn a_page_counts_as_often_as_it_may_have_images() {
        let page = |first: &str, fields: usize| {
            let aliases: String = (0..fields).map(|n| format!("a{n}: id ")).collect();
            judge(&format!("query($v: Int = 50) {{ files{first} {{ edges {{ node {{ {aliases} }} }} }} }}"))
        };
        // Beside those of the image: `files`, `edges` and `node`.
        for (first, images) in [("(first: 100)", 100), ("(first: $v)", 50), ("", 20), ("(first: 9999)", 100)]
        {
            let fit = MAX_FIELDS / images - 3;
            assert_eq!(page(first, fit), Ok(()), "{first}");
            assert!(page(first, fit + 1).is_err(), "{first}");
        }
    }

    #[test]
    fn an_image_costs_something_however_little_is_asked_of_it() {
        let limits = Documents { max_root_fields: 2_000, ..Documents::default() };
        let judge = |count: usize| {
            let aliases: String = (0..count).map(|n| format!("a{n}: file(id: 1) {{ id }} ")).collect();
            Fields::default().add(
                &parse_query(format!("{{ {aliases} }}")).unwrap(),
                &Variables::default(),
                &limits,
            )
        };
        assert_eq!(judge(1_000), Ok(()));
        assert!(judge(1_001).is_err());
    }

    #[test]
    fn fields_are_counted_over_all_operations() {
        let operation =
            |name: &str| format!("query {name} {{ a {{ {} }} }}", "x ".repeat(MAX_FIELDS / 2 - 1));
        assert_eq!(judge(&(operation("a") + &operation("b"))), Ok(()));
        assert!(judge(&(operation("a") + &operation("b") + "query c { x }")).is_err());
    }

    #[test]
    fn what_the_schema_says_of_itself_is_counted_as_often_as_it_lists() {
        let within = "types { fields { type { fields { type { name } } } } }";
        assert_eq!(judge(&format!("{{ __schema {{ {within} }} }}")), Ok(()));
        let beyond = "types { fields { type { fields { type { fields { name type { name } } } } } } }";
        assert!(judge(&format!("{{ __schema {{ {beyond} }} }}")).is_err());
    }
}
