//! A field at the root of a document: which images it asks for.

use async_graphql::parser::types::{ExecutableDocument, Field};
use async_graphql::{Name, PathSegment, Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::selection::Selection;
use crate::metadata::ImageRef;
use crate::schema::plan::image_of;

pub enum Root {
    TypeName,
    One(Asked, Selection),
    List(Asked, Selection),
}

/// Images by an argument.
pub enum Asked {
    Known(Vec<ImageRef>),
    /// What the argument says once its variables are known.
    Later(&'static str, Value),
}

/// What the variables are that a request leaves out.
pub type Defaults = Vec<(Name, ConstValue)>;

impl Root {
    pub fn of(document: &ExecutableDocument, field: &Field) -> Option<Self> {
        match field.name.node.as_str() {
            "__typename" => Some(Self::TypeName),
            "file" => Some(Self::One(Asked::by(field, "id")?, Selection::of(document, field)?)),
            "remote" => Some(Self::One(Asked::by(field, "url")?, Selection::of(document, field)?)),
            "images" => Some(Self::List(Asked::by(field, "of")?, Selection::of(document, field)?)),
            _ => None,
        }
    }

    /// The images, and what is selected of each. `None` where the variables do not say.
    pub fn asked(&self, variables: &Variables, defaults: &Defaults) -> Option<Vec<ImageRef>> {
        match self {
            Self::TypeName => Some(Vec::new()),
            Self::One(asked, _) | Self::List(asked, _) => asked.images(variables, defaults),
        }
    }

    /// Where the answer has the image of this place in the list.
    pub fn path(&self, key: &str, index: usize) -> Vec<PathSegment> {
        let field = PathSegment::Field(key.to_owned());
        match self {
            Self::List(..) => vec![field, PathSegment::Index(index)],
            Self::TypeName | Self::One(..) => vec![field],
        }
    }

    pub fn selection(&self) -> Option<&Selection> {
        match self {
            Self::TypeName => None,
            Self::One(_, selection) | Self::List(_, selection) => Some(selection),
        }
    }
}

impl Asked {
    fn by(field: &Field, argument: &'static str) -> Option<Self> {
        let value = &field.get_argument(argument)?.node;
        match value.clone().into_const() {
            Some(value) => images(argument, value).map(Self::Known),
            None => Some(Self::Later(argument, value.clone())),
        }
    }

    fn images(&self, variables: &Variables, defaults: &Defaults) -> Option<Vec<ImageRef>> {
        let said = |name: &Name| {
            let default = || defaults.iter().find(|(known, _)| known == name).map(|(_, value)| value);
            variables.get(name).or_else(default).cloned().ok_or(())
        };
        match self {
            Self::Known(images) => Some(images.clone()),
            Self::Later(argument, value) => {
                images(argument, value.clone().into_const_with(|name| said(&name)).ok()?)
            }
        }
    }
}

/// Section 3.11: what is no list stands for a list of one.
fn images(argument: &str, value: ConstValue) -> Option<Vec<ImageRef>> {
    match (argument, value) {
        ("of", ConstValue::List(items)) => items.into_iter().map(one).collect(),
        ("of", item) => Some(vec![one(item)?]),
        ("url", url) => Some(vec![image_of((Name::new("url"), url))?]),
        (_, id) => Some(vec![image_of((Name::new("file"), id))?]),
    }
}

fn one(input: ConstValue) -> Option<ImageRef> {
    let ConstValue::Object(input) = input else { return None };
    let mut members = input.into_iter();
    let only = members.next()?;
    if members.next().is_none() { image_of(only) } else { None }
}
