//! What GraphQL prints of a field with nothing below it.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::Result;
use crate::metadata::{self, PHash, TagGroup};
use crate::schema::error::to_int;

/// As JSON.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Leaf<'a> {
    Null,
    Flag(bool),
    Int(i32),
    Float(f64),
    Text(Cow<'a, str>),
    #[serde(serialize_with = "digits")]
    PHash(PHash),
    /// Those of a tag; a rational without a value is null.
    Floats(Vec<Option<f64>>),
    Group(&'a TagGroup),
    Exif(&'a metadata::Exif),
    Object(Value),
}

fn digits<S: Serializer>(hash: &PHash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(hash)
}

impl<'a, T> From<Option<T>> for Leaf<'a>
where
    Leaf<'a>: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

impl From<bool> for Leaf<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<i32> for Leaf<'_> {
    fn from(number: i32) -> Self {
        Self::Int(number)
    }
}

impl From<f64> for Leaf<'_> {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl<'a> From<&'a str> for Leaf<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<Cow<'a, str>> for Leaf<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Leaf<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<Vec<Option<f64>>> for Leaf<'_> {
    fn from(numbers: Vec<Option<f64>>) -> Self {
        Self::Floats(numbers)
    }
}

impl Leaf<'_> {
    /// A number as GraphQL's 32-bit Int.
    pub fn int(number: u64) -> Result<Self> {
        to_int(number).map(Self::Int)
    }
}
