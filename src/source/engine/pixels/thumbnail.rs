//! A picture in colour that is small enough to be looked at pixel by pixel, averaged while its rows come.

use super::cmyk;
use super::shrink::Layout;
use super::upright::{stored_at, swaps_sides};

/// Pixels of the longer side, at most. A placeholder shows nothing of what is smaller than a hundredth, and ThumbHash takes
/// no more.
pub const LONGER_SIDE: u32 = 100;
/// The same of a picture that is to be shown: an eighth of 3,840, so that of a photograph the DC coefficients suffice.
pub const PREVIEW_SIDE: u32 = 480;

/// Red, green, blue, not weighed by alpha, and alpha.
pub type Rgba = [u8; 4];

#[derive(Debug, Clone, PartialEq)]
pub struct Thumbnail {
    pub width: usize,
    pub height: usize,
    /// Row by row. What is clear is black.
    pub pixels: Vec<Rgba>,
}

impl Thumbnail {
    /// Turned upright by its EXIF orientation.
    pub fn upright(&self, orientation: Option<u8>) -> Self {
        let stored = (self.width, self.height);
        let (width, height) =
            if swaps_sides(orientation) { (self.height, self.width) } else { (self.width, self.height) };
        let pixel = |place: usize| {
            let (column, row) = stored_at(orientation, (place % width, place / width), stored);
            self.pixels[row * self.width + column]
        };
        Self { width, height, pixels: (0..self.pixels.len()).map(pixel).collect() }
    }

    /// The same with a shorter longer side.
    pub fn smaller(&self, longer_side: u32) -> Self {
        let size = (self.width as u32, self.height as u32);
        let mut average = Average::new(size, size, longer_side, Layout::Rgba);
        self.pixels.chunks_exact(self.width).for_each(|row| average.row(row.as_flattened()));
        average.finish()
    }
}

/// Columns and rows of the thumbnail of a picture of this size.
pub fn size(width: u32, height: u32, longer_side: u32) -> (usize, usize) {
    kept((width, height), (width, height), longer_side)
}

/// The same where only so many columns and rows are known.
fn kept((width, height): (u32, u32), (columns, rows): (u32, u32), longer_side: u32) -> (usize, usize) {
    let longer = longer_side.min(columns.max(rows));
    let side = |side: u32, at_most: u32| {
        let (longer, whole) = (u64::from(longer), u64::from(width.max(height).max(1)));
        let side = (u64::from(side) * longer + whole / 2) / whole;
        (side as u32).clamp(1, at_most.max(1)) as usize
    };
    (side(width, columns), side(height, rows))
}

/// Makes a thumbnail of a picture's rows. Every pixel belongs to the box in which its upper left corner lies.
pub struct Average {
    layout: Layout,
    /// Of the rows that come.
    rows: usize,
    /// Behind the last column of each box.
    ends: Vec<usize>,
    height: usize,
    /// Of the present boxes.
    sums: Vec<Sums>,
    /// Rows in them, and in all.
    box_rows: u64,
    taken: usize,
    pixels: Vec<Rgba>,
}

/// Channels, weighed by alpha where there is alpha, and that.
type Sums = [u64; 4];

impl Average {
    /// Of a picture of which the means of square blocks are known, of so many pixels a side.
    pub fn of_picture((width, height): (u32, u32), block: u32, longer_side: u32, layout: Layout) -> Self {
        Self::new((width, height), (width.div_ceil(block), height.div_ceil(block)), longer_side, layout)
    }

    /// Of a picture of this size, of which so many columns and rows come.
    fn new(size: (u32, u32), (columns, rows): (u32, u32), longer_side: u32, layout: Layout) -> Self {
        let (columns_kept, height) = kept(size, (columns, rows), longer_side);
        Self {
            layout,
            rows: rows as usize,
            ends: (1..=columns_kept).map(|part| part * columns as usize / columns_kept).collect(),
            height,
            sums: vec![[0; 4]; columns_kept],
            box_rows: 0,
            taken: 0,
            pixels: Vec::with_capacity(columns_kept * height),
        }
    }

