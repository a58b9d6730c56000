//! ImageKit's six EXIF groups. Typed fields for known tags; `raw` has every tag under ImageKit's names.
//!
//! Numbers are as the file has them: no APEX value is converted, no enumeration spelled out. A typed field of
//! a tag that is an array by nature is a list, any other gives the first of several values.

use async_graphql::Object;
use serde_json::{Value, json};

use super::prepared::Leaf;
use crate::metadata::{self, TagGroup};

/// Finds a group.
pub type Find = fn(&metadata::Exif) -> &TagGroup;

/// Reads a field of a group.
pub type ReadTag = for<'a> fn(&'a TagGroup) -> Leaf<'a>;

/// What reads the field of a group with this name.
pub type ReaderOf = fn(&str) -> Option<ReadTag>;

/// The group that a field of `Exif` has below it: where it is, and how its fields are read.
pub fn group(field: &str) -> Option<(Find, ReaderOf)> {
    Some(match field {
        "image" => (|exif| &exif.image, ExifImage::read),
        "thumbnail" => (|exif| &exif.thumbnail, ExifThumbnail::read),
        "exif" => (|exif| &exif.exif, ExifPhoto::read),
        "gps" => (|exif| &exif.gps, ExifGps::read),
        "interoperability" => (|exif| &exif.interoperability, ExifInteroperability::read),
        _ => return None,
    })
}

/// Whether a field of the schema is the one of this name in Rust.
fn is_called(field: &str, name: &str) -> bool {
    let signs = name.bytes().filter(|sign| *sign != b'_');
    signs.eq(field.bytes().map(|sign| sign.to_ascii_lowercase()))
}

pub struct Exif<'a>(pub &'a metadata::Exif);

/// ImageKit's six EXIF groups. Typed fields for known tags; `raw` has every tag under ImageKit's names.
#[Object]
impl<'a> Exif<'a> {
    /// Tags of the picture (IFD0).
    async fn image(&self) -> Option<ExifImage<'a>> {
        Some(ExifImage(&self.0.image))
    }

    /// Tags of the embedded thumbnail (IFD1).
    async fn thumbnail(&self) -> Option<ExifThumbnail<'a>> {
        Some(ExifThumbnail(&self.0.thumbnail))
    }

    /// Tags of how the picture was taken (Exif IFD).
    async fn exif(&self) -> Option<ExifPhoto<'a>> {
        Some(ExifPhoto(&self.0.exif))
    }

    /// Tags of where the picture was taken (GPS IFD).
    async fn gps(&self) -> Option<ExifGps<'a>> {
        Some(ExifGps(&self.0.gps))
    }

    /// Tags of how the file relates to others (interoperability IFD).
    async fn interoperability(&self) -> Option<ExifInteroperability<'a>> {
        Some(ExifInteroperability(&self.0.interoperability))
    }

    /// The maker's own tags: always empty, as in ImageKit's answers.
    async fn makernote(&self) -> Option<Value> {
        Some(json!(self.0.makernote))
    }

    /// The six groups as ImageKit prints them.
    async fn raw(&self) -> Value {
        json!(self.0)
    }
}

/// A GraphQL type over one group: `field: type = how("Tag")`, in the order of ImageKit's documentation.
macro_rules! exif_group {
    (
        $(#[$doc:meta])* $name:ident
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $how:ident($tag:literal);)*
    ) => {
        pub struct $name<'a>(&'a TagGroup);

        $(#[$doc])*
        #[Object]
        impl<'a> $name<'a> {
            $($(#[$field_doc])* async fn $field(&self) -> Option<$type> {
                self.0.$how($tag)
            })*

            /// Every tag of the group under ImageKit's names.
            async fn raw(&self) -> Value {
                json!(self.0)
            }
        }

        impl $name<'_> {
            /// What reads the field of this name, where a document is printed (`prepared`).
            fn read(field: &str) -> Option<ReadTag> {
                match field {
                    "__typename" => Some(|_| stringify!($name).into()),
                    "raw" => Some(|group| Leaf::Group(group)),
                    $(field if is_called(field, stringify!($field)) => Some(|group| group.$how($tag).into()),)*
                    _ => None,
                }
            }
        }
    };
}

