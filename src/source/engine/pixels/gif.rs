//! GIF by the `image` crate, on the canvas that the header's reader found.

use std::borrow::Cow;
use std::io::Cursor;

use image::codecs::gif::GifDecoder;

use super::Limits;
use super::grey::Grey;
use super::raster::{self, Clear};
use super::shrink::View;
use crate::error::{Error, Result};

/// Section 18 of the specification: where the logical screen's width and height stand.
const SCREEN: std::ops::Range<usize> = 6..10;

/// A screen that is too small for the first frame, or of a size that old programs wrote without regard to the picture,
/// is replaced before the decoder sees it.
pub fn decode(bytes: &[u8], size: (u64, u64), has_alpha: bool, view: View, limits: &Limits) -> Result<Grey> {
    let side = |side: u64| {
        u16::try_from(side).map_err(|_| Error::CorruptImage("its first frame lies outside of it"))
    };
    let screen = [side(size.0)?.to_le_bytes(), side(size.1)?.to_le_bytes()].concat();
    let file = if bytes.get(SCREEN) == Some(&screen[..]) {
        Cow::Borrowed(bytes)
    } else {
        Cow::Owned(
            [
                bytes.get(..SCREEN.start).unwrap_or_default(),
                &screen,
                bytes.get(SCREEN.end..).unwrap_or_default(),
            ]
            .concat(),
        )
    };
    raster::decode(GifDecoder::new(Cursor::new(&file)), has_alpha, Clear::Black, view, limits)
}

#[cfg(test)]
mod tests {
    use image::codecs::gif::GifEncoder;
    use image::{Frame, Rgba, RgbaImage};

    use super::super::super::header::{self, Reading};
    use super::super::super::known::Known;
    use super::super::read;
    use super::*;
    use crate::metadata::Level;

    const LIMITS: Limits = Limits { max_pixels: 1 << 20, max_decode_bytes: 1 << 24, apart: None };

    /// The hash of a picture of 120 x 90 whose file states this screen.
    fn hash(width: u16, height: u16) -> Result<String> {
        let mut file = include_bytes!("../../../../tests/images/gif/static.gif").to_vec();
        file[SCREEN].copy_from_slice(&[width.to_le_bytes(), height.to_le_bytes()].concat());
        match header::read(&Known::whole(&file[..]), Level::Exif) {
            Reading::Done(header) => {
                read(&file, &header?, View::Grey, &LIMITS).map(|picture| picture.p_hash.to_string())
            }
            Reading::Need(range) => panic!("{range:?}"),
        }
    }

    /// As sharp-phash has it: these screens count for nothing, or are too small.
    #[test]
    fn a_screen_that_is_none_leaves_the_first_frame() {
        let screens = [
            (640, 480),
            (800, 600),
            (1024, 768),
            (2100, 2100),
            (50, 50),
            (119, 90),
            (1, 1),
            (120, 0),
            (0, 0),
        ];
        for (width, height) in
            screens.into_iter().chain([(120, 90), (0, 90), (121, 65_373), (10_000, 10_000)])
        {
            assert_eq!(hash(width, height).as_deref(), Ok("8e78cea4a686734f"), "{width} x {height}");
        }
        assert_ne!(hash(300, 200), hash(120, 90));
    }

    /// Where nothing is resized alpha is dropped, and a clear pixel's colour would count.
    #[test]
    fn what_is_clear_is_black() {
        let pixel = |x: u32, _| Rgba(if x < 16 { [250, 250, 250, 0] } else { [250, 250, 250, 255] });
        let mut file = Vec::new();
        let frame = Frame::new(RgbaImage::from_fn(32, 32, pixel));
        GifEncoder::new(&mut file).encode_frame(frame).unwrap();
        let samples = decode(&file, (32, 32), true, View::Grey, &LIMITS).unwrap().samples;
        assert_eq!((samples[0], samples[2 * 31]), (0, 250));
    }
}
