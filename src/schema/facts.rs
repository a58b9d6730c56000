//! What EXIF, XMP and IPTC mean, for pages and people.

use async_graphql::{Enum, SimpleObject};

use super::scalar::{LocalDateTime, UtcOffset};
use crate::config::Private;
use crate::metadata::{self, Metering, PictureText as Text, Program};

/// When a picture was taken, by the clock of its camera.
#[derive(SimpleObject)]
pub struct Captured {
    /// Date and time of the camera's clock, with as many digits of the second as the file has.
    local: LocalDateTime,
    /// How far that clock was from UTC. Null where the file does not state it for this very date: it is never guessed, neither
    /// from GPS nor from where the picture was taken.
    offset: Option<UtcOffset>,
    /// The point in time (RFC 3339), such as `2008-05-30T15:56:01.25+02:00`; only where the offset is known.
    instant: Option<String>,
    /// The EXIF tag it came from: `DateTimeOriginal` (taken), else `CreateDate` (digitised), else `ModifyDate` (changed).
    tag: &'static str,
}

impl From<metadata::Captured> for Captured {
    fn from(captured: metadata::Captured) -> Self {
        let instant = captured.instant();
        let metadata::Captured { local, offset, tag } = captured;
        Self { local: LocalDateTime(local), offset: offset.map(UtcOffset), instant, tag }
    }
}

/// Where a picture was taken, by the GPS tags of EXIF.
#[derive(SimpleObject)]
pub struct Location {
    /// Degrees, north positive, -90 to 90.
    latitude: f64,
    /// Degrees, east positive, -180 to 180.
    longitude: f64,
    /// Metres above sea level, below it negative; null where it is not stated, or above an ellipsoid.
    altitude: Option<f64>,
    /// Where the camera looked: degrees from true north, clockwise, 0 to less than 360. Null where the camera knew magnetic
    /// north only, which is some degrees off: see `exif.gps.gpsImgDirection`.
    direction: Option<f64>,
}

impl From<metadata::Location> for Location {
    fn from(location: metadata::Location) -> Self {
        let metadata::Location { latitude, longitude, altitude, direction } = location;
        Self { latitude, longitude, altitude, direction }
    }
}

/// What a picture was taken with. Null where a part is not stated.
#[derive(SimpleObject)]
pub struct Camera {
    /// The maker of the camera.
    make: Option<String>,
    /// The camera's model.
    model: Option<String>,
    /// The lens's model; where that is not stated its maker and what it can do, such as `18-55 mm f/3.5-5.6`.
    lens: Option<String>,
    /// The camera's firmware, or the program that wrote the file last.
    software: Option<String>,
}

impl From<metadata::Camera> for Camera {
    fn from(camera: metadata::Camera) -> Self {
        let metadata::Camera { make, model, lens, software } = camera;
        Self { make, model, lens, software }
    }
}

/// How a picture was exposed. Null where a part is not stated.
#[derive(SimpleObject)]
pub struct Exposure {
    /// The exposure time as on a dial, seconds: `1/160`, `0.4`, `2.5`.
    shutter: Option<String>,
    /// The exposure time, seconds.
    time: Option<f64>,
    /// The aperture: focal length divided by its diameter.
    f_number: Option<f64>,
    /// ISO speed.
    iso: Option<i32>,
    /// Focal length of the lens, millimetres.
    focal_length: Option<f64>,
    /// Focal length of a lens with the same view on 35 mm film, millimetres.
    #[graphql(name = "focalLength35mm")]
    focal_length_35mm: Option<f64>,
    /// Who chose aperture and time.
    program: Option<ExposureProgram>,
    /// Of which part of the picture the light was measured.
    metering: Option<MeteringMode>,
    /// Whether the flash fired.
    flash_fired: Option<bool>,
    /// By how much lighter it was exposed than measured, EV; darker is negative.
    compensation: Option<f64>,
}

