//! The alpha plane of a HEIF picture: a picture of its own, in grey.

use heifer::heifer_isobmff::boxes::Property;
use heifer::heifer_isobmff::{HeifFile, ItemId};

use super::coded::DAMAGED;
use super::tiles::Tiles;
use crate::error::Result;

/// URNs of auxC: MIAF's, and that of HEVC.
const ALPHA: [&str; 2] = ["urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", "urn:mpeg:hevc:2015:auxid:1"];

/// Of every pixel of the picture.
pub struct Alpha {
    samples: Vec<u8>,
    width: usize,
}

impl Alpha {
    /// That of an item, which has these tiles.
    pub fn of(file: &HeifFile<'_>, item: ItemId, tiles: &Tiles, max_pixels: u64) -> Result<Option<Self>> {
        let planes = file.referencing_items(item, b"auxl");
        let Some(plane) = planes.into_iter().find(|plane| is_alpha(file, *plane)) else { return Ok(None) };
        let coded = Tiles::of(file, plane, max_pixels)?;
        if (coded.width, coded.height) != (tiles.width, tiles.height) {
            return Err(DAMAGED);
        }
        let mut samples = Vec::with_capacity(coded.width as usize * coded.height as usize);
        coded.for_each_row(file, max_pixels, &mut |_, row| {
            samples.extend(row.iter().map(|[grey, ..]| *grey));
            Ok(())
        })?;
        Ok(Some(Self { samples, width: coded.width as usize }))
    }

    pub fn row(&self, y: u32) -> &[u8] {
        self.samples.chunks_exact(self.width.max(1)).nth(y as usize).unwrap_or_default()
    }
}

fn is_alpha(file: &HeifFile<'_>, item: ItemId) -> bool {
    let names_it = |property: &Property| match property {
        Property::AuxiliaryType(urn) => ALPHA.contains(&urn.as_str()),
        _ => false,
    };
    file.item_properties(item).is_ok_and(|mut properties| properties.any(names_it))
}
