//! What stands before the pixels of a file's first frame: the GIF89a specification, sections 18 to 23.

use crate::source::engine::header::gif::{self, EXTENSION, GRAPHIC_CONTROL, Gif, IMAGE};
use crate::source::engine::known::Block;

/// Bytes of a graphic control extension's sub-block.
const CONTROL_LEN: u8 = 4;

pub struct Frame<'a> {
    pub left: u16,
    pub top: u16,
    pub width: u16,
    pub height: u16,
    pub interlaced: bool,
    /// Its own, or else that of all frames.
    pub palette: &'a [[u8; 3]],
    /// The index that lets everything through.
    pub clear: Option<u8>,
    /// Bits of a pixel that is not compressed.
    pub code_size: u8,
    /// Compressed pixels, in sub-blocks, and what follows them.
    pub data: &'a [u8],
}

impl<'a> Frame<'a> {
    /// None where there is no frame, or no palette for it.
    pub fn first(bytes: &'a [u8]) -> Option<Self> {
        let file = Block::whole(bytes);
        let mut gif = Gif::new(file).ok()?;
        let clear = control(file, &mut gif)?;
        let at = |place| file.u16_le(gif.offset + place).ok();
        let packed = file.u8(gif.offset + 9).ok()?;
        let local = table(file, gif.offset + 10, packed)?;
        let pixels = gif.pixels().ok()?;
        Some(Self {
            left: at(1)?,
            top: at(3)?,
            width: at(5)?,
            height: at(7)?,
            interlaced: packed & 0x40 != 0,
            palette: local.or(table(file, 13, file.u8(10).ok()?)?)?,
            clear,
            code_size: file.u8(pixels - 1).ok()?,
            data: file.bytes(pixels, file.len() - pixels).ok()?,
        })
    }
}

/// Goes to the first image. The last control before it is its own.
fn control(file: Block<'_>, gif: &mut Gif<'_>) -> Option<Option<u8>> {
    let mut clear = None;
    while file.u8(gif.offset).ok()? == EXTENSION {
        if let Ok([_, GRAPHIC_CONTROL, CONTROL_LEN, packed, _, _, index]) = file.array(gif.offset) {
            clear = (packed & 1 == 1).then_some(index);
        }
        gif.extension().ok()?;
        if gif.blocks >= gif::MAX_BLOCKS {
            return None;
        }
    }
    (file.u8(gif.offset).ok()? == IMAGE).then_some(clear)
}

/// The colour table that these packed fields say is there. None where the file ends before its end.
fn table<'a>(file: Block<'a>, place: u64, packed: u8) -> Option<Option<&'a [[u8; 3]]>> {
    let bytes = file.bytes(place, gif::color_table(packed)).ok()?;
    Some((!bytes.is_empty()).then_some(bytes.as_chunks().0))
}
