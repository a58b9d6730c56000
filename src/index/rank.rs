//! Which of several copies is the best.

use std::cmp::Reverse;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::file::Facts;

/// The best copy first: the most pixels, the least compressed of JPEGs (what is no JPEG counts as not compressed), the
/// largest file. A `Rank` in the words of SQL.
pub const BEST_FIRST: &str = "COALESCE(width * height, 0) DESC, COALESCE(quality, 100) DESC, size DESC, path";

/// The quality of what is not compressed as JPEGs are.
const NOT_COMPRESSED: u8 = 100;

/// Where a file stands among its copies: the best one's is the least.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    pixels: Reverse<u64>,
    quality: Reverse<u8>,
    /// Bytes.
    size: Reverse<u64>,
    /// A path by itself compares its parts.
    path: Vec<u8>,
}

impl Rank {
    /// Of a file of so many bytes.
    pub fn new(path: &Path, size: u64, facts: &Facts) -> Self {
        let sides = facts.width.zip(facts.height);
        Self {
            pixels: Reverse(sides.map_or(0, |(width, height)| width.saturating_mul(height))),
            quality: Reverse(facts.quality.unwrap_or(NOT_COMPRESSED)),
            size: Reverse(size),
            path: path.as_os_str().as_bytes().to_vec(),
        }
    }
}
