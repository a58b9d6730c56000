//! TIFF 6.0 section 2: the header and its image file directories, in EXIF blocks and TIFF files alike.

use crate::source::engine::known::{Block, Gap};

/// More than any camera writes; a bound on what a damaged count can cause.
const MAX_ENTRIES: u16 = 128;

const ENTRY_LEN: u64 = 12;

/// An offset that points to no directory.
pub const NOWHERE: u32 = 0;

/// A block that starts with a TIFF header; every offset in it counts from there.
#[derive(Debug, Clone, Copy)]
pub struct Tiff<'a> {
    block: Block<'a>,
    order: Order,
    /// Offset of the first directory.
    pub ifd0: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `II`, Intel.
    Little,
    /// `MM`, Motorola.
    Big,
}

/// Codes of field types.
const LONG: u16 = 4;
const IFD: u16 = 13;
/// Those that lead to EXIF, GPS and interoperability.
const POINTERS: [u16; 3] = [0x8769, 0x8825, 0xA005];

#[derive(Debug, Default)]
pub struct Directory {
    /// In the order of the file.
    pub entries: Vec<Entry>,
    /// Offset of the directory that follows.
    pub next: u32,
}

#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub tag: u16,
    pub kind: Kind,
    pub count: u32,
    /// Where the value starts: in the entry itself if it fits into four bytes.
    pub place: u64,
}

/// The field types of TIFF 6.0 but for FLOAT and DOUBLE, which EXIF does not use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Byte,
    Ascii,
    Short,
    Long,
    Rational,
    SByte,
    Undefined,
    SShort,
    SLong,
    SRational,
}

/// Of what lies beyond the end there is none; what has not been fetched is still needed.
pub fn present<T>(reading: Result<T, Gap>) -> Result<Option<T>, Gap> {
    match reading {
        Ok(found) => Ok(Some(found)),
        Err(Gap::End) => Ok(None),
        Err(need) => Err(need),
    }
}

impl<'a> Tiff<'a> {
    /// `None` for a block that does not start with a TIFF header.
    pub fn new(block: Block<'a>) -> Result<Option<Self>, Gap> {
        let order = match present(block.array(0))? {
            Some([b'I', b'I', 42, 0]) => Order::Little,
            Some([b'M', b'M', 0, 42]) => Order::Big,
            _ => return Ok(None),
        };
        let ifd0 = present(block.array(4))?.map_or(NOWHERE, |bytes| order.u32(bytes));
        Ok(Some(Self { block, order, ifd0 }))
    }

    pub fn order(&self) -> Order {
        self.order
    }

    /// As much of a directory as there is.
    pub fn directory(&self, offset: u32) -> Result<Directory, Gap> {
        if offset == NOWHERE {
            return Ok(Directory::default());
        }
        let Some(count) = present(self.u16(offset.into()))? else { return Ok(Directory::default()) };
        let first = u64::from(offset) + 2;
        let end = first + u64::from(count) * ENTRY_LEN;
        let count = count.min(MAX_ENTRIES);
        // Asked for as a whole, it is fetched in one go.
        present(self.block.bytes(first, u64::from(count) * ENTRY_LEN))?;
        let mut entries = Vec::with_capacity(count.into());
        for index in 0..u64::from(count) {
            match present(self.entry(first + index * ENTRY_LEN))? {
                Some(entry) => entries.extend(entry),
                None => break,
            }
        }
        Ok(Directory { entries, next: present(self.u32(end))?.unwrap_or(NOWHERE) })
    }

    /// Where the directory behind this one is, or [`NOWHERE`].
    pub fn behind(&self, offset: u64) -> Result<u64, Gap> {
        let count = self.u16(offset)?;
        self.u32(offset + 2 + u64::from(count) * ENTRY_LEN).map(u64::from)
    }

