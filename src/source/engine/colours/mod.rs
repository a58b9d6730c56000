//! A thumbnail -> what its colours say. The thumbnail is not kept.

mod blur;
mod oklab;
mod palette;
mod preview;

use thumbhash::rgba_to_thumb_hash;

use super::pixels::thumbnail::Thumbnail;
use crate::metadata::Colours;

/// Of a picture that is upright.
pub fn colours(thumbnail: &Thumbnail) -> Colours {
    let (width, height) = (thumbnail.width, thumbnail.height);
    Colours {
        palettes: palette::palettes(thumbnail),
        blur: blur::blur(thumbnail),
        thumb_hash: rgba_to_thumb_hash(width, height, thumbnail.pixels.as_flattened()),
        preview: preview::preview(thumbnail),
    }
}

#[cfg(test)]
mod tests {
    use thumbhash::thumb_hash_to_average_rgba;

    use super::*;
    use crate::metadata::Colour;

    #[test]
    fn a_plain_picture_is_its_colour_in_every_way() {
        let colours = colours(&Thumbnail { width: 10, height: 7, pixels: vec![[200, 90, 30, 255]; 70] });
        assert_eq!(colours.dominant(), Some(Colour([200, 90, 30])));
        assert_eq!(colours.blur.mean, Colour([200, 90, 30]));
        let (red, green, blue, alpha) = thumb_hash_to_average_rgba(&colours.thumb_hash).unwrap();
        let near = |told: f32, level: f32| (told * 255.0 - level).abs() < 5.0;
        assert!(near(red, 200.0) && near(green, 90.0) && near(blue, 30.0) && near(alpha, 255.0));
    }

    /// Whatever is kept of a picture.
    #[test]
    fn all_that_is_kept_takes_some_kib() {
        let noise = (0..10_000u32).map(|place| place.wrapping_mul(2_654_435_761).to_be_bytes());
        let colours = colours(&Thumbnail { width: 100, height: 100, pixels: noise.collect() });
        let bytes = colours.footprint();
        assert!((2_000..5_000).contains(&bytes), "{bytes}");
    }
}