    /// Takes the next row. What follows the last one is not looked at. Out of the way of those who take rows in grey.
    #[inline(never)]
    pub fn row(&mut self, bytes: &[u8]) {
        if self.taken == self.rows {
            return;
        }
        match self.layout {
            Layout::Grey => self.add(bytes.as_chunks().0, |[grey]| [*grey as u32, 0, 0, 0]),
            Layout::Rgb => self.add(bytes.as_chunks().0, |[a, b, c]| [*a as u32, *b as u32, *c as u32, 0]),
            Layout::Cmyk | Layout::Ycck => {
                self.add(bytes.as_chunks().0, |[a, b, c, d]| [*a as u32, *b as u32, *c as u32, *d as u32])
            }
            Layout::GreyAlpha => self.add(bytes.as_chunks().0, |[grey, alpha]| {
                [*grey as u32 * *alpha as u32, 0, 0, *alpha as u32]
            }),
            Layout::Rgba => self.add(bytes.as_chunks().0, |[a, b, c, alpha]| {
                let weight = *alpha as u32;
                [*a as u32 * weight, *b as u32 * weight, *c as u32 * weight, weight]
            }),
        }
        (self.taken, self.box_rows) = (self.taken + 1, self.box_rows + 1);
        let kept = self.pixels.len() / self.ends.len();
        if self.taken == (kept + 1) * self.rows / self.height {
            self.end_boxes();
        }
    }

    /// A row of a box has less than 2,000 pixels: their sums stay within 32 bits.
    fn add<const N: usize>(&mut self, row: &[[u8; N]], weighed: impl Fn(&[u8; N]) -> [u32; 4]) {
        let mut start = 0;
        for (sums, end) in self.sums.iter_mut().zip(&self.ends) {
            let mut sum = [0u32; 4];
            for pixel in row.get(start..*end).unwrap_or_default() {
                let [a, b, c, d] = weighed(pixel);
                sum[0] += a;
                sum[1] += b;
                sum[2] += c;
                sum[3] += d;
            }
            sums.iter_mut().zip(sum).for_each(|(sums, sum)| *sums += u64::from(sum));
            start = *end;
        }
    }

    fn end_boxes(&mut self) {
        let mut start = 0;
        for (sums, end) in self.sums.iter().zip(&self.ends) {
            let pixels = (*end - start) as u64 * self.box_rows;
            self.pixels.push(mean(*sums, pixels, self.layout));
            start = *end;
        }
        self.sums.fill([0; 4]);
        self.box_rows = 0;
    }

    /// Of all rows.
    pub fn finish(self) -> Thumbnail {
        Thumbnail { width: self.ends.len(), height: self.height, pixels: self.pixels }
    }
}

