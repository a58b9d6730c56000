//! What one request may ask for, and how much.

use std::ops::RangeInclusive;

use super::limits::within;
use super::trusted::Trusted;
use super::{ConfigError, file};

/// Bounds on what a request says, each looked at before anything is looked up.
#[derive(Debug, Clone)]
pub struct Documents {
    /// Whether it may ask for the schema. The page at `/` needs that, and is there only with it.
    pub introspection: bool,
    /// Bytes of a request's body. Queries that people write have a few KB.
    pub max_body_bytes: usize,
    /// Requests in one body, which are answered together.
    pub max_batch: usize,
    /// Bytes of a document, whose long values are better sent as variables. Each takes the parser 100 ns.
    pub max_document_bytes: usize,
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
    /// Bytes of the documents that have run and are kept parsed; 0 keeps none.
    pub max_parsed_bytes: u64,
    /// Bytes of the documents that clients have sent with their hashes; 0 remembers none.
    pub max_persisted_bytes: u64,
    pub trusted: Trusted,
    /// Whether nobody may run any others.
    pub only_trusted: bool,
}

impl Default for Documents {
    fn default() -> Self {
        Self {
            introspection: true,
            max_body_bytes: 256 << 10,
            max_batch: 10,
            max_document_bytes: 64 << 10,
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
            max_parsed_bytes: 16 << 20,
            max_persisted_bytes: 8 << 20,
            trusted: Trusted::default(),
            only_trusted: false,
        }
    }
}

/// What is counted must be countable in no time, and what nests must not overflow a stack.
const BYTES: RangeInclusive<u64> = 1_024..=64 << 20;
const KEPT: RangeInclusive<u64> = 0..=1 << 40;
const COUNT: RangeInclusive<u64> = 1..=1_000_000;
const NESTING: RangeInclusive<u64> = 1..=200;

impl TryFrom<file::Documents> for Documents {
    type Error = ConfigError;

    fn try_from(file: file::Documents) -> Result<Self, ConfigError> {
        let default = Self::default();
        macro_rules! bound {
            ($name:ident, $range:expr) => {{
                let setting = concat!("documents.", stringify!($name));
                within(setting, file.$name, $range, default.$name as u64)? as _
            }};
        }
        let (trusted, only_trusted) = Trusted::load(&file)?;
        Ok(Self {
            introspection: default.introspection,
            max_body_bytes: bound!(max_body_bytes, BYTES),
            max_batch: bound!(max_batch, COUNT),
            max_document_bytes: bound!(max_document_bytes, BYTES),
            max_tokens: bound!(max_tokens, COUNT),
            max_nesting: bound!(max_nesting, NESTING),
            max_depth: bound!(max_depth, NESTING),
            max_fields: bound!(max_fields, COUNT),
            max_root_fields: bound!(max_root_fields, COUNT),
            max_aliases: bound!(max_aliases, COUNT),
            max_directives: bound!(max_directives, COUNT),
            max_fragments: bound!(max_fragments, COUNT),
            max_images: bound!(max_images, COUNT),
            max_urls: bound!(max_urls, COUNT),
            max_parsed_bytes: bound!(max_parsed_bytes, KEPT),
            max_persisted_bytes: bound!(max_persisted_bytes, KEPT),
            trusted,
            only_trusted,
        })
    }
}
