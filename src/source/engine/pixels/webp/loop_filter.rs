//! The loop filter of lossy pictures, which smooths the edges between blocks and takes a third of the time. Nothing is
//! predicted from filtered pixels of the same frame (RFC 6386 section 15).

/// RFC 6386 section 9.1: frame tag, start code, width and height. Behind them the first partition.
const FRAME_HEADER: usize = 10;
/// Bytes of a chunk in which the filter's level ends, whatever stands before it.
pub const HEAD: usize = FRAME_HEADER + 14;
/// Bits of the level.
const LEVEL: usize = 6;

/// Where libwebp leaves it out: of both sides less than three quarters are kept.
pub fn is_bypassed(from: (u32, u32), to: (u32, u32)) -> bool {
    to.0 < from.0 * 3 / 4 && to.1 < from.1 * 3 / 4
}

/// Sets the level to 0, in a VP8 chunk or its first [`HEAD`] bytes.
///
/// All bits before it and its own have even odds (sections 9.2 to 9.6). By section 7.3 such a decoder splits its range, 255
/// at first, at 128, and the first bit has to be 0; from then on it splits 128 at 64. So these bits stand in the
/// file as they are, and those behind them are decoded as before.
pub fn clear(chunk: &mut [u8]) {
    let mut bits = Bits { bytes: chunk, place: 8 * FRAME_HEADER };
    if go_to_level(&mut bits).is_some() {
        let start = bits.place;
        for place in start..start + LEVEL {
            if let Some(byte) = chunk.get_mut(place / 8) {
                *byte &= !(0x80 >> (place % 8));
            }
        }
    }
}

/// Colour space, clamping, segments, and the kind of filter.
fn go_to_level(bits: &mut Bits<'_>) -> Option<()> {
    let other_colours = bits.flag()?;
    bits.skip(1);
    if other_colours {
        return None;
    }
    if bits.flag()? {
        segments(bits)?;
    }
    bits.skip(1);
    Some(())
}

/// Section 9.3: quantizers, filter levels, and the odds of a map.
fn segments(bits: &mut Bits<'_>) -> Option<()> {
    let (has_map, has_data) = (bits.flag()?, bits.flag()?);
    if has_data {
        bits.skip(1);
        bits.optional(4, 8)?;
        bits.optional(4, 7)?;
    }
    if has_map {
        bits.optional(3, 8)?;
    }
    Some(())
}

struct Bits<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl Bits<'_> {
    fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.place / 8)?;
        let flag = byte & (0x80 >> (self.place % 8)) != 0;
        self.place += 1;
        Some(flag)
    }

    fn skip(&mut self, bits: usize) {
        self.place += bits;
    }

    /// So many values of so many bits, each of which may be left out.
    fn optional(&mut self, values: usize, bits: usize) -> Option<()> {
        for _ in 0..values {
            if self.flag()? {
                self.skip(bits);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use image_webp::vp8::{Frame, Vp8Decoder};

    use super::super::lossy;
    use super::*;

    const FILE: &[u8] = include_bytes!("../../../../../tests/images/webp/large.webp");

    /// A chunk whose first partition starts with these bits, the rest of it ones.
    fn chunk(bits: &str) -> Vec<u8> {
        let bits = format!("{bits:1<112}");
        let byte = |bits: &[u8]| bits.iter().fold(0, |byte, bit| byte << 1 | (bit & 1));
        [&[7; FRAME_HEADER][..], &bits.as_bytes().chunks(8).map(byte).collect::<Vec<_>>()].concat()
    }

    fn frame(chunk: &[u8]) -> Frame {
        Vp8Decoder::decode_frame(chunk).unwrap()
    }

    #[test]
    fn the_level_is_found_behind_segments_of_every_kind() {
        let quantizers = ["1", "01010101", "0", "0", "0"].concat();
        let levels = ["0", "1", "0101011", "0", "0"].concat();
        let odds = ["0", "1", "01010101", "0"].concat();
        for before in [
            "0000".into(),
            "0101".into(),
            "001000".into(),
            format!("00110{odds}1"),
            format!("001010{quantizers}{levels}1"),
            format!("001110{quantizers}{levels}{odds}1"),
        ] {
            let mut cleared = chunk(&before);
            clear(&mut cleared);
            assert_eq!(cleared, chunk(&format!("{before}000000")), "{before}");
        }
    }

    #[test]
    fn what_is_no_such_picture_is_left_as_it_is() {
        for chunk in [chunk("1"), chunk("0").split_at(FRAME_HEADER).0.to_vec(), Vec::new()] {
            let mut same = chunk.clone();
            clear(&mut same);
            assert_eq!(same, chunk);
        }
    }

    #[test]
    fn a_picture_without_its_filter_is_the_same_but_for_edges() {
        let mut chunk = FILE[lossy::chunk(FILE).unwrap()].to_vec();
        let filtered = frame(&chunk);
        clear(&mut chunk[..HEAD]);
        let plain = frame(&chunk);
        let differences = filtered.ybuf.iter().zip(&plain.ybuf).map(|(a, b)| u64::from(a.abs_diff(*b)));
        let (sum, count) = (differences.sum::<u64>(), plain.ybuf.len() as u64);
        assert!((1..count).contains(&sum), "{sum} of {count}");
    }
}
