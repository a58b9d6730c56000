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
pub const DUPLICATE_WITHIN: i32 = 8;

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

/// A hash to compare with, and whose it is.
#[derive(Clone)]
pub struct Target {
    pub hash: PHash,
    image: Option<Image>,
}

pub struct Similarity {
    ours: PHash,
    target: Target,
}

impl Similarity {
    pub fn new(ours: PHash, target: Target) -> Self {
        Self { ours, target }
    }

    fn theirs(&self) -> PHash {
        self.target.hash
    }
}

/// How alike two images look, by their pHashes.
#[Object]
impl Similarity {
    /// Differing bits of the two hashes, 0 to 64.
    async fn distance(&self) -> u32 {
        self.ours.distance(self.theirs())
    }

    /// 1 - distance / 64: 1 for equal hashes, about 0.5 for unrelated pictures.
    async fn score(&self) -> f64 {
        self.ours.score(self.theirs())
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
        i64::from(self.ours.distance(self.theirs())) <= i64::from(within.unwrap_or(DUPLICATE_WITHIN))
    }

    /// One of the two is so flat that its hash says little.
    async fn low_entropy(&self) -> bool {
        self.ours.is_low_entropy() || self.theirs().is_low_entropy()
    }

    /// The image compared with; null where a bare pHash was given.
    async fn with(&self) -> Option<Image> {
        self.target.image.clone()
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
        Ok(ours) => Target::load(ctx, target).await.map(|target| Similarity { ours, target }),
        Err(error) => Err(error),
    };
    field(Some(similarity))
}

impl Target {
    /// Looks the image up, where one is given.
    pub async fn load(ctx: &Context<'_>, target: SimilarityTarget) -> error::Result<Self> {
        let image = match target {
            SimilarityTarget::PHash(hash) => return Ok(Self { hash: hash.parse()?, image: None }),
            SimilarityTarget::File(id) => ImageRef::File(id.0),
            SimilarityTarget::Url(url) => ImageRef::Url(url.0),
        };
        let metadata = loader::load(ctx, image.clone(), Level::Pixels).await?;
        Printed::by(ctx.field()).charge(Budget::of(ctx), &image, &metadata)?;
        let hash = metadata.p_hash.clone().unwrap_or(Err(Error::UnsupportedFormat("pHash")))?;
        Ok(Self { hash, image: Some(Image::new(image, metadata)) })
    }
}
