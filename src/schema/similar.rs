//! The library's images that look like one image.

use std::path::PathBuf;

use async_graphql::{Context, Object, Result, SimpleObject};

use super::files::{self, PageInfo, USUAL_FIRST, charged};
use super::image::Image;
use super::similarity::{Similarity, SimilarityTarget, Target};
use super::{cursor, loader};
use crate::error::{self, Error};
use crate::index::Wanted;
use crate::metadata::PHash;
use crate::source::engine::library::path_of;

/// Images of the library, nearest first.
#[derive(SimpleObject)]
pub struct SimilarConnection {
    /// The images of this page.
    edges: Vec<SimilarEdge>,
    /// Whether there are more.
    page_info: PageInfo,
}

pub struct SimilarEdge {
    cursor: String,
    hash: PHash,
    target: Target,
    image: error::Result<Image>,
}

/// An image, and how much it looks like the one that was asked for.
#[Object]
impl SimilarEdge {
    /// The place of the image among the others, which it keeps whatever is added or deleted.
    async fn cursor(&self, ctx: &Context<'_>) -> Result<&str> {
        charged(ctx, &self.cursor)
    }

    /// How alike the two look, by the hash that the index has of this one.
    async fn similarity(&self) -> Similarity {
        Similarity::new(self.hash, self.target.clone())
    }

    /// The image; null, with an error of its own, where it cannot be had.
    async fn node(&self, ctx: &Context<'_>) -> Option<Result<Image>> {
        Some(files::shown(ctx, &self.image))
    }
}

/// A page of what looks like the target, with all that is asked of its images.
pub async fn page(
    ctx: &Context<'_>,
    to: SimilarityTarget,
    within: Option<i32>,
    first: Option<i32>,
    after: Option<String>,
) -> error::Result<SimilarConnection> {
    let first = files::page_size(first, USUAL_FIRST)?;
    let within = bits(within, PHash::BITS).ok_or(Error::BadRequest("within is 0 to 64 bits"))?;
    let except = own_path(&to)?;
    let target = Target::load(ctx, to).await?;
    let bits = target.hash.bits();
    let after_place = after.as_deref().map(|after| cursor::place(after, bits)).transpose()?;
    // One more tells whether there are more.
    let wanted = Wanted { target: bits, within, after: after_place, except, limit: first + 1 };
    let mut places = loader::alike(ctx, wanted).await?;
    let has_next_page = places.len() > first;
    places.truncate(first);
    let (hashes, paths): (Vec<_>, Vec<_>) =
        places.iter().map(|place| (PHash::new(place.hash()), place.path.clone())).unzip();
    let images = files::images(ctx, &files::below(ctx.field(), &["edges", "node"]), &paths).await;
    let cursors: Vec<_> = places.iter().map(cursor::of_place).collect();
    let page_info = PageInfo::new(&cursors, after.as_ref(), has_next_page);
    let edge = |((cursor, hash), image)| SimilarEdge { cursor, hash, target: target.clone(), image };
    Ok(SimilarConnection {
        edges: cursors.into_iter().zip(hashes).zip(images).map(edge).collect(),
        page_info,
    })
}

/// A distance, which is as usual where none is given.
pub fn bits(within: Option<i32>, most: u32) -> Option<u32> {
    let within = within.map_or(Ok(super::similarity::DUPLICATE_WITHIN as u32), u32::try_from).ok()?;
    (within <= most).then_some(within)
}

/// A file is not told that it looks like itself.
fn own_path(to: &SimilarityTarget) -> error::Result<Option<PathBuf>> {
    match to {
        SimilarityTarget::File(id) => path_of(id).map(Some),
        SimilarityTarget::Url(_) | SimilarityTarget::PHash(_) => Ok(None),
    }
}
