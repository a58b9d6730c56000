use serde::{Deserialize, Serialize};

/// How much of a file has to be read for the facts that ImageKit states.
///
/// Ordered: what is known at one level answers every question of the levels below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// Format, dimensions, density, profile, alpha: the first bytes of a file.
    Header,
    /// The number of bytes as well, where nobody but the last byte tells it.
    Size,
    /// What each frame says as well: a GIF has alpha if any frame has, and keeps them all over the file.
    Frames,
    /// The EXIF block as well, which PNG, WebP and TIFF may keep at the end.
    Exif,
    /// The decoded picture: pHash.
    Pixels,
}