impl From<metadata::Exposure> for Exposure {
    fn from(exposure: metadata::Exposure) -> Self {
        Self {
            shutter: exposure.shutter(),
            time: exposure.time,
            f_number: exposure.f_number,
            iso: exposure.iso,
            focal_length: exposure.focal_length,
            focal_length_35mm: exposure.focal_length_35mm,
            program: exposure.program.map(ExposureProgram::from),
            metering: exposure.metering.map(MeteringMode::from),
            flash_fired: exposure.flash_fired,
            compensation: exposure.compensation,
        }
    }
}

/// Who chose aperture and exposure time (EXIF's ExposureProgram).
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Program")]
pub enum ExposureProgram {
    /// The photographer.
    Manual,
    /// The camera.
    Normal,
    /// The photographer the aperture, the camera the time.
    AperturePriority,
    /// The photographer the time, the camera the aperture.
    ShutterPriority,
    /// The camera, for depth of field.
    Creative,
    /// The camera, for short times.
    Action,
    /// The camera, for close-ups before a blurred background.
    Portrait,
    /// The camera, for landscapes with a sharp background.
    Landscape,
}

/// Of which part of the picture the light was measured (EXIF's MeteringMode).
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Metering")]
pub enum MeteringMode {
    /// The mean of all of it.
    Average,
    /// All of it, the middle counting most.
    CenterWeighted,
    /// One spot.
    Spot,
    /// Several spots.
    MultiSpot,
    /// Zones that the camera weighs.
    Pattern,
    /// A part around the middle.
    Partial,
    /// Otherwise.
    Other,
}

/// What is not shown to who asks, by the settings of the gateway.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Private")]
pub enum Withheld {
    /// Where the picture was taken: `location`, and the GPS tags of EXIF.
    Location,
    /// The serial numbers of camera and lens.
    SerialNumbers,
    /// Whose camera it is. Who made the picture and who has the rights is told.
    OwnerNames,
}

/// Words that a picture carries: each is taken from XMP, else from IPTC IIM, else from EXIF. They are a stranger's words, to be
/// escaped as such. Control characters are left out, and what is longer than 8 KiB is cut.
#[derive(SimpleObject)]
pub struct PictureText {
    /// XMP `dc:title` or `photoshop:Headline`, IPTC Object Name (2:05) or Headline (2:105), or Windows' title.
    title: Option<String>,
    /// What to tell those who do not see the picture: XMP `Iptc4xmpCore:AltTextAccessibility`.
    alt: Option<String>,
    /// What the picture shows: XMP `dc:description`, IPTC Caption (2:120), EXIF ImageDescription, or Windows' comment. Some
    /// cameras put their own name there.
    caption: Option<String>,
    /// Whom to name beside the picture: XMP `photoshop:Credit`, or IPTC Credit (2:110).
    credit: Option<String>,
    /// Who made the picture, several parted by `; `: XMP `dc:creator`, IPTC By-line (2:80), EXIF Artist, or Windows' author.
    creator: Option<String>,
    /// Who holds the rights: XMP `dc:rights`, IPTC Copyright Notice (2:116), or EXIF Copyright.
    copyright: Option<String>,
    /// Where the rights are told, an http or https URL: XMP `xmpRights:WebStatement`, `cc:license`, or the first
    /// `plus:LicensorURL`.
    license: Option<String>,
    /// Each once, the first 256, of 256 bytes at most; null where there are none: XMP `dc:subject`, IPTC Keywords (2:25), or
    /// Windows' tags.
    keywords: Option<Vec<String>>,
}

impl From<Text> for PictureText {
    fn from(text: Text) -> Self {
        let Text { title, alt, caption, credit, creator, copyright, license, keywords } = text;
        let keywords = Some(keywords).filter(|keywords| !keywords.is_empty());
        Self { title, alt, caption, credit, creator, copyright, license, keywords }
    }
}
