//! A picture so tiny that it can stand in a page's text.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};

use crate::source::engine::pixels::thumbnail::{Rgba, Thumbnail};

/// Pixels of its longer side: stretched and blurred, more do not show.
const LONGER_SIDE: u32 = 16;

/// A PNG, with alpha where there is any. Of photographs it takes some 570 bytes, as a lossless WebP 590 and as a JPEG 700.
pub fn preview(thumbnail: &Thumbnail) -> Vec<u8> {
    let small = thumbnail.smaller(LONGER_SIDE);
    let opaque = small.pixels.iter().all(|pixel| pixel[3] == u8::MAX);
    let file = match opaque {
        true => {
            let rgb: Vec<u8> = small.pixels.iter().flat_map(|[rgb @ .., _]: &Rgba| *rgb).collect();
            png(&small, ColorType::Rgb, &rgb)
        }
        false => png(&small, ColorType::Rgba, small.pixels.as_flattened()),
    };
    // Into memory, and as many pixels as are said: it cannot fail.
    file.unwrap_or_default()
}

fn png(small: &Thumbnail, color: ColorType, samples: &[u8]) -> Result<Vec<u8>, EncodingError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, small.width as u32, small.height as u32);
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::High);
    encoder.set_filter(Filter::Adaptive);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(samples)?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, RgbaImage, load_from_memory_with_format};

    use super::*;

    fn shown(width: usize, height: usize, pixels: Vec<Rgba>) -> RgbaImage {
        let preview = preview(&Thumbnail { width, height, pixels });
        load_from_memory_with_format(&preview, ImageFormat::Png).unwrap().into_rgba8()
    }

    #[test]
    fn a_preview_shows_the_picture_sixteen_pixels_wide() {
        let pixels = (0..100 * 50).map(|place| [if place % 100 < 50 { 40 } else { 200 }, 90, 10, 255]);
        let small = shown(100, 50, pixels.collect());
        assert_eq!((small.width(), small.height()), (16, 8));
        assert_eq!(
            (small.get_pixel(0, 7).0, small.get_pixel(15, 0).0),
            ([40, 90, 10, 255], [200, 90, 10, 255])
        );
    }

    #[test]
    fn what_is_clear_stays_clear_and_a_tiny_picture_as_it_is() {
        let pixels = vec![[0; 4], [1, 2, 3, 255], [40, 50, 60, 128]];
        assert_eq!(shown(3, 1, pixels.clone()).into_raw(), pixels.concat());
    }
}