    /// `None` for an entry of a type that is not read.
    fn entry(&self, offset: u64) -> Result<Option<Entry>, Gap> {
        let count = self.u32(offset + 4)?;
        let inline = offset + 8;
        let (tag, code) = (self.u16(offset)?, self.u16(offset + 2)?);
        // TIFF Technical Note 1: a LONG that leads to a directory. Of other tags it is none of EXIF's types.
        let code = if code == IFD && POINTERS.contains(&tag) { LONG } else { code };
        let Some(kind) = Kind::new(code) else { return Ok(None) };
        let place = if kind.size() * u64::from(count) <= 4 { inline } else { self.u32(inline)?.into() };
        Ok(Some(Entry { tag, kind, count, place }))
    }

    pub fn value(&self, entry: &Entry) -> Result<&'a [u8], Gap> {
        self.block.bytes(entry.place, entry.size())
    }

    /// The value of the first entry with this tag, if it is one number of one of these kinds.
    pub fn number(&self, directory: &Directory, tag: u16, kinds: &[Kind]) -> Result<Option<f64>, Gap> {
        let entry = directory.entry(tag).filter(|entry| entry.count == 1 && kinds.contains(&entry.kind));
        let Some(entry) = entry else { return Ok(None) };
        let value = present(self.value(entry))?;
        Ok(value.and_then(|bytes| entry.kind.numbers(bytes, self.order).first().copied()))
    }

    fn u16(&self, offset: u64) -> Result<u16, Gap> {
        self.block.array(offset).map(|bytes| self.order.u16(bytes))
    }

    fn u32(&self, offset: u64) -> Result<u32, Gap> {
        self.block.array(offset).map(|bytes| self.order.u32(bytes))
    }
}

impl Directory {
    /// Of entries with the same tag the first, as in libtiff and libexif.
    pub fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }
}

impl Entry {
    /// Bytes of the value.
    pub fn size(&self) -> u64 {
        self.kind.size() * u64::from(self.count)
    }
}

impl Order {
    pub fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    pub fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    pub fn u64(self, bytes: [u8; 8]) -> u64 {
        match self {
            Self::Little => u64::from_le_bytes(bytes),
            Self::Big => u64::from_be_bytes(bytes),
        }
    }
}

impl Kind {
    fn new(code: u16) -> Option<Self> {
        Some(match code {
            1 => Self::Byte,
            2 => Self::Ascii,
            3 => Self::Short,
            4 => Self::Long,
            5 => Self::Rational,
            6 => Self::SByte,
            7 => Self::Undefined,
            8 => Self::SShort,
            9 => Self::SLong,
            10 => Self::SRational,
            _ => return None,
        })
    }

    /// Bytes of one value.
    fn size(self) -> u64 {
        match self {
            Self::Byte | Self::Ascii | Self::SByte | Self::Undefined => 1,
            Self::Short | Self::SShort => 2,
            Self::Long | Self::SLong => 4,
            Self::Rational | Self::SRational => 8,
        }
    }

    /// The values of a numeric entry; a rational whose denominator is zero is not finite.
    pub fn numbers(self, bytes: &[u8], order: Order) -> Vec<f64> {
        let signed = |bytes: [u8; 4]| f64::from(order.u32(bytes).cast_signed());
        let unsigned = |bytes: [u8; 4]| f64::from(order.u32(bytes));
        match self {
            Self::Byte => bytes.iter().copied().map(f64::from).collect(),
            Self::SByte => bytes.iter().map(|byte| byte.cast_signed().into()).collect(),
            Self::Short => each(bytes, |bytes| order.u16(bytes).into()),
            Self::SShort => each(bytes, |bytes| order.u16(bytes).cast_signed().into()),
            Self::Long => each(bytes, unsigned),
            Self::SLong => each(bytes, signed),
            Self::Rational => each(bytes, |bytes| ratio(bytes, unsigned)),
            Self::SRational => each(bytes, |bytes| ratio(bytes, signed)),
            Self::Ascii | Self::Undefined => Vec::new(),
        }
    }
}

fn each<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|chunk| read(*chunk)).collect()
}

/// Numerator first.
fn ratio([a, b, c, d, e, f, g, h]: [u8; 8], read: impl Fn([u8; 4]) -> f64) -> f64 {
    read([a, b, c, d]) / read([e, f, g, h])
}
