//! The planes of a lossy picture by image-webp.

use std::io::Read;

use image_webp::vp8::Vp8Decoder;

use super::lossy::{Planes, Size};
use super::{error, loop_filter};
use crate::error::Result;

pub fn planes(chunk: &[u8], size: Size, is_filtered: bool) -> Result<Planes> {
    let (head, rest) = chunk.split_at(loop_filter::HEAD.min(chunk.len()));
    let mut head = head.to_vec();
    if !is_filtered {
        loop_filter::clear(&mut head);
    }
    let frame = Vp8Decoder::decode_frame(head.chain(rest)).map_err(error)?;
    Ok(Planes { luminance: frame.ybuf, blue: frame.ubuf, red: frame.vbuf, size })
}