exif_group! {
    /// Tags of the picture (IFD0). Null where a tag is absent.
    ExifImage
    /// The maker of the camera.
    make: &'a str = text("Make");
    /// The camera's model.
    model: &'a str = text("Model");
    /// How the stored picture has to be turned to be upright, 1 to 8: 1 as it is, 3 by 180 degrees, 6 by 90
    /// degrees clockwise, 8 by 90 degrees anticlockwise; 2, 4, 5 and 7 mirrored.
    orientation: i32 = int("Orientation");
    /// Pixels per `resolutionUnit`, from left to right.
    x_resolution: f64 = number("XResolution");
    /// Pixels per `resolutionUnit`, from top to bottom.
    y_resolution: f64 = number("YResolution");
    /// 2 inch, 3 centimetre.
    resolution_unit: i32 = int("ResolutionUnit");
    /// The program or firmware that wrote the file.
    software: &'a str = text("Software");
    /// When the file was changed: `YYYY:MM:DD HH:MM:SS` by the camera's clock, without a zone.
    modify_date: &'a str = text("ModifyDate");
    /// Where chroma samples sit: 1 centred, 2 co-sited.
    y_cb_cr_positioning: i32 = int("YCbCrPositioning");
    /// Where the Exif IFD starts: bytes from the TIFF header.
    exif_offset: i32 = int("ExifOffset");
    /// Where the GPS IFD starts: bytes from the TIFF header.
    #[graphql(name = "gpsInfo")]
    gps_info: i32 = int("GPSInfo");
    /// What the picture shows.
    image_description: &'a str = text("ImageDescription");
    /// Who made the picture.
    artist: &'a str = text("Artist");
    /// Who holds the rights.
    copyright: &'a str = text("Copyright");
    /// The computer that the picture was made on.
    host_computer: &'a str = text("HostComputer");
}

exif_group! {
    /// Tags of the embedded thumbnail (IFD1). Null where a tag is absent.
    ExifThumbnail
    /// 6 JPEG, 1 uncompressed.
    compression: i32 = int("Compression");
    /// Pixels per `resolutionUnit`, from left to right.
    x_resolution: f64 = number("XResolution");
    /// Pixels per `resolutionUnit`, from top to bottom.
    y_resolution: f64 = number("YResolution");
    /// 2 inch, 3 centimetre.
    resolution_unit: i32 = int("ResolutionUnit");
    /// Where the thumbnail starts: bytes from the TIFF header.
    thumbnail_offset: i32 = int("ThumbnailOffset");
    /// Bytes of the thumbnail.
    thumbnail_length: i32 = int("ThumbnailLength");
    /// How the stored thumbnail has to be turned to be upright, 1 to 8.
    orientation: i32 = int("Orientation");
}

exif_group! {
    /// Tags of how the picture was taken (Exif IFD). Null where a tag is absent.
    ExifPhoto
    /// Seconds.
    exposure_time: f64 = number("ExposureTime");
    /// The aperture: focal length divided by its diameter.
    f_number: f64 = number("FNumber");
    /// 1 manual, 2 normal, 3 aperture priority, 4 shutter priority, 5 creative, 6 action, 7 portrait, 8 landscape.
    exposure_program: i32 = int("ExposureProgram");
    /// ISO speed.
    iso: i32 = int("ISO");
    /// The version of EXIF, four digits: `0232` is 2.32.
    exif_version: &'a str = text("ExifVersion");
    /// When the picture was taken: `YYYY:MM:DD HH:MM:SS` by the camera's clock, without a zone.
    date_time_original: &'a str = text("DateTimeOriginal");
    /// When the picture was digitised: `YYYY:MM:DD HH:MM:SS` by the camera's clock, without a zone.
    create_date: &'a str = text("CreateDate");
    /// Shutter speed as an APEX value: 7 is 1/128 s.
    shutter_speed_value: f64 = number("ShutterSpeedValue");
    /// Aperture as an APEX value: 6 is f/8.
    aperture_value: f64 = number("ApertureValue");
    /// Exposure compensation, EV.
    exposure_compensation: f64 = number("ExposureCompensation");
    /// 1 average, 2 centre-weighted, 3 spot, 4 multi-spot, 5 pattern, 6 partial.
    metering_mode: i32 = int("MeteringMode");
    /// Bits of the flash: bit 0 is set where it fired.
    flash: i32 = int("Flash");
    /// Focal length of the lens, millimetres.
    focal_length: f64 = number("FocalLength");
    /// Fraction of the second of `modifyDate`, as digits after the point.
    sub_sec_time: &'a str = text("SubSecTime");
    /// Fraction of the second of `dateTimeOriginal`, as digits after the point.
    sub_sec_time_original: &'a str = text("SubSecTimeOriginal");
    /// Fraction of the second of `createDate`, as digits after the point.
    sub_sec_time_digitized: &'a str = text("SubSecTimeDigitized");
    /// The version of FlashPix, four digits.
    flashpix_version: &'a str = text("FlashpixVersion");
    /// 1 sRGB, 65535 uncalibrated.
    color_space: i32 = int("ColorSpace");
    /// Pixels from left to right as the camera stored them.
    exif_image_width: i32 = int("ExifImageWidth");
    /// Pixels from top to bottom as the camera stored them.
    exif_image_height: i32 = int("ExifImageHeight");
    /// Where the interoperability IFD starts: bytes from the TIFF header.
    interop_offset: i32 = int("InteropOffset");
    /// Pixels of the sensor per `focalPlaneResolutionUnit`, from left to right.
    focal_plane_x_resolution: f64 = number("FocalPlaneXResolution");
    /// Pixels of the sensor per `focalPlaneResolutionUnit`, from top to bottom.
    focal_plane_y_resolution: f64 = number("FocalPlaneYResolution");
    /// 2 inch, 3 centimetre.
    focal_plane_resolution_unit: i32 = int("FocalPlaneResolutionUnit");
    /// 0 normal processing, 1 custom.
    custom_rendered: i32 = int("CustomRendered");
    /// 0 automatic, 1 manual, 2 automatic bracketing.
    exposure_mode: i32 = int("ExposureMode");
    /// 0 automatic, 1 manual.
    white_balance: i32 = int("WhiteBalance");
    /// 0 standard, 1 landscape, 2 portrait, 3 night.
    scene_capture_type: i32 = int("SceneCaptureType");
    /// Brightness as an APEX value, EV.
    brightness_value: f64 = number("BrightnessValue");
    /// The lens's smallest f-number as an APEX value.
    max_aperture_value: f64 = number("MaxApertureValue");
    /// 0 unknown, 1 daylight, 2 fluorescent, 3 tungsten, 4 flash, 9 fine weather, 10 cloudy, ...
    light_source: i32 = int("LightSource");
    /// 2 one-chip colour sensor, 3 two-chip, 4 three-chip, ...
    sensing_method: i32 = int("SensingMethod");
    /// Focal length of a lens with the same view on 35 mm film, millimetres.
    #[graphql(name = "focalLengthIn35mmFormat")]
    focal_length_in_35mm_format: i32 = int("FocalLengthIn35mmFormat");
    /// Distance of the subject, metres.
    subject_distance: f64 = number("SubjectDistance");
    /// Digital zoom: 0 where it was not used.
    digital_zoom_ratio: f64 = number("DigitalZoomRatio");
    /// The maker of the lens.
    lens_make: &'a str = text("LensMake");
    /// The lens's model.
    lens_model: &'a str = text("LensModel");
    /// A remark of the photographer's, decoded by its character code.
    user_comment: &'a str = text("UserComment");
    /// 1 a directly photographed picture, where the file states it as text.
    scene_type: &'a str = text("SceneType");
    /// Offset from UTC of `modifyDate`, such as `+05:30`.
    offset_time: &'a str = text("OffsetTime");
    /// Offset from UTC of `dateTimeOriginal`, such as `+05:30`.
    offset_time_original: &'a str = text("OffsetTimeOriginal");
    /// Offset from UTC of `createDate`, such as `+05:30`.
    offset_time_digitized: &'a str = text("OffsetTimeDigitized");
}

