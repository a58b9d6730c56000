//! What the colours of a picture say, as shown: enough for every placeholder and palette that may be asked for, without
//! the picture.

mod blur_hash;

pub use blur_hash::{Blur, MAX_COMPONENTS};

use std::fmt;

use serde::{Deserialize, Serialize};

/// Colours of a palette, at most.
pub const MAX_COLOURS: usize = 16;

/// Colours of the palette that the dominant one is of.
pub const USUAL_COLOURS: usize = 5;

/// sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Colour(pub [u8; 3]);

/// A colour and how much of the picture is like it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Swatch {
    pub colour: Colour,
    /// Of the pixels, each weighed by what it does not let through: 0 to 1.
    pub share: f32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Colours {
    /// Of one colour, two, and so on, as long as there are more that can be told apart; none where all is clear.
    pub palettes: Vec<Vec<Swatch>>,
    pub blur: Blur,
    /// A ThumbHash, <https://evanw.github.io/thumbhash/>.
    pub thumb_hash: Vec<u8>,
    /// A tiny picture: a PNG file.
    pub preview: Vec<u8>,
}

impl Colours {
    /// So many colours, or as many as there are, the most frequent first.
    pub fn palette(&self, colours: usize) -> &[Swatch] {
        let most = colours.min(self.palettes.len());
        most.checked_sub(1).map_or(&[], |place| &self.palettes[place])
    }

    /// The most frequent colour of a palette of five; `None` where all is clear.
    pub fn dominant(&self) -> Option<Colour> {
        self.palette(USUAL_COLOURS).first().map(|swatch| swatch.colour)
    }

    /// Bytes of memory beside its own.
    pub fn footprint(&self) -> usize {
        let palettes =
            self.palettes.iter().map(|palette| size_of_val(palette) + size_of_val(palette.as_slice()));
        palettes.sum::<usize>() + self.blur.footprint() + self.thumb_hash.len() + self.preview.len()
    }
}

/// As in CSS: `#rrggbb`.
impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colours(palettes: Vec<Vec<Swatch>>) -> Colours {
        let blur = Blur { mean: Colour([0; 3]), waves: Vec::new() };
        Colours { palettes, blur, thumb_hash: Vec::new(), preview: Vec::new() }
    }

    #[test]
    fn a_palette_has_no_more_colours_than_there_are() {
        let swatch = |level, share| Swatch { colour: Colour([level; 3]), share };
        let (one, two) = (vec![swatch(7, 1.0)], vec![swatch(9, 0.75), swatch(1, 0.25)]);
        let colours = colours(vec![one.clone(), two.clone()]);
        for (asked, palette) in [(0, &[][..]), (1, &one), (2, &two), (5, &two)] {
            assert_eq!(colours.palette(asked), palette);
        }
        assert_eq!(colours.dominant().map(|colour| colour.to_string()).as_deref(), Some("#090909"));
    }

    #[test]
    fn what_is_clear_has_no_colours() {
        let clear = colours(Vec::new());
        assert_eq!((clear.palette(5), clear.dominant()), (&[][..], None));
    }
}
