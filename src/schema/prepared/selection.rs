//! What a document selects of an image.

use async_graphql::indexmap::IndexMap;
use async_graphql::indexmap::map::Entry as Place;
use async_graphql::parser::types::{ExecutableDocument, Field, Selection as Item, SelectionSet};
use async_graphql::{Name, Pos, Positioned};

use super::fact::{self, Read};
use super::leaf::Leaf;
use crate::metadata::{self, Level, Question};
use crate::schema::budget::Printed;
use crate::schema::exif::{self, Find, ReadTag};
use crate::schema::plan::question_of;

/// A field of a document, as what is to be told there.
pub struct Entry<T> {
    /// Its key in the answer.
    pub key: Name,
    /// Its place in the document.
    pub pos: Pos,
    pub what: T,
}

pub type Entries<T> = Vec<Entry<T>>;

/// A selection set whose fields are known, and what it takes.
pub struct Selection {
    pub fields: Entries<Selected>,
    pub question: Question,
    pub printed: Printed,
}

pub enum Selected {
    /// Which may fail alone.
    Fact(Read),
    Exif(Entries<Member>),
    Raw,
}

/// A field of `Exif`.
pub enum Member {
    Leaf(for<'a> fn(&'a metadata::Exif) -> Leaf<'a>),
    Group(Find, Entries<ReadTag>),
}

impl Selection {
    /// Of a field of type `Image`.
    pub fn of<'a>(document: &'a ExecutableDocument, field: &'a Field) -> Option<Self> {
        let (mut names, mut question) = (Vec::new(), Question::from(Level::Header));
        let select = |field: &'a Positioned<Field>| {
            question = question.and(question_of(&field.node.name.node));
            Selected::of(document, &field.node, &mut names)
        };
        let fields = entries(document, &field.selection_set.node, select)?;
        let printed = Printed::of(&names);
        Some(Self { fields, question, printed })
    }

    /// How many fields there are, at all levels.
    pub fn len(&self) -> usize {
        let below = |entry: &Entry<Selected>| match &entry.what {
            Selected::Exif(members) => {
                members.len() + members.iter().map(|member| member.what.len()).sum::<usize>()
            }
            Selected::Fact(_) | Selected::Raw => 0,
        };
        self.fields.len() + self.fields.iter().map(below).sum::<usize>()
    }
}

impl Selected {
    fn of<'a>(document: &'a ExecutableDocument, field: &'a Field, names: &mut Vec<&'a str>) -> Option<Self> {
        let name = field.name.node.as_str();
        names.push(name);
        match name {
            "exif" => {
                let select = |field: &'a Positioned<Field>| Member::of(document, &field.node, names);
                entries(document, &field.selection_set.node, select).map(Self::Exif)
            }
            "raw" => Some(Self::Raw),
            fact => fact::read(fact).map(Self::Fact),
        }
    }
}

impl Member {
    fn len(&self) -> usize {
        match self {
            Self::Group(_, tags) => tags.len(),
            Self::Leaf(_) => 0,
        }
    }

    fn of<'a>(document: &'a ExecutableDocument, field: &'a Field, names: &mut Vec<&'a str>) -> Option<Self> {
        let name = field.name.node.as_str();
        names.push(name);
        match name {
            "__typename" => Some(Self::Leaf(|_| "Exif".into())),
            "raw" => Some(Self::Leaf(|exif| Leaf::Exif(exif))),
            "makernote" => Some(Self::Leaf(|exif| Leaf::Group(&exif.makernote))),
            group => {
                let (find, read) = exif::group(group)?;
                let select = |field: &'a Positioned<Field>| {
                    names.push(&field.node.name.node);
                    read(&field.node.name.node)
                };
                entries(document, &field.selection_set.node, select).map(|tags| Self::Group(find, tags))
            }
        }
    }
}

/// The fields of a set in their order, each as what `select` makes of it. `None` of a set with one that `select` knows nothing
/// of, that may be left out, or that stands there again with fields below it.
pub fn entries<'a, T>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    mut select: impl FnMut(&'a Positioned<Field>) -> Option<T>,
) -> Option<Entries<T>> {
    let mut fields = IndexMap::new();
    collect(document, set, &mut fields)?;
    let entry = |field: &'a Positioned<Field>| {
        let what = select(field)?;
        Some(Entry { key: field.node.response_key().node.clone(), pos: field.pos, what })
    };
    fields.into_values().map(entry).collect()
}

/// Fields with those of fragments in their places. That they belong to these types, and that two with one key are the same,
/// has been seen before.
fn collect<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    fields: &mut IndexMap<&'a str, &'a Positioned<Field>>,
) -> Option<()> {
    for item in &set.items {
        let (directives, below) = match &item.node {
            Item::Field(field) => match fields.entry(&field.node.response_key().node) {
                _ if !field.node.directives.is_empty() => return None,
                Place::Vacant(free) => {
                    free.insert(field);
                    continue;
                }
                Place::Occupied(_) if field.node.selection_set.node.items.is_empty() => continue,
                Place::Occupied(_) => return None,
            },
            Item::InlineFragment(inline) => (&inline.node.directives, &inline.node.selection_set.node),
            Item::FragmentSpread(spread) => {
                let fragment = &document.fragments.get(&spread.node.fragment_name.node)?.node;
                if !fragment.directives.is_empty() {
                    return None;
                }
                (&spread.node.directives, &fragment.selection_set.node)
            }
        };
        if !directives.is_empty() {
            return None;
        }
        collect(document, below, fields)?;
    }
    Some(())
}
