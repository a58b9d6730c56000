//! ICO: the picture that its header speaks of, a PNG or the BMP that only icons have.

use std::io::Cursor;

use image::codecs::ico::IcoDecoder;

use super::grey::Grey;
use super::raster;
use super::shrink::View;
use super::{Limits, png};
use crate::error::{Error, Result};
use crate::source::engine::header::ico::{self, ENTRY_LEN};
use crate::source::engine::known::Block;

const PNG: &[u8] = b"\x89PNG";

/// A directory of one entry, which follows.
const DIRECTORY: [u8; 6] = [0, 0, 1, 0, 1, 0];
const ALONE: u32 = (DIRECTORY.len() + ENTRY_LEN) as u32;

const DAMAGED: Error = Error::CorruptImage("its directory leads nowhere");

pub fn decode(bytes: &[u8], view: View, limits: &Limits) -> Result<Grey> {
    let entry = ico::largest(Block::whole(bytes)).ok().flatten().ok_or(DAMAGED)?;
    let picture = usize::try_from(entry.offset).ok().and_then(|start| bytes.get(start..)).ok_or(DAMAGED)?;
    if picture.starts_with(PNG) {
        return png::decode(picture, view, limits);
    }
    // The mask of an icon's BMP makes it transparent, though it is no alpha channel.
    let icon = IcoDecoder::new(Cursor::new(alone(entry.bytes, picture)));
    raster::decode(icon, true, view, limits)
}

/// The icon with this picture only: left alone, the decoder might choose another one.
fn alone(mut entry: [u8; ENTRY_LEN], picture: &[u8]) -> Vec<u8> {
    entry[12..].copy_from_slice(&ALONE.to_le_bytes());
    [&DIRECTORY, &entry[..], picture].concat()
}
