//! LZW as GIF and TIFF have it, of zeros alone: every code stands for one zero more than the code before.

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// GIF89a appendix F: the lowest bits first.
    Gif,
    /// TIFF 6.0 section 13: the highest bits first, and codes grow longer one code early.
    Tiff,
}

const CLEAR: u32 = 256;
const END: u32 = 257;
/// The last one before the table is full in either flavour.
const LAST: u32 = 4_093;

/// At least so many zeros, each of a byte.
pub fn zeros(count: usize, flavour: Flavour) -> Vec<u8> {
    let (mut bits, mut zeros) = (Bits { flavour, bytes: Vec::new(), pending: 0, len: 0 }, 0);
    bits.put(CLEAR, 9);
    while zeros < count {
        bits.put(0, 9);
        zeros += 1;
        for code in END + 1..=LAST {
            // The decoder has one entry less than the encoder.
            bits.put(code, width(code, flavour));
            zeros += (code - END) as usize + 1;
        }
        bits.put(CLEAR, 12);
    }
    bits.put(END, 9);
    bits.put(0, 7);
    bits.bytes
}

/// Bits of a code that is the next free one.
fn width(code: u32, flavour: Flavour) -> u32 {
    let early = u32::from(flavour == Flavour::Tiff);
    32 - (code + early).leading_zeros()
}

struct Bits {
    flavour: Flavour,
    bytes: Vec<u8>,
    pending: u32,
    len: u32,
}

impl Bits {
    fn put(&mut self, code: u32, width: u32) {
        self.pending = match self.flavour {
            Flavour::Gif => self.pending | code << self.len,
            Flavour::Tiff => self.pending << width | code,
        };
        self.len += width;
        while self.len >= 8 {
            self.len -= 8;
            match self.flavour {
                Flavour::Gif => {
                    self.bytes.push(self.pending as u8);
                    self.pending >>= 8;
                }
                Flavour::Tiff => self.bytes.push((self.pending >> self.len) as u8),
            }
        }
    }
}
