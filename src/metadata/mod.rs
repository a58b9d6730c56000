//! What is known of an image: plain data in ImageKit's spelling.

mod camera;
mod captured;
mod checksum;
pub mod colours;
mod exif;
mod exposure;
mod extras;
mod footprint;
mod format;
mod image_ref;
mod json;
mod level;
mod location;
mod phash;
mod privacy;
mod question;
pub mod text;
mod version;

pub use camera::Camera;
pub use captured::Captured;
pub use checksum::Checksum;
pub use colours::{Colour, Colours, Swatch};
pub use exif::{Exif, TagGroup, number};
pub use exposure::{Exposure, Metering, Program};
pub use extras::Extras;
pub use format::{Format, media_type};
pub use image_ref::ImageRef;
pub use json::AsImageKit;
pub use level::Level;
pub use location::Location;
pub use phash::{InvalidPHash, PHash};
pub use privacy::withhold;
pub use question::{ExtraSet, Question};
pub use text::PictureText;
pub use version::Version;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::Private;
use crate::error::{Error, Result};

/// A fact of an image: `None` where nobody states it, an error where it should be there but cannot be had.
pub type Fact<T> = Option<Result<T>>;

/// Who said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    ImageKit,
    Engine,
}

/// The metadata of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    pub origin: Origin,
    /// Where the file is below the media library, for a file of the engine's.
    pub path: Option<String>,
    /// Stored pixels, before EXIF orientation; of formats that turn pictures themselves, shown ones.
    pub width: Fact<u64>,
    /// Stored pixels, before EXIF orientation; of formats that turn pictures themselves, shown ones.
    pub height: Fact<u64>,
    /// Bytes of the file as stored.
    pub size: Fact<u64>,
    /// ImageKit's short name: `jpg`, `png`, ...
    pub format: Option<String>,
    pub has_color_profile: Option<bool>,
    /// ImageKit's own figure, 0 in its documentation; never an estimate of the engine's.
    pub quality: Option<i64>,
    /// How little a JPEG was compressed, estimated by its quantization table: 1 to 100 as libjpeg counts.
    pub jpeg_quality: Option<u8>,
    /// Pixels per inch.
    pub density: Option<u64>,
    /// The image has an alpha channel.
    pub has_transparency: Option<bool>,
    pub p_hash: Fact<PHash>,
    /// `None` for an image without EXIF.
    pub exif: Option<Exif>,
    pub video: Option<Video>,
    pub extras: Extras,
    /// ImageKit's own object, word for word; `None` where the engine speaks.
    pub verbatim: Option<Map<String, Value>>,
    /// Which version of the file this is of.
    pub version: Version,
    /// What is missing as whoever asks may not see it; of what is kept, nothing.
    pub withheld: Vec<Private>,
    /// Its server wants nobody to keep anything of it (RFC 9111, 5.2.2.5).
    pub no_store: bool,
}

impl Metadata {
    /// Of a file of the engine's library that nobody has looked into.
    pub fn listed(path: String) -> Self {
        Self {
            origin: Origin::Engine,
            path: Some(path),
            width: None,
            height: None,
            size: None,
            format: None,
            has_color_profile: None,
            quality: None,
            jpeg_quality: None,
            density: None,
            has_transparency: None,
            p_hash: None,
            exif: None,
            video: None,
            extras: Extras::default(),
            verbatim: None,
            version: Version::default(),
            no_store: false,
            withheld: Vec::new(),
        }
    }

    /// EXIF's orientation, 1 to 8.
    pub fn orientation(&self) -> Option<u8> {
        self.exif.as_ref()?.orientation()
    }

    /// Width and height as a viewer shows them: orientations 5 to 8 lie on their side. HEIF and JPEG XL turn pictures
    /// themselves, and EXIF only repeats it.
    pub fn shown(&self) -> Fact<(u64, u64)> {
        let (width, height) = (self.width.clone()?, self.height.clone()?);
        let turned = matches!(self.format.as_deref(), Some("avif" | "heic" | "heif" | "jxl"));
        let swap = !turned && self.orientation().is_some_and(|orientation| orientation >= 5);
        let size = width.and_then(|width| height.map(|height| (width, height)));
        Some(size.map(|(width, height)| if swap { (height, width) } else { (width, height) }))
    }

    /// Width divided by height, as a viewer shows them.
    pub fn aspect_ratio(&self) -> Fact<f64> {
        let ratio = |(width, height): (u64, u64)| width as f64 / height as f64;
        self.shown().map(|size| size.map(ratio))
    }

    /// When it was taken, by its camera's clock.
    pub fn captured(&self) -> Option<Captured> {
        self.exif.as_ref().and_then(Captured::of)
    }

    /// Where it was taken.
    pub fn location(&self) -> Option<Location> {
        self.exif.as_ref().and_then(Location::of)
    }

    /// What it was taken with.
    pub fn camera(&self) -> Option<Camera> {
        self.exif.as_ref().and_then(Camera::of)
    }

    /// How it was exposed.
    pub fn exposure(&self) -> Option<Exposure> {
        self.exif.as_ref().and_then(Exposure::of)
    }

    /// The words that it carries: those of XMP and IPTC before those of EXIF. `None` where there are none.
    pub fn text(&self) -> Fact<PictureText> {
        let in_exif = || self.exif.as_ref().map(PictureText::of).unwrap_or_default();
        let text = self.extras.text.clone().unwrap_or_else(|| Ok(PictureText::default()));
        let text = text.map(|text| text.or(in_exif()));
        Some(text).filter(|text| !text.as_ref().is_ok_and(PictureText::is_empty))
    }

    /// With what another, of the same version of the file, knows of what this one does not.
    pub fn or(self, other: &Self) -> Self {
        Self {
            width: self.width.or_else(|| other.width.clone()),
            height: self.height.or_else(|| other.height.clone()),
            size: self.size.or_else(|| other.size.clone()),
            has_transparency: self.has_transparency.or(other.has_transparency),
            p_hash: self.p_hash.or_else(|| other.p_hash.clone()),
            exif: self.exif.or_else(|| other.exif.clone()),
            extras: self.extras.or(&other.extras),
            ..self
        }
    }

    /// Why the first of the missing facts is missing.
    pub fn failure(&self) -> Option<&Error> {
        self.failures().next()
    }

    /// A fact is missing for a reason that may have passed when it is asked for again.
    pub fn lacks_for_now(&self) -> Option<&Error> {
        self.failures().find(|error| error.is_passing())
    }

    fn failures(&self) -> impl Iterator<Item = &Error> {
        let numbers = [&self.width, &self.height, &self.size].into_iter().filter_map(failure);
        numbers.chain(failure(&self.p_hash)).chain(self.extras.failures())
    }
}

fn failure<T>(fact: &Fact<T>) -> Option<&Error> {
    fact.as_ref()?.as_ref().err()
}

/// What ImageKit says of a video.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Video {
    /// Seconds.
    pub duration: Option<f64>,
    /// Bits per second.
    pub bit_rate: Option<i64>,
    pub audio_codec: Option<String>,
    pub video_codec: Option<String>,
}
