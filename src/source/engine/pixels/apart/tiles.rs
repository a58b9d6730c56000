//! Where the pixels of a HEIF item are: in one coded picture, or in the tiles of a grid, decoded in strips of some rows.

use heifer::Image;
use heifer::color::frame_to_rgba_sized;
use heifer::heifer_isobmff::{HeifFile, ItemId};

use super::super::NOT_DECODED;
use super::coded::{Coded, DAMAGED};
use crate::error::{Error, Result};

/// Rows that become colours at a time. Even, for chroma of half as many.
const STRIP: u32 = 64;

/// Red, green, blue, and what is no alpha.
type Pixel = [u8; 4];

/// A picture in one piece, or in several of one size side by side.
pub struct Tiles {
    items: Vec<ItemId>,
    columns: usize,
    /// What is shown of them.
    pub width: u32,
    pub height: u32,
}

impl Tiles {
    pub fn of(file: &HeifFile<'_>, item: ItemId, max_pixels: u64) -> Result<Self> {
        let tiles = match &file.item(item).map_err(|_| DAMAGED)?.item_type.0 {
            b"grid" => Self::of_grid(file, item)?,
            b"hvc1" | b"av01" => {
                let (width, height) = file.image_size(item).map_err(|_| DAMAGED)?.ok_or(DAMAGED)?;
                Self { items: vec![item], columns: 1, width, height }
            }
            _ => return Err(NOT_DECODED),
        };
        match u64::from(tiles.width) * u64::from(tiles.height) {
            0 => Err(DAMAGED),
            pixels if pixels > max_pixels => Err(Error::TooLarge { what: "pixels", limit: max_pixels }),
            _ => Ok(tiles),
        }
    }

    /// ISO/IEC 23008-12 section 6.6.2.3: row by row.
    fn of_grid(file: &HeifFile<'_>, item: ItemId) -> Result<Self> {
        let grid = file.grid(item).map_err(|_| DAMAGED)?;
        let (rows, columns) = (usize::from(grid.rows), usize::from(grid.columns));
        let items = file.referenced_items(item, b"dimg").to_vec();
        if items.len() != rows * columns || items.is_empty() {
            return Err(DAMAGED);
        }
        Ok(Self { items, columns, width: grid.output_width, height: grid.output_height })
    }

    /// Decodes one row of tiles after the other, and gives each row of pixels.
    pub fn for_each_row(
        &self,
        file: &HeifFile<'_>,
        max_pixels: u64,
        take: &mut dyn FnMut(u32, &[Pixel]) -> Result<()>,
    ) -> Result<()> {
        let mut y = 0_u32;
        for items in self.items.chunks(self.columns) {
            let band = Band::decode(file, items, self, max_pixels)?;
            let bottom = self.height.min(y.saturating_add(band.height));
            for top in (0..bottom - y).step_by(STRIP as usize) {
                let count = STRIP.min(bottom - y - top);
                let strips = band.strips(file, top, count);
                for row in 0..count {
                    take(y + top + row, &joined(&strips, row, self.width))?;
                }
            }
            y = bottom;
        }
        if y < self.height { Err(DAMAGED) } else { Ok(()) }
    }
}

/// Tiles beside each other.
struct Band {
    tiles: Vec<(ItemId, Coded)>,
    /// What each tile shows.
    width: u32,
    height: u32,
}

impl Band {
    fn decode(file: &HeifFile<'_>, items: &[ItemId], of: &Tiles, max_pixels: u64) -> Result<Self> {
        let decode = |item: &ItemId| Ok((*item, Coded::decode(file, *item, max_pixels)?));
        let tiles = items.iter().map(decode).collect::<Result<Vec<_>>>()?;
        let (_, first) = tiles.first().ok_or(DAMAGED)?;
        // A codec may code more than is shown.
        let (width, height) = match file.image_size(items[0]).map_err(|_| DAMAGED)? {
            Some((width, height)) => (width, height),
            None => first.size(),
        };
        let fits = |(_, tile): &(ItemId, Coded)| tile.size().0 >= width && tile.size().1 >= height;
        let covers = u64::from(width) * items.len() as u64 >= u64::from(of.width);
        if width == 0 || height == 0 || !covers || !tiles.iter().all(fits) {
            return Err(DAMAGED);
        }
        Ok(Self { tiles, width, height })
    }

    /// Some rows of each tile in colours.
    fn strips(&self, file: &HeifFile<'_>, top: u32, count: u32) -> Vec<Image<u8>> {
        let strip = |(item, tile): &(ItemId, Coded)| {
            frame_to_rgba_sized(&tile.strip(top, count), tile.colors(file, *item), self.width, count)
        };
        self.tiles.iter().map(strip).collect()
    }
}

/// A row through all of them, of so many pixels.
fn joined(strips: &[Image<u8>], row: u32, width: u32) -> Vec<Pixel> {
    let of_strip = |strip: &Image<u8>| {
        let width = strip.width as usize;
        let rows = strip.data.as_chunks::<4>().0.get(row as usize * width..).unwrap_or_default();
        rows.iter().take(width).copied().collect::<Vec<_>>()
    };
    let mut joined: Vec<_> = strips.iter().flat_map(of_strip).collect();
    joined.resize(width as usize, [0; 4]);
    joined
}
