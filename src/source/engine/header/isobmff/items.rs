//! The items of a meta box, ISO/IEC 14496-12 section 8.11, and their properties, ISO/IEC 23008-12 section 6.5.

use super::boxes::{BoxAt, Fields, children};
use super::location::{Location, Origin};
use crate::source::engine::exif::present;
use crate::source::engine::known::{Block, Gap};

/// URNs of auxC by which an auxiliary picture is an alpha plane: MIAF's, and those of HEVC and AVC.
const ALPHA: [&[u8]; 3] = [
    b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    b"urn:mpeg:hevc:2015:auxid:1",
    b"urn:mpeg:avc:2015:auxid:1",
];

/// Alpha planes and EXIF items that are looked at. There is one of each, so this only bounds a hostile file.
const MAX_CANDIDATES: usize = 16;

pub struct Items<'a> {
    boxes: Vec<BoxAt<'a>>,
    properties: Vec<BoxAt<'a>>,
    /// Item, and the number of a property of it, from 1.
    associations: Vec<(u64, u64)>,
    primary: u64,
}

impl<'a> Items<'a> {
    pub fn read(meta: Block<'a>) -> Result<Self, Gap> {
        let boxes = children(meta)?;
        let mut items = Self { boxes, properties: Vec::new(), associations: Vec::new(), primary: 0 };
        items.primary = items.primary_item()?;
        for part in children(items.body(b"iprp")?)? {
            match &part.kind {
                b"ipco" => items.properties = children(part.body)?,
                b"ipma" => items.associations.extend(associations(part.body)?),
                _ => {}
            }
        }
        Ok(items)
    }

