//! A TIFF's strips, or rows of tiles, one after the other: memory follows them and not the picture.

use tiff::decoder::{ChunkType, DecodingResult};

use super::samples::Samples;
use super::{Tiff, error_of};
use crate::error::Result;
use crate::source::engine::pixels::grey::Grey;
use crate::source::engine::pixels::shrink::{Shrink, View};
use crate::source::engine::pixels::{Limits, NOT_DECODED};

pub fn read(tiff: &mut Tiff<'_>, samples: &Samples, view: View, limits: &Limits) -> Result<Grey> {
    let error = |error| error_of(&error, limits);
    let (width, height) = tiff.dimensions().map_err(error)?;
    let (columns, rows) = match (tiff.get_chunk_type(), tiff.chunk_dimensions()) {
        // As many rows as there are, or 2^32 - 1, where there is one strip.
        (ChunkType::Strip, (columns, rows)) => (columns, rows.min(height)),
        (ChunkType::Tile, tile) => tile,
    };
    let across = width.div_ceil(columns.max(1));
    let band = u64::from(columns).saturating_mul(u64::from(across)).saturating_mul(u64::from(rows));
    limits.bytes(band.saturating_mul(samples.bytes_a_pixel()))?;
    let mut shrink = Shrink::new(width, height, samples.layout(), view);
    for band in 0..height.div_ceil(rows.max(1)) {
        let chunks = (0..across).map(|chunk| chunk_of(tiff, band * across + chunk, limits));
        take(&chunks.collect::<Result<Vec<_>>>()?, samples, &mut shrink);
    }
    shrink.finish()
}

/// What lies side by side.
struct Chunk {
    columns: u32,
    rows: u32,
    /// Row by row, the last byte of each filled up.
    samples: Vec<u8>,
}

fn chunk_of(tiff: &mut Tiff<'_>, place: u32, limits: &Limits) -> Result<Chunk> {
    let (columns, rows) = tiff.chunk_data_dimensions(place);
    let samples = match tiff.read_chunk(place).map_err(|error| error_of(&error, limits))? {
        DecodingResult::U8(samples) => samples,
        DecodingResult::U16(samples) => samples.into_iter().map(|sample| (sample >> 8) as u8).collect(),
        _ => return Err(NOT_DECODED),
    };
    Ok(Chunk { columns, rows, samples })
}

fn take(chunks: &[Chunk], samples: &Samples, shrink: &mut Shrink) {
    let rows = chunks.iter().map(|chunk| chunk.rows).min().unwrap_or(0);
    let mut pixels = Vec::new();
    for row in 0..rows as usize {
        pixels.clear();
        for chunk in chunks {
            let len = samples.row_len(chunk.columns as usize);
            let row = chunk.samples.get(row * len..(row + 1) * len).unwrap_or_default();
            samples.pixels(row, chunk.columns as usize, &mut pixels);
        }
        shrink.row(&pixels);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tiff::encoder::{TiffEncoder, colortype};
    use tiff::tags::Tag;

    use super::super::decode;
    use super::*;
    use crate::error::Error;

    const WIDTH: u32 = 1_000;
    const HEIGHT: u32 = 3_000;

    fn limits(max_decode_bytes: u64) -> Limits {
        Limits { max_pixels: 1 << 24, max_decode_bytes, apart: None }
    }

    /// Three megapixels of RGB in strips of so many rows.
    fn striped(rows: u32) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let samples: Vec<u8> = (0..WIDTH * HEIGHT * 3).map(|place| (place / 7 % 251) as u8).collect();
        let mut encoder = TiffEncoder::new(&mut file).unwrap();
        let mut image = encoder.new_image::<colortype::RGB8>(WIDTH, HEIGHT).unwrap();
        image.rows_per_strip(rows).unwrap();
        image.write_data(&samples).unwrap();
        file.into_inner()
    }

    #[test]
    fn memory_follows_the_strip_and_not_the_picture() {
        let strip = u64::from(WIDTH) * 16 * 3;
        let by_strips = decode(&striped(16), false, View::Colour, &limits(strip)).unwrap();
        let whole = decode(&striped(HEIGHT), false, View::Colour, &limits(1 << 30)).unwrap();
        assert_eq!(by_strips, whole);
        for (file, bytes) in [(striped(16), strip - 1), (striped(HEIGHT), 8_999_999)] {
            let refused = decode(&file, false, View::Grey, &limits(bytes));
            assert!(matches!(refused, Err(Error::TooLarge { what: "decoded bytes", .. })), "{refused:?}");
        }
    }

    #[test]
    fn a_strip_that_is_cut_short_is_damage() {
        let file = striped(16);
        // Directory and values stand behind the strips.
        let data = (WIDTH * HEIGHT * 3) as usize;
        let cut = [&file[..8], &file[data / 2..]].concat();
        assert!(decode(&cut, false, View::Grey, &limits(1 << 30)).is_err());
    }

    #[test]
    fn associated_alpha_is_not_weighed_twice() {
        let thumbnail = |kind: u16| {
            let mut file = Cursor::new(Vec::new());
            let mut encoder = TiffEncoder::new(&mut file).unwrap();
            let mut image = encoder.new_image::<colortype::RGBA8>(64, 64).unwrap();
            image.encoder().write_tag(Tag::ExtraSamples, &[kind][..]).unwrap();
            image.write_data(&[[100, 50, 0, 128], [40, 40, 40, 255]].concat().repeat(64 * 32)).unwrap();
            let grey = decode(file.get_ref(), true, View::Colour, &limits(1 << 20)).unwrap();
            grey.thumbnail.unwrap().pixels[..2].to_vec()
        };
        assert_eq!(thumbnail(1), [[199, 99, 0, 128], [40, 40, 40, 255]]);
        assert_eq!(thumbnail(2), [[100, 50, 0, 128], [40, 40, 40, 255]]);
    }
}