exif_group! {
    /// Tags of where the picture was taken (GPS IFD). Null where a tag is absent.
    ExifGps
    /// The version of the GPS tags, four numbers: `[2, 3, 0, 0]` is 2.3.
    #[graphql(name = "gpsVersionId")]
    gps_version_id: Vec<Option<f64>> = numbers("GPSVersionID");
    /// `N` north or `S` south.
    gps_latitude_ref: &'a str = text("GPSLatitudeRef");
    /// Degrees, minutes, seconds; a part that the file leaves undefined is null.
    gps_latitude: Vec<Option<f64>> = numbers("GPSLatitude");
    /// `E` east or `W` west.
    gps_longitude_ref: &'a str = text("GPSLongitudeRef");
    /// Degrees, minutes, seconds; a part that the file leaves undefined is null.
    gps_longitude: Vec<Option<f64>> = numbers("GPSLongitude");
    /// 0 above sea level, 1 below.
    gps_altitude_ref: i32 = int("GPSAltitudeRef");
    /// Metres from sea level.
    gps_altitude: f64 = number("GPSAltitude");
    /// Hours, minutes, seconds, UTC.
    gps_time_stamp: Vec<Option<f64>> = numbers("GPSTimeStamp");
    /// `YYYY:MM:DD`, UTC.
    gps_date_stamp: &'a str = text("GPSDateStamp");
    /// `T` true north or `M` magnetic north.
    gps_img_direction_ref: &'a str = text("GPSImgDirectionRef");
    /// Where the camera looked, degrees from north.
    gps_img_direction: f64 = number("GPSImgDirection");
    /// `K` kilometres an hour, `M` miles an hour, `N` knots.
    gps_speed_ref: &'a str = text("GPSSpeedRef");
    /// Speed of the camera in the unit of `gpsSpeedRef`.
    gps_speed: f64 = number("GPSSpeed");
    /// The geodetic datum, such as `WGS-84`.
    gps_map_datum: &'a str = text("GPSMapDatum");
}

exif_group! {
    /// Tags of how the file relates to others (interoperability IFD). Null where a tag is absent.
    ExifInteroperability
    /// The rule that the file follows: `R98` DCF basic, `R03` DCF option, `THM` DCF thumbnail.
    interop_index: &'a str = text("InteropIndex");
    /// The version of the rule, four digits.
    interop_version: &'a str = text("InteropVersion");
    /// Pixels from left to right of the related picture.
    related_image_width: i32 = int("RelatedImageWidth");
    /// Pixels from top to bottom of the related picture.
    related_image_height: i32 = int("RelatedImageHeight");
}
