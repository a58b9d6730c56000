//! The segments of a file (ITU T.81 annex B), up to each of its scans.

use super::frame::{Frame, Scan};
use super::huffman::Codes;
use super::{Result, Stop};

/// ITU T.81 table B.1.
mod marker {
    pub const SOF0: u8 = 0xC0;
    pub const SOF2: u8 = 0xC2;
    pub const DHT: u8 = 0xC4;
    pub const RST0: u8 = 0xD0;
    pub const RST7: u8 = 0xD7;
    pub const SOI: u8 = 0xD8;
    pub const EOI: u8 = 0xD9;
    pub const SOS: u8 = 0xDA;
    pub const DQT: u8 = 0xDB;
    pub const DRI: u8 = 0xDD;
    pub const APP0: u8 = 0xE0;
    pub const APP14: u8 = 0xEE;
    pub const APP15: u8 = 0xEF;
    pub const COM: u8 = 0xFE;
}

/// What stands behind so many parts of a scan.
pub fn restart_marker(before: u32) -> u8 {
    marker::RST0 + (before % 8) as u8
}

/// What the scans that follow are to be read by.
#[derive(Default)]
pub struct Tables {
    /// By how much a DC coefficient was divided: the rest of a quantisation table does not matter.
    pub steps: [Option<u16>; 4],
    pub dc: [Option<Codes>; 4],
    pub ac: [Option<Codes>; 4],
    /// MCUs from one restart marker to the next, or 0.
    pub interval: u32,
}

pub struct Jpeg<'a> {
    bytes: &'a [u8],
    offset: usize,
    pub tables: Tables,
    pub frame: Option<Frame>,
    /// Adobe's segment says that three components are luminance and chrominances, or that they are not.
    is_ycc: Option<bool>,
}

impl<'a> Jpeg<'a> {
    pub fn new(bytes: &'a [u8]) -> Result<Self> {
        match bytes {
            [0xFF, marker::SOI, ..] => {
                Ok(Self { bytes, offset: 2, tables: Tables::default(), frame: None, is_ycc: None })
            }
            _ => Err(Stop::Left),
        }
    }

    /// Reads up to the next scan, or to the end of the picture.
    pub fn next_scan(&mut self) -> Result<Option<Scan>> {
        loop {
            let marker = self.marker()?;
            if marker == marker::EOI {
                return Ok(None);
            }
            let body = self.body()?;
            match marker {
                marker::SOS => return Scan::read(body, self.frame()?).map(Some),
                marker::SOF0..=marker::SOF2 if self.frame.is_none() => {
                    self.frame = Some(Frame::read(marker == marker::SOF2, body, self.is_ycc)?);
                }
                marker::APP14 => self.adobe(body),
                marker::DHT => self.tables.codes(body)?,
                marker::DQT => self.tables.steps(body)?,
                marker::DRI => self.tables.interval = u16_of(body, 0)?.into(),
                marker::APP0..=marker::APP15 | marker::COM => {}
                _ => return Err(Stop::Left),
            }
        }
    }

    pub fn frame(&self) -> Result<&Frame> {
        self.frame.as_ref().ok_or(Stop::Left)
    }

    /// What follows.
    pub fn code(&self) -> &'a [u8] {
        self.bytes.get(self.offset..).unwrap_or_default()
    }

    pub fn skip(&mut self, len: usize) {
        self.offset += len;
    }

    /// Passes by the code of a scan, up to the marker that ends it.
    pub fn skip_scan(&mut self) -> Result<()> {
        loop {
            let ahead = self.code().iter().position(|byte| *byte == 0xFF).ok_or(Stop::End)?;
            self.offset += ahead;
            match self.code() {
                [_, 0, ..] => self.offset += 2,
                [_, 0xFF, ..] => self.offset += 1,
                [_, marker::RST0..=marker::RST7, ..] => self.offset += 2,
                [_, _, ..] => return Ok(()),
                _ => return Err(Stop::End),
            }
        }
    }

    /// Any number of 0xFF may stand before a marker (section B.1.1.2), and nothing else.
    fn marker(&mut self) -> Result<u8> {
        let fill = self.code().iter().take_while(|byte| **byte == 0xFF).count();
        let marker = *self.code().get(fill).ok_or(Stop::End)?;
        self.offset += fill + 1;
        if fill == 0 || marker == 0 { Err(Stop::Left) } else { Ok(marker) }
    }

    fn body(&mut self) -> Result<&'a [u8]> {
        let [high, low, ..] = *self.code() else { return Err(Stop::End) };
        let len = usize::from(u16::from_be_bytes([high, low]));
        if len < 2 {
            return Err(Stop::Left);
        }
        let body = self.code().get(2..len).ok_or(Stop::End)?;
        self.offset += len;
        Ok(body)
    }

    /// Adobe Technical Note 5116: a name, version and flags, and the colour transform.
    fn adobe(&mut self, body: &[u8]) {
        if body.starts_with(b"Adobe") {
            self.is_ycc = Some(body.get(11) == Some(&1));
        }
    }
}

impl Tables {
    /// Section B.2.4.1: precision and place, then 64 steps of 8 or 16 bits.
    fn steps(&mut self, mut body: &[u8]) -> Result<()> {
        while let [head, rest @ ..] = body {
            let len = if head >> 4 == 0 { 64 } else { 128 };
            let (table, rest) = rest.split_at_checked(len).ok_or(Stop::Left)?;
            let step = if len == 64 { table[0].into() } else { u16_of(table, 0)? };
            *self.steps.get_mut(usize::from(head & 15)).ok_or(Stop::Left)? = Some(step);
            body = rest;
        }
        Ok(())
    }

    /// Section B.2.4.2: class and place, how many codes there are of each length, and what they stand for.
    fn codes(&mut self, mut body: &[u8]) -> Result<()> {
        while let [head, rest @ ..] = body {
            let (lengths, rest) = rest.split_first_chunk::<16>().ok_or(Stop::Left)?;
            let len = lengths.iter().map(|len| usize::from(*len)).sum();
            let (symbols, rest) = rest.split_at_checked(len).ok_or(Stop::Left)?;
            let class = match head >> 4 {
                0 => &mut self.dc,
                1 => &mut self.ac,
                _ => return Err(Stop::Left),
            };
            let place = class.get_mut(usize::from(head & 15)).ok_or(Stop::Left)?;
            *place = Some(Codes::new(lengths, symbols)?);
            body = rest;
        }
        Ok(())
    }
}

fn u16_of(bytes: &[u8], offset: usize) -> Result<u16> {
    match bytes.get(offset..) {
        Some([high, low, ..]) => Ok(u16::from_be_bytes([*high, *low])),
        _ => Err(Stop::Left),
    }
}
