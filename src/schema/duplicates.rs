//! Groups of the library's images that are one another's duplicates.

use async_graphql::{Context, Object, Result, SelectionField, SimpleObject};

use super::error::field_error;
use super::files::{self, PageInfo, USUAL_FIRST, charged};
use super::image::Image;
use super::{cursor, loader, similar};
use crate::error::{self, Error};
use crate::index::groups::{Group, MAX_WITHIN};

/// Images of a group that are shown where nobody says how many: a page of groups has a hundred then.
pub const USUAL_COPIES: usize = 5;

/// Groups of images that look the same, the largest first.
#[derive(SimpleObject)]
pub struct DuplicateGroupConnection {
    /// The groups of this page.
    edges: Vec<DuplicateGroupEdge>,
    /// Whether there are more.
    page_info: PageInfo,
}

pub struct DuplicateGroupEdge {
    cursor: String,
    group: DuplicateGroup,
}

/// A group in its place.
#[Object]
impl DuplicateGroupEdge {
    /// The place of the group among the others.
    async fn cursor(&self, ctx: &Context<'_>) -> Result<&str> {
        charged(ctx, &self.cursor)
    }

    /// The group.
    async fn node(&self) -> &DuplicateGroup {
        &self.group
    }
}

pub struct DuplicateGroup {
    count: u64,
    images: Vec<error::Result<Image>>,
}

/// Images that look the same: each is within the distance asked for of the best of them.
///
/// Pictures so flat that their hashes say nothing are a group where they are the same byte for byte.
#[Object]
impl DuplicateGroup {
    /// How many images it has, at least 2.
    async fn count(&self) -> u64 {
        self.count
    }

    /// The image to keep: the most pixels, then the least compressed of JPEGs (by an estimate; what is no JPEG counts as not
    /// compressed), then the most bytes, then the first by its path. Null, with an error of its own, where it cannot be had.
    async fn best(&self, ctx: &Context<'_>) -> Option<Result<Image>> {
        self.images.first().map(|best| files::shown(ctx, best))
    }

    /// Its images, the best first. One that cannot be had is null, with an error of its own.
    async fn images(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100.", default_with = "Some(USUAL_COPIES as i32)")] first: Option<
            i32,
        >,
    ) -> Result<Vec<Option<Result<Image>>>> {
        let first = files::page_size(first, USUAL_COPIES).map_err(|error| field_error(&error))?;
        Ok(self.images.iter().take(first).map(|image| Some(files::shown(ctx, image))).collect())
    }
}

/// A page of groups, with all that is asked of their images.
pub async fn page(
    ctx: &Context<'_>,
    within: Option<i32>,
    first: Option<i32>,
    after: Option<String>,
) -> error::Result<DuplicateGroupConnection> {
    let first = files::page_size(first, USUAL_FIRST)?;
    let within = similar::bits(within, MAX_WITHIN).ok_or(Error::BadRequest("within is 0 to 10 bits"))?;
    let place = after.as_deref().map(cursor::group).transpose()?;
    let duplicates = loader::duplicates(ctx, within).await?;
    let groups = duplicates.after(place.as_ref());
    let page = &groups[..first.min(groups.len())];
    let cursors: Vec<_> = page.iter().map(|group| cursor::of_group(&group.place())).collect();
    let page_info = PageInfo::new(&cursors, after.as_ref(), groups.len() > first);
    let shown = shown(ctx, page).await?;
    let edge = |(cursor, group)| DuplicateGroupEdge { cursor, group };
    Ok(DuplicateGroupConnection { edges: cursors.into_iter().zip(shown).map(edge).collect(), page_info })
}

async fn shown(ctx: &Context<'_>, groups: &[Group]) -> error::Result<Vec<DuplicateGroup>> {
    let nodes = files::below(ctx.field(), &["edges", "node"]);
    let lists: Vec<_> = nodes.iter().flat_map(|node| node.selection_set()).collect();
    let copies = lists.iter().filter_map(copies).max().unwrap_or_default();
    let asked: Vec<_> = lists.into_iter().filter(|list| matches!(list.name(), "best" | "images")).collect();
    let paths = loader::copies(ctx, groups, copies).await?;
    let mut images = files::images(ctx, &asked, &paths.concat()).await.into_iter();
    let group = |(group, paths): (&Group, &Vec<_>)| DuplicateGroup {
        count: group.images,
        images: images.by_ref().take(paths.len()).collect(),
    };
    Ok(groups.iter().zip(&paths).map(group).collect())
}

/// How many images of a group a field shows.
fn copies(field: &SelectionField<'_>) -> Option<usize> {
    match field.name() {
        "best" => Some(1),
        "images" => {
            let arguments = field.arguments().ok()?;
            let first = arguments.into_iter().find(|(name, _)| name == "first").map(|(_, first)| first);
            match first {
                Some(async_graphql::Value::Number(first)) => {
                    Some(first.as_u64()?.min(files::MAX_FIRST as u64) as usize)
                }
                _ => Some(USUAL_COPIES),
            }
        }
        _ => None,
    }
}
