//! Where the data of an item is: the iloc box, ISO/IEC 14496-12 section 8.11.3.

use super::boxes::Fields;
use crate::source::engine::known::{Block, Gap};

/// The first extent of an item. EXIF in several is read as far as the first goes; nobody writes that.
pub struct Location {
    pub origin: Origin,
    offset: u64,
    /// 0 means up to the end.
    len: u64,
}

/// Where an offset counts from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    File,
    /// The idat box beside iloc.
    ItemData,
    /// Another item, which is how tiles of a grid may be stored but no EXIF is.
    Item,
}

/// Bytes of the fields of an entry, by the version of the box and its own statement.
struct Layout {
    id: u64,
    method: u64,
    base: u64,
    index: u64,
    offset: u64,
    len: u64,
}

impl Location {
    pub fn find(iloc: Block<'_>, item: u64) -> Result<Option<Self>, Gap> {
        let mut fields = Fields::new(iloc);
        let layout = Layout::read(&mut fields)?;
        for _ in 0..fields.uint(layout.id)? {
            let id = fields.uint(layout.id)?;
            let entry = Self::entry(&mut fields, &layout)?;
            if id == item {
                return Ok(entry);
            }
        }
        Ok(None)
    }

    /// `None` for an item without data.
    fn entry(fields: &mut Fields<'_>, layout: &Layout) -> Result<Option<Self>, Gap> {
        let origin = match fields.uint(layout.method)? & 0xF {
            0 => Origin::File,
            1 => Origin::ItemData,
            _ => Origin::Item,
        };
        let _data_reference = fields.uint(2)?;
        let base = fields.uint(layout.base)?;
        let extents = fields.uint(2)?;
        let Some(others) = extents.checked_sub(1) else { return Ok(None) };
        let _index = fields.uint(layout.index)?;
        let offset = base.saturating_add(fields.uint(layout.offset)?);
        let len = fields.uint(layout.len)?;
        fields.skip(others * (layout.index + layout.offset + layout.len));
        Ok(Some(Self { origin, offset, len }))
    }

    pub fn within<'a>(&self, origin: Block<'a>) -> Block<'a> {
        origin.part(self.offset, if self.len == 0 { u64::MAX } else { self.len })
    }
}

impl Layout {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Gap> {
        let (version, _) = fields.version_and_flags()?;
        let sizes = fields.uint(2)?;
        Ok(Self {
            id: if version < 2 { 2 } else { 4 },
            method: if version == 0 { 0 } else { 2 },
            index: if version == 0 { 0 } else { sizes & 0xF },
            base: (sizes >> 4) & 0xF,
            len: (sizes >> 8) & 0xF,
            offset: (sizes >> 12) & 0xF,
        })
    }
}
