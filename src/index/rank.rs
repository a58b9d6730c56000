//! Which of several copies is the best.

use std::cmp::Reverse;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::file::Facts;

/// The best copy first: the most pixels, the least compressed of JPEGs (what is no JPEG counts as not compressed), the
/// largest file. A `Rank` in the words of SQL.
pub const BEST_FIRST: &str = "COALESCE(width * height, 0) DESC, COALESCE(quality, 100) DESC, size DESC, path";

/// What it takes to rank a file, with spaces between, in the words of SQL.
pub const RANKED: &str =
    "CAST(COALESCE(width * height, 0) AS TEXT) || ' ' || CAST(COALESCE(quality, 100) AS TEXT)
    || ' ' || CAST(size AS TEXT)";

/// The quality of what is not compressed as JPEGs are.
const NOT_COMPRESSED: u8 = 100;

/// Where a file stands among its copies: the best one's is the least. Of equals the one whose path is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank<Path> {
    pixels: Reverse<u64>,
    quality: Reverse<u8>,
    /// Bytes.
    size: Reverse<u64>,
    path: Path,
}

/// The bytes of a path: by itself it compares its parts.
pub type PathBytes = Vec<u8>;

impl Rank<PathBytes> {
    /// Of a file of so many bytes.
    pub fn new(path: &Path, size: u64, facts: &Facts) -> Self {
        let sides = facts.width.zip(facts.height);
        let pixels = sides.map_or(0, |(width, height)| width.saturating_mul(height));
        let quality = facts.quality.unwrap_or(NOT_COMPRESSED);
        Self::of(pixels, quality, size, path.as_os_str().as_bytes().to_vec())
    }
}

impl<Path> Rank<Path> {
    /// Of what stands for a path.
    pub fn of(pixels: u64, quality: u8, size: u64, path: Path) -> Self {
        Self { pixels: Reverse(pixels), quality: Reverse(quality), size: Reverse(size), path }
    }
}
