//! A picture averaged down by area, as libwebp does where it scales: a pixel counts in each box by as much as lies in it.

/// Rows whose sums stay within 16 bits, of which a processor adds twice as many at once.
const MOST_ROWS: u16 = u16::MAX / u8::MAX as u16;

/// Makes so many columns and rows of a picture whose rows come one by one, of N channels.
pub struct Mean<const N: usize> {
    from: (usize, usize),
    to: (usize, usize),
    /// Sums over the rows of the present boxes, by sample: of the last rows that lie in them wholly, and of parts of rows,
    /// of which a row has as many as rows are made. The latter stay below 2^14 rows of 2^8 levels.
    whole: Vec<u16>,
    parts: Vec<u32>,
    whole_rows: u16,
    /// Parts of rows in the present boxes, which are full with as many as there are rows.
    filled: usize,
    means: Vec<[u8; N]>,
}

impl<const N: usize> Mean<N> {
    pub fn new(from: (usize, usize), to: (usize, usize)) -> Self {
        let (whole, parts) = (vec![0; from.0 * N], vec![0; from.0 * N]);
        Self { from, to, whole, parts, whole_rows: 0, filled: 0, means: Vec::with_capacity(to.0 * to.1) }
    }

    pub fn row(&mut self, row: &[u8]) {
        let mut left = self.to.1;
        while left > 0 {
            let fit = left.min(self.from.1 - self.filled);
            if fit == self.to.1 {
                self.whole_row(row);
            } else {
                let weight = fit as u32;
                self.parts.iter_mut().zip(row).for_each(|(sum, sample)| *sum += weight * u32::from(*sample));
            }
            (left, self.filled) = (left - fit, self.filled + fit);
            if self.filled == self.from.1 {
                self.end_boxes();
            }
        }
    }

    fn whole_row(&mut self, row: &[u8]) {
        if self.whole_rows == MOST_ROWS {
            self.settle();
        }
        self.whole.iter_mut().zip(row).for_each(|(sum, sample)| *sum += u16::from(*sample));
        self.whole_rows += 1;
    }

    fn settle(&mut self) {
        let parts = self.to.1 as u32;
        self.parts.iter_mut().zip(&self.whole).for_each(|(sum, whole)| *sum += parts * u32::from(*whole));
        self.whole.fill(0);
        self.whole_rows = 0;
    }

    fn end_boxes(&mut self) {
        self.settle();
        let (mut sums, mut filled) = ([0; N], 0);
        for pixel in self.parts.as_chunks::<N>().0 {
            let mut left = self.to.0;
            while left > 0 {
                let fit = left.min(self.from.0 - filled);
                sums.iter_mut().zip(pixel).for_each(|(sum, sample)| *sum += fit as u64 * u64::from(*sample));
                (left, filled) = (left - fit, filled + fit);
                if filled == self.from.0 {
                    self.means.push(rounded(sums, self.from.0 as u64 * self.from.1 as u64));
                    (sums, filled) = ([0; N], 0);
                }
            }
        }
        self.parts.fill(0);
        self.filled = 0;
    }

    /// Row by row, of the rows that came.
    pub fn finish(self) -> Vec<[u8; N]> {
        self.means
    }
}

fn rounded<const N: usize>(sums: [u64; N], weight: u64) -> [u8; N] {
    sums.map(|sum| ((sum + weight / 2) / weight) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(samples: &[u8], from: (usize, usize), to: (usize, usize)) -> Vec<u8> {
        let mut mean = Mean::<1>::new(from, to);
        samples.chunks_exact(from.0).for_each(|row| mean.row(row));
        mean.finish().into_flattened()
    }

    #[test]
    fn a_pixel_on_an_edge_counts_in_both_boxes() {
        assert_eq!(mean(&[0, 90, 60], (3, 1), (2, 1)), [30, 70]);
        assert_eq!(mean(&[0, 90, 60], (1, 3), (1, 2)), [30, 70]);
        assert_eq!(mean(&[10, 20, 30, 40, 50], (5, 1), (1, 1)), [30]);
    }

    #[test]
    fn what_has_the_right_size_is_kept_and_what_is_too_small_is_repeated() {
        let samples: Vec<u8> = (0..12).collect();
        assert_eq!(mean(&samples, (4, 3), (4, 3)), samples);
        assert_eq!(mean(&[1, 2], (2, 1), (4, 2)), [1, 1, 2, 2, 1, 1, 2, 2]);
    }

    #[test]
    fn channels_are_kept_apart() {
        let mut mean = Mean::<2>::new((2, 2), (1, 1));
        mean.row(&[0, 200, 10, 210]);
        mean.row(&[20, 220, 31, 231]);
        assert_eq!(mean.finish(), [[15, 215]]);
    }

    #[test]
    fn the_largest_picture_stays_within_its_sums() {
        let side = (1 << 14) - 1;
        let mut mean = Mean::<1>::new((1, side), (1, side - 1));
        (0..side).for_each(|_| mean.row(&[255]));
        assert_eq!(mean.finish(), vec![[255]; side - 1]);
        assert_eq!(self::mean(&vec![255; side * 40], (side, 40), (32, 1)), [255; 32]);
        assert_eq!(self::mean(&vec![255; side], (1, side), (1, 32)), [255; 32]);
    }
}
