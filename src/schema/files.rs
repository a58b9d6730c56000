//! The library as a Relay connection (https://relay.dev/graphql/connections.htm), and images by the ids of answers.

use std::path::{Path, PathBuf};

use async_graphql::{Context, ID, Interface, Object, Result, SelectionField, SimpleObject};
use futures_util::future::join_all;

use super::budget::{Budget, Printed};
use super::error::field_error;
use super::image::Image;
use super::loader;
use super::plan::{self, Wants};
use crate::error::{self, Error};
use crate::metadata::{ImageRef, Metadata};
use crate::source::engine::library::id_of;

/// Files of a page, at most and where nobody says how many.
pub const MAX_FIRST: usize = 100;
pub const USUAL_FIRST: usize = 20;

/// Fields of `Image` that the list of the library tells: no file is read for them.
pub const LISTED: [&str; 6] = ["__typename", "id", "url", "name", "path", "source"];

/// What an answer has given an id for.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The id by which `node(id:)` finds it again."))]
pub enum Node {
    Image(Image),
}

/// A page of images.
#[derive(SimpleObject)]
pub struct ImageConnection {
    /// The images of this page.
    edges: Vec<ImageEdge>,
    /// Whether there are more.
    page_info: PageInfo,
}

/// An image in its place.
pub struct ImageEdge {
    cursor: String,
    image: error::Result<Image>,
}

pub struct PageInfo {
    has_next_page: bool,
    has_previous_page: bool,
    start_cursor: Option<String>,
    end_cursor: Option<String>,
}

impl PageInfo {
    /// Of a page with edges of these cursors, behind a cursor or not.
    pub fn new(cursors: &[String], after: Option<&String>, has_next_page: bool) -> Self {
        let (start_cursor, end_cursor) = (cursors.first().cloned(), cursors.last().cloned());
        Self { has_next_page, has_previous_page: after.is_some(), start_cursor, end_cursor }
    }
}

/// Where a page lies among the others.
#[Object]
impl PageInfo {
    /// There are files behind this page.
    async fn has_next_page(&self) -> bool {
        self.has_next_page
    }

    /// The page was asked for with a cursor, so that there was a file before it.
    async fn has_previous_page(&self) -> bool {
        self.has_previous_page
    }

    /// The cursor of the first edge; null for a page of none.
    async fn start_cursor(&self, ctx: &Context<'_>) -> Option<Result<&str>> {
        self.start_cursor.as_deref().map(|cursor| charged(ctx, cursor))
    }

    /// The cursor of the last edge, for the `after` of the next page; null for a page of none.
    async fn end_cursor(&self, ctx: &Context<'_>) -> Option<Result<&str>> {
        self.end_cursor.as_deref().map(|cursor| charged(ctx, cursor))
    }
}

/// A cursor is as long as its path, and may be asked for under many names.
pub fn charged<'a>(ctx: &Context<'_>, cursor: &'a str) -> Result<&'a str> {
    Budget::of(ctx).charge_text(cursor).map(|()| cursor).map_err(|error| field_error(&error))
}

/// An image in its place.
#[Object]
impl ImageEdge {
    /// The place of the image among the others, which it keeps whatever is added or deleted: also where it is itself.
    async fn cursor(&self, ctx: &Context<'_>) -> Result<&str> {
        charged(ctx, &self.cursor)
    }

    /// The image; null, with an error of its own, where it cannot be had.
    async fn node(&self, ctx: &Context<'_>) -> Option<Result<Image>> {
        Some(shown(ctx, &self.image))
    }
}

/// How many a page is to have.
pub fn page_size(first: Option<i32>, usual: usize) -> error::Result<usize> {
    let first = first.map_or(Ok(usual), usize::try_from).ok().filter(|first| *first <= MAX_FIRST);
    first.ok_or(Error::BadRequest("first is 0 to 100"))
}

/// A page of the library, with all that is asked of its images.
pub async fn page(
    ctx: &Context<'_>,
    first: Option<i32>,
    after: Option<String>,
    under: Option<String>,
) -> error::Result<ImageConnection> {
    let first = page_size(first, USUAL_FIRST)?;
    // One more tells whether there are more.
    let mut files = loader::page(ctx, under, after.clone(), first + 1).await?;
    let has_next_page = files.len() > first;
    files.truncate(first);
    let paths: Vec<_> = files.into_iter().map(|file| file.path).collect();
    let images = images(ctx, &below(ctx.field(), &["edges", "node"]), &paths).await;
    let cursors: Vec<_> = paths.iter().map(|path| id_of(path)).collect();
    let page_info = PageInfo::new(&cursors, after.as_ref(), has_next_page);
    let edge = |(cursor, image)| ImageEdge { cursor, image };
    Ok(ImageConnection { edges: cursors.into_iter().zip(images).map(edge).collect(), page_info })
}

/// The fields of these names below a field, each below the one before.
pub fn below<'a>(field: SelectionField<'a>, names: &[&str]) -> Vec<SelectionField<'a>> {
    let inner = |fields: Vec<SelectionField<'a>>, name: &&str| {
        let all = fields.iter().flat_map(|field| field.selection_set());
        all.filter(|field| field.name() == *name).collect()
    };
    names.iter().fold(vec![field], inner)
}

/// Files of the library as images, with all that the fields `nodes` ask of them.
pub async fn images(
    ctx: &Context<'_>,
    nodes: &[SelectionField<'_>],
    paths: &[PathBuf],
) -> Vec<error::Result<Image>> {
    let is_listed =
        |node: &SelectionField<'_>| node.selection_set().all(|fact| LISTED.contains(&fact.name()));
    if nodes.iter().all(is_listed) {
        return paths.iter().map(|path| Ok(listed(path))).collect();
    }
    let files: Vec<_> = paths.iter().map(|path| ImageRef::File(id_of(path))).collect();
    let mut wants = Wants::new();
    for file in &files {
        nodes.iter().for_each(|node| plan::gather(*node, file.clone(), &mut wants));
    }
    let started = loader::start_all(ctx, wants).await;
    let image = async |file: ImageRef| {
        let known = match started.get(&file).cloned() {
            Some(pending) => pending.await,
            None => Err(Error::Internal),
        };
        known.map(|known| Image::new(file, known))
    };
    join_all(files.into_iter().map(image)).await
}

/// As the list of the library has it.
fn listed(path: &Path) -> Image {
    Image::new(ImageRef::File(id_of(path)), Metadata::listed(path.display().to_string()).into())
}

/// Charges what a field shows of an image.
pub fn shown(ctx: &Context<'_>, image: &error::Result<Image>) -> Result<Image> {
    let charge = |image: &Image| {
        let printed = Printed::by(ctx.field());
        printed.charge(Budget::of(ctx), image.asked(), image.metadata()).map(|()| image.clone())
    };
    image.as_ref().map_err(Clone::clone).and_then(charge).map_err(|error| field_error(&error))
}
