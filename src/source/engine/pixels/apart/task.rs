//! What the two processes tell each other beside the file and its rows.

use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::Limits;
use super::super::shrink::Layout;
use crate::error::{Error, Result};
use crate::metadata::Format;
use crate::source::engine::header::Header;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Codec {
    Heif,
    JpegXl,
}

/// What to decode, within which limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub codec: Codec,
    /// Bytes of the file.
    pub len: usize,
    pub max_pixels: u64,
    /// Bytes of memory beside the file.
    pub max_memory: u64,
    /// Of a processor.
    pub max_seconds: u64,
    /// Of the clock.
    pub milliseconds: u64,
}

/// Bytes of a file for which a decoder may compute a second more than one. Of much grain HEIC takes a second for 5 MB and
/// AVIF for 2.5 MB, as measured.
const BYTES_A_SECOND: u64 = 512 << 10;

/// A debug build decodes some ten times slower.
const SLOWNESS: u64 = if cfg!(debug_assertions) { 10 } else { 1 };

/// Bytes of memory a pixel, of pictures as they usually are (2.1, 4.9 and 3.5 as measured): what needs more ends the process.
const AVIF: u64 = 3;
const HEIC: u64 = 5;
const JPEG_XL: u64 = 4;

impl Task {
    pub fn new(bytes: &[u8], header: &Header, limits: &Limits, time: Duration) -> Result<Self> {
        let (width, height) = header.dimensions.clone()?;
        let (codec, each) = match header.format {
            Format::JpegXl => (Codec::JpegXl, JPEG_XL),
            Format::Avif => (Codec::Heif, AVIF),
            _ => (Codec::Heif, HEIC),
        };
        limits.bytes(limits.pixels(width, height)?.saturating_mul(each))?;
        Ok(Self {
            codec,
            len: bytes.len(),
            max_pixels: limits.max_pixels,
            max_memory: limits.max_decode_bytes,
            max_seconds: SLOWNESS * (1 + bytes.len() as u64 / BYTES_A_SECOND),
            milliseconds: time.as_millis().try_into().unwrap_or(u64::MAX),
        })
    }

    /// As an argument.
    pub fn text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|_| Error::Internal)
    }
}

impl FromStr for Task {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text)
    }
}

/// How the process ends, where it ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum End {
    Done = 0,
    Corrupt = 10,
    Unsupported = 11,
    TooLarge = 12,
    Late = 13,
    Unusable = 14,
}

impl End {
    pub fn of(error: &Error) -> Self {
        match error {
            Error::CorruptImage(_) => Self::Corrupt,
            Error::UnsupportedFormat(_) => Self::Unsupported,
            Error::TooLarge { .. } => Self::TooLarge,
            _ => Self::Unusable,
        }
    }
}

pub const HEAD_LEN: usize = 9;

/// Before the rows: what a pixel consists of, width, height.
pub fn head(width: u32, height: u32, layout: Layout) -> [u8; HEAD_LEN] {
    let [a, b, c, d] = width.to_le_bytes();
    let [e, f, g, h] = height.to_le_bytes();
    [layout.channels() as u8, a, b, c, d, e, f, g, h]
}

pub fn read_head([channels, a, b, c, d, e, f, g, h]: [u8; HEAD_LEN]) -> Option<(u32, u32, Layout)> {
    let layout = match channels {
        1 => Layout::Grey,
        2 => Layout::GreyAlpha,
        3 => Layout::Rgb,
        4 => Layout::Rgba,
        _ => return None,
    };
    Some((u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]), layout))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_and_a_head_arrive_as_they_were_sent() {
        let task = Task {
            codec: Codec::JpegXl,
            len: 5,
            max_pixels: u64::MAX,
            max_memory: 1,
            max_seconds: 2,
            milliseconds: 3,
        };
        assert_eq!(task.text().unwrap().parse::<Task>().unwrap(), task);
        for layout in [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba] {
            assert_eq!(read_head(head(70_000, 3, layout)), Some((70_000, 3, layout)));
        }
        assert_eq!(read_head([5; HEAD_LEN]), None);
    }
}
