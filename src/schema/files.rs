//! The library as a Relay connection (https://relay.dev/graphql/connections.htm), and images by the ids of answers.

use async_graphql::{Context, ID, Interface, Object, Result, SelectionField, SimpleObject};
use futures_util::future::join_all;

use super::budget::{Budget, Printed};
use super::error::field_error;
use super::image::Image;
use super::loader;
use super::plan::{self, Wants};
use crate::error::{self, Error};
use crate::metadata::{ImageRef, Metadata};
use crate::source::engine::library::LibraryFile;

/// Files of a page, at most and where nobody says how many.
pub const MAX_FIRST: usize = 100;
pub const USUAL_FIRST: usize = 20;

/// Fields of `Image` that the list of the library tells: no file is read for them.
const LISTED: [&str; 6] = ["__typename", "id", "url", "name", "path", "source"];

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
fn charged<'a>(ctx: &Context<'_>, cursor: &'a str) -> Result<&'a str> {
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
        let charge = |image: &Image| {
            let printed = Printed::by(ctx.field());
            printed.charge(Budget::of(ctx), image.asked(), image.metadata()).map(|()| image.clone())
        };
        Some(self.image.as_ref().map_err(Clone::clone).and_then(charge).map_err(|error| field_error(&error)))
    }
}

/// A page of the library, with all that is asked of its images.
pub async fn page(
    ctx: &Context<'_>,
    first: Option<i32>,
    after: Option<String>,
    under: Option<String>,
) -> error::Result<ImageConnection> {
    let first = first.map_or(Ok(USUAL_FIRST), usize::try_from).ok().filter(|first| *first <= MAX_FIRST);
    let first = first.ok_or(Error::BadRequest("first is 0 to 100"))?;
    let has_previous_page = after.is_some();
    // One more tells whether there are more.
    let mut files = loader::page(ctx, under, after, first + 1).await?;
    let has_next_page = files.len() > first;
    files.truncate(first);
    let edges = edges(ctx, files).await;
    let cursor = |edge: Option<&ImageEdge>| edge.map(|edge| edge.cursor.clone());
    let (start_cursor, end_cursor) = (cursor(edges.first()), cursor(edges.last()));
    Ok(ImageConnection {
        edges,
        page_info: PageInfo { has_next_page, has_previous_page, start_cursor, end_cursor },
    })
}

async fn edges(ctx: &Context<'_>, files: Vec<LibraryFile>) -> Vec<ImageEdge> {
    let field = ctx.field();
    let edges: Vec<_> = field.selection_set().filter(|field| field.name() == "edges").collect();
    let nodes = edges.iter().flat_map(|edges| edges.selection_set());
    let nodes: Vec<_> = nodes.filter(|field| field.name() == "node").collect();
    let is_listed =
        |node: &SelectionField<'_>| node.selection_set().all(|fact| LISTED.contains(&fact.name()));
    if nodes.iter().all(is_listed) {
        return files.into_iter().map(listed).collect();
    }
    let mut wants = Wants::new();
    for file in &files {
        nodes.iter().for_each(|node| plan::gather(*node, ImageRef::File(file.id.clone()), &mut wants));
    }
    let started = loader::start_all(ctx, wants).await;
    let edge = async |file: LibraryFile| {
        let image = ImageRef::File(file.id.clone());
        let known = match started.get(&image).cloned() {
            Some(pending) => pending.await,
            None => Err(Error::Internal),
        };
        ImageEdge { cursor: file.id, image: known.map(|known| Image::new(image, known)) }
    };
    join_all(files.into_iter().map(edge)).await
}

/// As the list of the library has it.
fn listed(file: LibraryFile) -> ImageEdge {
    let metadata = Metadata::listed(file.path.display().to_string());
    let image = Image::new(ImageRef::File(file.id.clone()), metadata.into());
    ImageEdge { cursor: file.id, image: Ok(image) }
}

/// What an id means that an answer gave: a remote image has its URL as one.
pub fn by_id(id: ID) -> ImageRef {
    if is_url(&id) { ImageRef::Url(id.0) } else { ImageRef::File(id.0) }
}

/// No file id has a colon. RFC 3986, 3.1: schemes know no case.
pub fn is_url(id: &str) -> bool {
    let scheme = id.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| ["http", "https"].iter().any(|name| scheme.eq_ignore_ascii_case(name)))
}
