//! Two hashes -> how alike the pictures look.

use async_graphql::{Context, ID, Object, OneofObject, Result};

use super::budget::{Budget, Printed};
use super::error::field;
use super::image::Image;
use super::loader;
use super::scalar::{self, Url};
use crate::error::{self, Error};
use crate::metadata::{Fact, ImageRef, Level, PHash};

/// Bits. Re-encoding, resizing and brightness move a hash by up to 5, a crop of 2 % by up to 10.
const DUPLICATE_WITHIN: i32 = 8;

/// What to compare with: exactly one of the three.
#[derive(OneofObject)]
pub enum SimilarityTarget {
    /// The file id of an image of the media library.
    File(ID),
    /// The URL of an image anywhere.
    Url(Url),
    /// A hash that is known already.
    #[graphql(name = "pHash")]
    PHash(scalar::PHash),
}

pub struct Similarity {
    ours: PHash,
    theirs: PHash,
    with: Option<Image>,
}

/// How alike two images look, by their pHashes.
#[Object]
impl Similarity {
    /// Differing bits of the two hashes, 0 to 64.
    async fn distance(&self) -> u32 {
        self.ours.distance(self.theirs)
    }

    /// 1 - distance / 64: 1 for equal hashes, about 0.5 for unrelated pictures.
    async fn score(&self) -> f64 {
        self.ours.score(self.theirs)
    }

    /// The distance is small enough to call one a copy of the other. Re-encoding and resizing move a hash by
    /// up to 5 bits, different pictures start at about 16.
    async fn is_duplicate(
        &self,
        #[graphql(
            desc = "The largest distance, in bits, that still counts.",
            default_with = "Some(DUPLICATE_WITHIN)"
        )]
        within: Option<i32>,
    ) -> bool {
        i64::from(self.ours.distance(self.theirs)) <= i64::from(within.unwrap_or(DUPLICATE_WITHIN))
    }

    /// One of the two is so flat that its hash says little.
    async fn low_entropy(&self) -> bool {
        self.ours.is_low_entropy() || self.theirs.is_low_entropy()
    }

    /// The image compared with; null where a bare pHash was given.
    async fn with(&self) -> Option<Image> {
        self.with.clone()
    }
}

/// Compares a hash with a target. An image without a hash (a video) has no similarity; one whose hash cannot be
/// had gives that error.
pub async fn compare(
    ctx: &Context<'_>,
    ours: Fact<PHash>,
    target: SimilarityTarget,
) -> Option<Result<Similarity>> {
    let similarity = match ours? {
        Ok(ours) => with_target(ctx, ours, target).await,
        Err(error) => Err(error),
    };
    field(Some(similarity))
}

async fn with_target(ctx: &Context<'_>, ours: PHash, target: SimilarityTarget) -> error::Result<Similarity> {
    let image = match target {
        SimilarityTarget::PHash(hash) => return Ok(Similarity { ours, theirs: hash.parse()?, with: None }),
        SimilarityTarget::File(id) => ImageRef::File(id.0),
        SimilarityTarget::Url(url) => ImageRef::Url(url.0),
    };
    let metadata = loader::load(ctx, image.clone(), Level::Pixels).await?;
    Printed::by(ctx.field()).charge(Budget::of(ctx), &image, &metadata)?;
    let theirs = metadata.p_hash.clone().unwrap_or(Err(Error::UnsupportedFormat("pHash")))?;
    Ok(Similarity { ours, theirs, with: Some(Image::new(image, metadata)) })
}
