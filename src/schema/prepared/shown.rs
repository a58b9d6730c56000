//! Images as a document shows them, as JSON.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::Prepared;
use super::leaf::Leaf;
use super::root::Root;
use super::selection::{Entries, Member, Selected, Selection};
use crate::metadata::{Exif, TagGroup};
use crate::schema::exif::ReadTag;
use crate::schema::image::Image;

/// The images of each field at the root, those that there are.
pub type Images = Vec<Vec<Option<Image>>>;

/// The `data` of an answer.
pub struct Shown {
    prepared: Arc<Prepared>,
    images: Images,
}

/// What stands at a key.
#[derive(Serialize)]
#[serde(untagged)]
enum Part<'a> {
    Leaf(Leaf<'a>),
    Image(Option<ShownImage<'a>>),
    Images(Vec<Option<ShownImage<'a>>>),
    Exif(Option<ShownExif<'a>>),
    Group(ShownGroup<'a>),
}

struct ShownImage<'a>(&'a Selection, &'a Image);
struct ShownExif<'a>(&'a Entries<Member>, &'a Exif);
struct ShownGroup<'a>(&'a Entries<ReadTag>, &'a TagGroup);

impl fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shown").finish_non_exhaustive()
    }
}

impl Shown {
    pub fn new(prepared: Arc<Prepared>, images: Images) -> Self {
        Self { prepared, images }
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.prepared.roots.iter().zip(&self.images);
        serializer
            .collect_map(fields.map(|(root, images)| (root.key.as_str(), part_of_root(&root.what, images))))
    }
}

fn part_of_root<'a>(root: &'a Root, images: &'a [Option<Image>]) -> Part<'a> {
    let shown =
        |image: &'a Option<Image>, selection| image.as_ref().map(|image| ShownImage(selection, image));
    match root {
        Root::TypeName => Part::Leaf("Query".into()),
        Root::One(_, selection) => Part::Image(images.first().and_then(|image| shown(image, selection))),
        Root::List(_, selection) => {
            Part::Images(images.iter().map(|image| shown(image, selection)).collect())
        }
    }
}

impl Selected {
    fn part<'a>(&'a self, image: &'a Image) -> Part<'a> {
        match self {
            // One that failed is told beside the data.
            Self::Fact(read) => Part::Leaf(read(image).unwrap_or(Leaf::Null)),
            Self::Exif(members) => {
                Part::Exif(image.metadata().exif.as_ref().map(|exif| ShownExif(members, exif)))
            }
            Self::Raw => Part::Leaf(Leaf::Object(image.metadata().to_json().into())),
        }
    }
}

impl Member {
    fn part<'a>(&'a self, exif: &'a Exif) -> Part<'a> {
        match self {
            Self::Leaf(read) => Part::Leaf(read(exif)),
            Self::Group(find, tags) => Part::Group(ShownGroup(tags, find(exif))),
        }
    }
}

impl Serialize for ShownImage<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(selection, image) = self;
        serializer
            .collect_map(selection.fields.iter().map(|entry| (entry.key.as_str(), entry.what.part(image))))
    }
}

impl Serialize for ShownExif<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(members, exif) = self;
        serializer.collect_map(members.iter().map(|entry| (entry.key.as_str(), entry.what.part(exif))))
    }
}

impl Serialize for ShownGroup<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(tags, group) = self;
        serializer.collect_map(tags.iter().map(|entry| (entry.key.as_str(), (entry.what)(group))))
    }
}