    /// Ends the reading where there is no such box.
    fn body(&self, kind: &[u8; 4]) -> Result<Block<'a>, Gap> {
        self.boxes.iter().find(|found| &found.kind == kind).map(|found| found.body).ok_or(Gap::End)
    }

    fn primary_item(&self) -> Result<u64, Gap> {
        let mut pitm = Fields::new(self.body(b"pitm")?);
        let (version, _) = pitm.version_and_flags()?;
        pitm.uint(if version == 0 { 2 } else { 4 })
    }

    fn properties_of(&self, item: u64) -> impl Iterator<Item = &BoxAt<'a>> {
        let numbers = self.associations.iter().filter(move |(of, _)| *of == item).map(|(_, number)| *number);
        numbers.filter_map(|number| self.properties.get(usize::try_from(number).ok()?.checked_sub(1)?))
    }

    /// Size of the primary item as libheif tells it: cropped and turned, in the order of the properties.
    pub fn dimensions(&self) -> Result<Option<(u64, u64)>, Gap> {
        let mut dimensions = None;
        for property in self.properties_of(self.primary) {
            dimensions = match &property.kind {
                b"ispe" => Some((property.body.u32_be(4)?.into(), property.body.u32_be(8)?.into())),
                b"clap" if dimensions.is_some() => clean_aperture(property.body)?,
                b"irot" if property.body.u8(0)? & 1 == 1 => dimensions.map(|(width, height)| (height, width)),
                _ => dimensions,
            };
        }
        Ok(dimensions)
    }

    /// How the picture is to be turned that the primary item codes, numbered as in EXIF (section 6.5.10 and 6.5.12): mirrored
    /// left and right where it is, and then by quarters to the left.
    pub fn orientation(&self) -> Result<Option<u8>, Gap> {
        const PLAIN: [u8; 4] = [1, 8, 3, 6];
        const MIRRORED: [u8; 4] = [2, 5, 4, 7];
        let (mut mirrored, mut quarters) = (false, 0_u8);
        for property in self.properties_of(self.primary) {
            match &property.kind {
                b"irot" => quarters += property.body.u8(0)? & 3,
                // What has been turned before turns the other way; top and bottom are left and right turned twice.
                b"imir" => {
                    let twice = if property.body.u8(0)? & 1 == 0 { 2 } else { 0 };
                    (mirrored, quarters) = (!mirrored, twice + 4 - quarters % 4);
                }
                _ => {}
            }
            quarters %= 4;
        }
        Ok(Some(if mirrored { MIRRORED } else { PLAIN }[usize::from(quarters)]))
    }

    pub fn has_color_profile(&self) -> Result<bool, Gap> {
        for property in self.properties_of(self.primary).filter(|property| &property.kind == b"colr") {
            if matches!(&property.body.array(0)?, b"prof" | b"rICC") {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Another item is the alpha plane of the primary one.
    pub fn has_alpha(&self) -> Result<bool, Gap> {
        for item in self.referring(b"auxl")?.into_iter().take(MAX_CANDIDATES) {
            for property in self.properties_of(item).filter(|property| &property.kind == b"auxC") {
                let urn = property.body.from(4);
                if ALPHA.iter().any(|alpha| urn.bytes(0, alpha.len() as u64) == Ok(alpha)) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The EXIF item that describes the primary one, or else the first.
    pub fn exif(&self, file: Block<'a>) -> Result<Option<Block<'a>>, Gap> {
        self.describing(&self.infos(*b"Exif", b"")?, file)
    }

    /// The item of XMP that describes the primary one, or else the first.
    pub fn xmp(&self, file: Block<'a>) -> Result<Option<Block<'a>>, Gap> {
        self.describing(&self.infos(*b"mime", b"application/rdf+xml\0")?, file)
    }

    fn describing(&self, items: &[u64], file: Block<'a>) -> Result<Option<Block<'a>>, Gap> {
        let describing = self.referring(b"cdsc")?;
        let item = items.iter().take(MAX_CANDIDATES).find(|item| describing.contains(item)).or(items.first());
        item.map_or(Ok(None), |item| self.data(*item, file))
    }

    fn data(&self, item: u64, file: Block<'a>) -> Result<Option<Block<'a>>, Gap> {
        let Some(location) = Location::find(self.body(b"iloc")?, item)? else { return Ok(None) };
        Ok(match location.origin {
            Origin::File => Some(location.within(file)),
            Origin::ItemData => Some(location.within(self.body(b"idat")?)),
            Origin::Item => None,
        })
    }

    /// Section 8.11.6: item infos of version 2 and 3 name a type. Behind it are a name, and of `mime` the type of the content.
    fn infos(&self, kind: [u8; 4], content: &[u8]) -> Result<Vec<u64>, Gap> {
        let mut iinf = Fields::new(self.body(b"iinf")?);
        let (version, _) = iinf.version_and_flags()?;
        iinf.uint(if version == 0 { 2 } else { 4 })?;
        let mut items = Vec::new();
        for info in children(iinf.rest())? {
            let mut fields = Fields::new(info.body);
            let (version, _) = fields.version_and_flags()?;
            let item = fields.uint(if version == 3 { 4 } else { 2 })?;
            fields.uint(2)?;
            let is_kind = version >= 2 && fields.uint(4)? == u64::from(u32::from_be_bytes(kind));
            if is_kind && is_of(fields.rest(), content)? {
                items.push(item);
            }
        }
        Ok(items)
    }

    /// Section 8.11.12: the items that refer to the primary one.
    fn referring(&self, kind: &[u8; 4]) -> Result<Vec<u64>, Gap> {
        let Some(iref) = present(self.body(b"iref"))? else { return Ok(Vec::new()) };
        let mut iref = Fields::new(iref);
        let id = if iref.version_and_flags()?.0 == 0 { 2 } else { 4 };
        let mut items = Vec::new();
        for reference in children(iref.rest())?.iter().filter(|reference| &reference.kind == kind) {
            let mut fields = Fields::new(reference.body);
            let from = fields.uint(id)?;
            for _ in 0..fields.uint(2)? {
                if fields.uint(id)? == self.primary {
                    items.push(from);
                }
            }
        }
        Ok(items)
    }
}

/// Whether behind a name, which is empty as a rule, there stands this.
fn is_of(info: Block<'_>, content: &[u8]) -> Result<bool, Gap> {
    const MAX_NAME: u64 = 256;
    let text = present(info.bytes(0, info.len().min(MAX_NAME)))?.unwrap_or_default();
    let behind = text.iter().position(|byte| *byte == 0).map(|end| &text[end + 1..]);
    Ok(content.is_empty() || behind.is_some_and(|behind| behind.starts_with(content)))
}

/// Section 8.11.14: for each item the numbers of its properties, of 15 or 7 bits below one that says whether
/// a reader has to understand the property.
fn associations(ipma: Block<'_>) -> Result<Vec<(u64, u64)>, Gap> {
    let mut fields = Fields::new(ipma);
    let (version, flags) = fields.version_and_flags()?;
    let wide = flags & 1 == 1;
    let mut associations = Vec::new();
    for _ in 0..fields.uint(4)? {
        let item = fields.uint(if version == 0 { 2 } else { 4 })?;
        for _ in 0..fields.uint(1)? {
            let number = if wide { fields.uint(2)? & 0x7FFF } else { fields.uint(1)? & 0x7F };
            associations.push((item, number));
        }
    }
    Ok(associations)
}

/// Section 12.1.4.2: width and height as fractions; `None` for those that are not.
fn clean_aperture(clap: Block<'_>) -> Result<Option<(u64, u64)>, Gap> {
    let rounded = |offset| -> Result<Option<u64>, Gap> {
        let (numerator, denominator) = (u64::from(clap.u32_be(offset)?), u64::from(clap.u32_be(offset + 4)?));
        Ok((numerator + denominator / 2).checked_div(denominator))
    };
    Ok(rounded(0)?.zip(rounded(8)?))
}
