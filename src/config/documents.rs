//! How much one request may ask for.

use std::ops::RangeInclusive;

use super::limits::within;
use super::{ConfigError, file};

/// Bounds on what a request says, each looked at before anything is looked up.
#[derive(Debug, Clone)]
pub struct Documents {
    /// Bytes of a request's body. Queries that people write have a few KB.
    pub max_body_bytes: usize,
    /// Requests in one body, which are answered together.
    pub max_batch: usize,
    /// Names, values and punctuators. A hundred aliases of an image with ten fields each are 2,002.
    pub max_tokens: usize,
    /// Brackets of any kind that are open at once. Queries that people write stay below 20.
    pub max_nesting: usize,
    /// Fields within fields. The deepest that makes sense is a comparison's image's EXIF group.
    pub max_depth: usize,
    /// Fields, those of fragments wherever they are spread, and of lists of images as often as they are long. A page of
    /// a hundred images with a hundred fields each.
    pub max_fields: usize,
    pub max_root_fields: usize,
    pub max_aliases: usize,
    pub max_directives: usize,
    pub max_fragments: usize,
    /// Different images that a request can touch.
    pub max_images: usize,
    /// URLs that it names, each of which may be fetched: as many as are looked up at once.
    pub max_urls: usize,
}

impl Default for Documents {
    fn default() -> Self {
        Self {
            max_body_bytes: 256 << 10,
            max_batch: 10,
            max_tokens: 4_000,
            max_nesting: 64,
            max_depth: 15,
            max_fields: 10_000,
            max_root_fields: 200,
            max_aliases: 500,
            max_directives: 100,
            max_fragments: 100,
            max_images: 100,
            max_urls: 64,
        }
    }
}

/// What is counted must be countable in no time, and what nests must not overflow a stack.
const COUNT: RangeInclusive<u64> = 1..=1_000_000;
const NESTING: RangeInclusive<u64> = 1..=200;

impl TryFrom<file::Documents> for Documents {
    type Error = ConfigError;

    fn try_from(file: file::Documents) -> Result<Self, ConfigError> {
        let default = Self::default();
        let number = |setting, value, range, default: usize| {
            within(setting, value, range, default as u64).map(|number| number as usize)
        };
        let body = 1_024..=64 << 20;
        Ok(Self {
            max_body_bytes: number(
                "documents.max_body_bytes",
                file.max_body_bytes,
                body,
                default.max_body_bytes,
            )?,
            max_batch: number("documents.max_batch", file.max_batch, COUNT, default.max_batch)?,
            max_tokens: number("documents.max_tokens", file.max_tokens, COUNT, default.max_tokens)?,
            max_nesting: number("documents.max_nesting", file.max_nesting, NESTING, default.max_nesting)?,
            max_depth: number("documents.max_depth", file.max_depth, NESTING, default.max_depth)?,
            max_fields: number("documents.max_fields", file.max_fields, COUNT, default.max_fields)?,
            max_root_fields: number(
                "documents.max_root_fields",
                file.max_root_fields,
                COUNT,
                default.max_root_fields,
            )?,
            max_aliases: number("documents.max_aliases", file.max_aliases, COUNT, default.max_aliases)?,
            max_directives: number(
                "documents.max_directives",
                file.max_directives,
                COUNT,
                default.max_directives,
            )?,
            max_fragments: number(
                "documents.max_fragments",
                file.max_fragments,
                COUNT,
                default.max_fragments,
            )?,
            max_images: number("documents.max_images", file.max_images, COUNT, default.max_images)?,
            max_urls: number("documents.max_urls", file.max_urls, COUNT, default.max_urls)?,
        })
    }
}
