use super::super::super::header::{self, Header, Reading};
use super::super::super::known::Known;
use super::*;
use crate::metadata::Level;
use crate::source::engine::header::bmp::{BI_BITFIELDS, BITMAPCOREHEADER, BITMAPINFOHEADER};

const LIMITS: Limits = Limits { max_pixels: 1 << 22, max_decode_bytes: 1 << 24, apart: None };

/// What a file of noise is made of.
#[derive(Debug)]
struct Kind {
    /// Bytes of its header.
    header: u32,
    width: u16,
    /// Negative where the first row is the upper one.
    height: i16,
    bits: u16,
    compression: u32,
    /// Of a palette, where it is not as large as may be.
    colors: u32,
    masks: [u32; 4],
}

impl Kind {
    fn any(random: &mut fastrand::Rng) -> Self {
        let masks = [
            [0xF800, 0x07E0, 0x001F, 0],
            [0x0F00, 0x00F0, 0x000F, 0xF000],
            [0x00FF_0000, 0xFF00, 0xFF, 0xFF00_0000],
            [0xFF00_0000, 0x00FF_0000, 0xFF00, 0],
            [0x3FF0_0000, 0x000F_FC00, 0x0000_03FF, 0xC000_0000],
            [1, 0b110, 0b11_1000, 1 << 15],
            [random.u32(..), random.u32(..), random.u32(..), random.u32(..)],
        ];
        let bits = [1, 2, 4, 8, 16, 24, 32][random.usize(..7)];
        Self {
            header: [12, 40, 52, 56, 64, 108, 124][random.usize(..7)],
            width: random.u16(1..40),
            height: if random.bool() { random.i16(1..40) } else { random.i16(-40..0) },
            bits,
            compression: if bits == 16 || bits == 32 { random.u32(..2) * BI_BITFIELDS } else { 0 },
            colors: if random.bool() { 0 } else { random.u32(..=1 << bits.min(8)) },
            masks: masks[random.usize(..masks.len())],
        }
    }

    fn file(&self, random: &mut fastrand::Rng) -> Vec<u8> {
        let (size, words) = (self.header.to_le_bytes(), |words: &[u16]| bytes(words, u16::to_le_bytes));
        let longs = |longs: &[u32]| bytes(longs, u32::to_le_bytes);
        let kind = words(&[1, self.bits]);
        let header = if self.header == BITMAPCOREHEADER {
            [&size[..], &words(&[self.width, self.height.unsigned_abs()]), &kind].concat()
        } else {
            let sides = longs(&[self.width.into(), i32::from(self.height).cast_unsigned()]);
            let rest = longs(&[self.compression, 0, 0, 0, self.colors, 0]);
            let mut header = [&size[..], &sides, &kind, &rest, &longs(&self.masks), &[0; 68]].concat();
            let masks = 12 * usize::from(self.header == BITMAPINFOHEADER && self.compression == BI_BITFIELDS);
            header.truncate(self.header as usize + masks);
            header
        };
        // A palette, and the last row filled up, whatever they take.
        let row = (usize::from(self.width) * usize::from(self.bits)).div_ceil(32) * 4;
        let rows = row * usize::from(self.height.unsigned_abs());
        let offset = (14 + header.len() + 1024) as u32;
        let noise: Vec<u8> = (0..1024 + rows).map(|_| random.u8(..)).collect();
        [b"BM\0\0\0\0\0\0\0\0", &offset.to_le_bytes()[..], &header, &noise].concat()
    }
}

fn bytes<T: Copy, const N: usize>(numbers: &[T], bytes: fn(T) -> [u8; N]) -> Vec<u8> {
    numbers.iter().flat_map(|number| bytes(*number)).collect()
}

/// Cuts it, or alters some bytes of its headers.
fn damage(file: &mut Vec<u8>, random: &mut fastrand::Rng) {
    match random.u8(..4) {
        0 => file.truncate(random.usize(20..file.len())),
        1 => (0..2).for_each(|_| file[random.usize(10..70)] = random.u8(..)),
        _ => {}
    }
}

fn header_of(file: &[u8]) -> Result<Header> {
    match header::read(&Known::whole(file), Level::Header) {
        Reading::Done(header) => header,
        Reading::Need(range) => panic!("{range:?}"),
    }
}

/// By the `image` crate.
fn whole(file: &[u8]) -> Result<Grey> {
    let has_alpha = header_of(file)?.has_alpha;
    raster::decode(BmpDecoder::new(Cursor::new(file)), has_alpha, View::Colour, &LIMITS)
}

/// A thumbnail of so few pixels has them all.
#[test]
fn row_by_row_it_is_what_it_is_whole() {
    let (mut same, mut refused) = (0, 0);
    for seed in 0..4_000 {
        let random = &mut fastrand::Rng::with_seed(seed);
        let kind = Kind::any(random);
        let mut file = kind.file(random);
        damage(&mut file, random);
        let (by_rows, whole) = (decode(&file, View::Colour, &LIMITS).ok(), whole(&file).ok());
        let by_rows_at_all = Info::read(Block::whole(&file)).is_some();
        *if whole.is_some() { &mut same } else { &mut refused } += usize::from(by_rows_at_all);
        assert!(by_rows == whole, "seed {seed}: {kind:?}");
    }
    assert!(same > 1_500 && refused > 500, "{same} {refused}");
}

/// Two megapixels of each kind, which were 6 or 8 MB.
#[test]
fn memory_follows_the_row_and_not_the_picture() {
    let kind = |bits, compression, masks| Kind {
        header: 124,
        width: 2_000,
        height: 1_000,
        bits,
        compression,
        colors: 0,
        masks,
    };
    for bits in [1, 4, 8, 16, 24, 32] {
        let masks = [0x7C00, 0x03E0, 0x1F, 0x8000];
        let compression = if bits == 16 { BI_BITFIELDS } else { 0 };
        let file = kind(bits, compression, masks).file(&mut fastrand::Rng::with_seed(1));
        let limits = Limits { max_decode_bytes: 0, ..LIMITS };
        assert!(decode(&file, View::Grey, &limits).is_ok(), "{bits}");
        let cut = decode(&file[..file.len() - 1], View::Grey, &limits);
        assert!(matches!(cut, Err(Error::CorruptImage(_))), "{bits}: {cut:?}");
    }
}