fn mean(sums: Sums, pixels: u64, layout: Layout) -> Rgba {
    let weight = if layout.has_alpha() { sums[3] } else { pixels };
    let [a, b, c, d] = sums.map(|sum| (sum + weight / 2).checked_div(weight).unwrap_or(0) as u8);
    let alpha = ((sums[3] + pixels / 2) / pixels.max(1)) as u8;
    let opaque = |[red, green, blue]: [u8; 3]| [red, green, blue, u8::MAX];
    match layout {
        Layout::Grey => [a, a, a, u8::MAX],
        Layout::GreyAlpha => [a, a, a, alpha],
        Layout::Rgb => [a, b, c, u8::MAX],
        Layout::Rgba => [a, b, c, alpha],
        Layout::Cmyk => opaque(cmyk::rgb([a, b, c, d])),
        Layout::Ycck => opaque(cmyk::rgb(cmyk::from_ycck([a, b, c, d]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thumbnail(size: (u32, u32), layout: Layout, bytes: &[u8]) -> Thumbnail {
        let mut average = Average::of_picture(size, 1, LONGER_SIDE, layout);
        bytes.chunks_exact(size.0 as usize * layout.channels()).for_each(|row| average.row(row));
        average.finish()
    }

    #[test]
    fn a_small_picture_is_kept_as_it_is() {
        let rgb: Vec<u8> = (0..100 * 7 * 3u32).map(|place| (place * 31) as u8).collect();
        let kept = thumbnail((100, 7), Layout::Rgb, &rgb);
        assert_eq!((kept.width, kept.height), (100, 7));
        let pixels = rgb.as_chunks().0.iter().map(|&[red, green, blue]| [red, green, blue, 255]);
        assert_eq!(kept.pixels, pixels.collect::<Vec<_>>());
    }

    #[test]
    fn the_longer_side_is_a_hundred_and_the_other_keeps_the_aspect_ratio() {
        for ((width, height), expected) in [
            ((101, 50), (100, 50)),
            ((400, 300), (100, 75)),
            ((300, 401), (75, 100)),
            ((5_000, 3), (100, 1)),
            ((2, 1_000), (1, 100)),
        ] {
            let plain = thumbnail((width, height), Layout::Grey, &vec![77; (width * height) as usize]);
            assert_eq!((plain.width, plain.height), expected, "{width} x {height}");
            assert!(plain.pixels.len() == expected.0 * expected.1);
            assert!(plain.pixels.iter().all(|pixel| *pixel == [77, 77, 77, 255]));
        }
    }

    /// Stripes of 3 columns and 2 rows, of which every box has as much.
    #[test]
    fn a_box_becomes_its_mean() {
        let level = |x: u32, y: u32| if (x / 3 + y / 2).is_multiple_of(2) { 10 } else { 31 };
        let grey: Vec<u8> = (0..400).flat_map(|y| (0..600).map(move |x| level(x, y))).collect();
        let mean = thumbnail((600, 400), Layout::Grey, &grey);
        assert_eq!((mean.width, mean.height), (100, 67));
        // 5.97 rows: of six the stripes are halves, of five they are not.
        assert!(mean.pixels.iter().all(|pixel| (18..=23).contains(&pixel[0])));
        let sum: u32 = mean.pixels.iter().map(|pixel| u32::from(pixel[0])).sum();
        assert!((sum / mean.pixels.len() as u32).abs_diff(20) <= 1);
    }

    #[test]
    fn what_is_clear_has_no_colour_to_add() {
        let pixels = [[255, 0, 0, 0], [10, 20, 30, 255]].concat().repeat(101);
        let half = thumbnail((202, 1), Layout::Rgba, &pixels);
        assert!(half.pixels[1..].contains(&[10, 20, 30, 128]), "{:?}", half.pixels);
        assert!(half.pixels.iter().all(|pixel| pixel[..3] == [10, 20, 30] || pixel == &[0; 4]));
        let clear = thumbnail((1, 1), Layout::GreyAlpha, &[200, 0]);
        assert_eq!(clear.pixels, [[0; 4]]);
    }

    #[test]
    fn inks_are_mixed_before_they_are_printed() {
        let inks = thumbnail((2, 1), Layout::Cmyk, &[255, 0, 255, 255, 255, 255, 255, 255]);
        assert_eq!(inks.pixels, [[234, 0, 128, 255], [255; 4]]);
        let ycck = thumbnail((1, 1), Layout::Ycck, &[0, 128, 128, 255]);
        assert_eq!(ycck.pixels, [[255; 4]]);
    }

    #[test]
    fn a_thumbnail_is_turned_upright_by_each_orientation() {
        let bytes: Vec<u8> = (0..6).collect();
        let stored = thumbnail((3, 2), Layout::Grey, &bytes);
        for (orientation, width, shown) in [
            (None, 3, [0, 1, 2, 3, 4, 5]),
            (Some(2), 3, [2, 1, 0, 5, 4, 3]),
            (Some(3), 3, [5, 4, 3, 2, 1, 0]),
            (Some(4), 3, [3, 4, 5, 0, 1, 2]),
            (Some(5), 2, [0, 3, 1, 4, 2, 5]),
            (Some(6), 2, [3, 0, 4, 1, 5, 2]),
            (Some(7), 2, [5, 2, 4, 1, 3, 0]),
            (Some(8), 2, [2, 5, 1, 4, 0, 3]),
        ] {
            let upright = stored.upright(orientation);
            let levels: Vec<_> = upright.pixels.iter().map(|pixel| pixel[0]).collect();
            assert_eq!((upright.width, levels), (width, shown.to_vec()), "{orientation:?}");
        }
    }
}
