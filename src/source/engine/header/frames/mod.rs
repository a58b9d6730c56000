//! How many frames or pages a file has, by the headers that are all over it. No picture is looked at.

mod gif;
mod isobmff;
mod png;
mod tiff;
mod webp;

use std::ops::Range;

use super::Header;
use crate::error::{Error, Result};
use crate::metadata::Format;
use crate::source::engine::known::{Gap, Known};

const CUT: Error = Error::CorruptImage("it ends before its last frame does");

/// How far a count came with the bytes known so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counting {
    Done(Result<u64>),
    /// These bytes of the file have to be known; then count again.
    Need(Range<u64>),
}

/// Why there is no count.
enum Stop {
    Need(Range<u64>),
    Error(Error),
}

/// Counts from the beginning of the file each time.
pub fn count(known: &Known, header: &Header) -> Counting {
    let file = known.block();
    let count = match header.format {
        Format::Png => png::count(file),
        Format::Gif => gif::count(file),
        Format::WebP => webp::count(file),
        Format::Tiff => tiff::count(file),
        Format::Avif | Format::Heic => isobmff::count(file),
        // The pictures of an icon are one, in several sizes.
        Format::Jpeg | Format::Bmp | Format::Ico | Format::Svg => Ok(1),
        Format::JpegXl if !header.is_animated => Ok(1),
        // Each says only how long it is itself, in parts, and whether it is the last.
        Format::JpegXl => Err(Error::UnsupportedFormat("counting the frames of an animation").into()),
    };
    match count {
        Ok(0) => Counting::Done(Err(Error::CorruptImage("it has no frames"))),
        Ok(count) => Counting::Done(Ok(count)),
        Err(Stop::Need(range)) => Counting::Need(range),
        Err(Stop::Error(error)) => Counting::Done(Err(error)),
    }
}

impl From<Gap> for Stop {
    fn from(gap: Gap) -> Self {
        match gap {
            Gap::Need(range) => Self::Need(range),
            Gap::End => Self::Error(CUT),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// There is more to walk over than any honest file has.
fn too_many(what: &'static str, limit: usize) -> Stop {
    Stop::Error(Error::TooLarge { what, limit: limit as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts at once, and again in just the pieces that are asked for.
    pub fn count(file: &[u8], format: Format) -> Result<u64> {
        let header = Header::new(format);
        let Counting::Done(at_once) = super::count(&Known::whole(file), &header) else {
            panic!("needs more than the whole file");
        };
        assert_eq!(in_pieces(file, &header), at_once);
        at_once
    }

    fn in_pieces(file: &[u8], header: &Header) -> Result<u64> {
        let mut known = Known::default();
        known.set_size(file.len() as u64);
        loop {
            match super::count(&known, header) {
                Counting::Done(count) => return count,
                Counting::Need(range) => {
                    let end = (range.end as usize).min(file.len());
                    known.add(range.start, &file[range.start as usize..end]);
                }
            }
        }
    }

    #[test]
    fn a_still_has_one_frame_and_an_animation_in_jpeg_xl_no_count() {
        for format in [Format::Jpeg, Format::Bmp, Format::Ico, Format::Svg, Format::JpegXl] {
            assert_eq!(count(b"", format), Ok(1));
        }
        let animation = Header { is_animated: true, ..Header::new(Format::JpegXl) };
        let Counting::Done(count) = super::count(&Known::whole(&b""[..]), &animation) else {
            panic!("needs bytes");
        };
        assert!(matches!(count, Err(Error::UnsupportedFormat(_))));
    }
}
