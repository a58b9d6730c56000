//! `Image` and its fields.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::colours::{self, Swatch};
use super::error::{field, int, to_int};
use super::exif::Exif;
use super::facts::{Camera, Captured, Exposure, Location, PictureText, Withheld};
use super::loader;
use super::scalar::{Color, PHash, Url};
use super::similarity::{self, Similarity, SimilarityTarget};
use crate::metadata::colours::USUAL_COLOURS;
use crate::metadata::{self, ExtraSet, Fact, ImageRef, Metadata, Origin, media_type};

/// Of a BlurHash that says nothing of it, along x and y.
const BLUR_COMPONENTS: (i32, i32) = (4, 3);

/// An [`ImageRef`] with its answer.
#[derive(Clone)]
pub struct Image {
    image: ImageRef,
    metadata: Arc<Metadata>,
}

/// Who said so.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum Source {
    /// ImageKit's metadata API.
    #[graphql(name = "IMAGEKIT")]
    ImageKit,
    /// The gateway's own engine, from the bytes of the file.
    Engine,
}

impl From<Origin> for Source {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::ImageKit => Self::ImageKit,
            Origin::Engine => Self::Engine,
        }
    }
}

/// A size in pixels as a viewer shows it.
#[derive(SimpleObject)]
pub struct Dimensions {
    /// Pixels from left to right, as shown.
    width: i32,
    /// Pixels from top to bottom, as shown.
    height: i32,
    /// EXIF's orientation, 1 to 8, that leads from the stored picture to the one shown; null where none is stated.
    orientation: Option<i32>,
}

pub struct Video(metadata::Video);

/// An image and what is known of it.
///
/// Facts carry ImageKit's names and meaning. A fact that does not exist for an image is null; one that should
/// exist and cannot be had (a truncated file has a width but no pHash) is null with an error of its own.
#[Object]
impl Image {
    /// File id of a library image, URL of a remote one: unique, so client caches can key on it.
    pub async fn id(&self) -> ID {
        ID::from(self.image.id())
    }

    /// Where a remote image is; null for one of the library.
    async fn url(&self) -> Option<Url> {
        self.address().map(|url| Url(url.to_owned()))
    }

    /// The name of the file: the last part of its path or URL.
    async fn name(&self) -> Option<String> {
        self.file_name().map(Cow::into_owned)
    }

    /// The path below the media library, with `/` between its parts; null for a remote image and where
    /// ImageKit keeps the library.
    async fn path(&self) -> Option<&str> {
        self.metadata.path.as_deref()
    }

    /// Who said so.
    async fn source(&self) -> Source {
        self.metadata.origin.into()
    }

    /// Pixels from left to right, as stored: before EXIF orientation. Those of AVIF, HEIC and JPEG XL, which turn pictures
    /// themselves, as shown.
    async fn width(&self) -> Option<Result<i32>> {
        int(self.metadata.width.clone())
    }

    /// Pixels from top to bottom, as stored: before EXIF orientation. Those of AVIF, HEIC and JPEG XL, which turn pictures
    /// themselves, as shown.
    async fn height(&self) -> Option<Result<i32>> {
        int(self.metadata.height.clone())
    }

    /// Bytes of the file as stored.
    async fn size(&self) -> Option<Result<i32>> {
        int(self.metadata.size.clone())
    }

    /// ImageKit's short name of the format: `jpg`, `png`, `gif`, `webp`, `avif`, `heic`, `tiff`, `bmp`, `svg`,
    /// `ico`, `jxl`. The engine decides by the first bytes of the file, never by its name.
    async fn format(&self) -> Option<&str> {
        self.metadata.format.as_deref()
    }

    /// The media type that belongs to `format`, such as `image/jpeg`.
    async fn mime_type(&self) -> Option<&'static str> {
        media_type(self.metadata.format.as_deref()?)
    }

    /// An ICC colour profile is embedded.
    async fn has_color_profile(&self) -> Option<bool> {
        self.metadata.has_color_profile
    }

    /// ImageKit's figure, 0 to 100; 0 where the file does not state one.
    async fn quality(&self) -> Option<i32> {
        self.metadata.quality?.try_into().ok()
    }

    /// Pixels per inch.
    async fn density(&self) -> Option<Result<i32>> {
        int(self.metadata.density.map(Ok))
    }

    /// The image has an alpha channel; whether any pixel is transparent is another question.
    async fn has_transparency(&self) -> Option<bool> {
        self.metadata.has_transparency
    }

    /// The perceptual hash: pictures that look alike have hashes that differ in few bits.
    async fn p_hash(&self) -> Option<Result<PHash>> {
        field(self.metadata.p_hash.clone().map(|hash| hash.map(PHash::from)))
    }

    /// When the picture was taken; null where EXIF states no date that is one.
    async fn captured(&self) -> Option<Captured> {
        self.metadata.captured().map(Captured::from)
    }

    /// Where the picture was taken; null where EXIF does not state it in full, and at 0, 0, which devices write that know no
    /// place.
    async fn location(&self) -> Option<Location> {
        self.metadata.location().map(Location::from)
    }

    /// What the picture was taken with; null where EXIF does not state it.
    async fn camera(&self) -> Option<Camera> {
        self.metadata.camera().map(Camera::from)
    }

    /// How the picture was exposed; null where EXIF does not state it.
    async fn exposure(&self) -> Option<Exposure> {
        self.metadata.exposure().map(Exposure::from)
    }

    /// Words that the picture carries; null where there are none. In front of ImageKit the engine looks for XMP and IPTC in the
    /// file; where that is switched off they are those of EXIF.
    async fn text(&self) -> Option<Result<PictureText>> {
        field(self.metadata.text().map(|text| text.map(PictureText::from)))
    }

    /// What the file states and whoever asks may not see, here and in `exif` and `raw`: such facts are null, such tags are left
    /// out. `extensions.withheld` of an answer that has to do with EXIF names it too.
    async fn withheld(&self) -> Vec<Withheld> {
        self.metadata.withheld.iter().copied().map(Withheld::from).collect()
    }

    /// No pixel lets anything through, whatever channels there are; of an animation, in its first frame. In front of
    /// ImageKit, which does not state it, the engine looks at the file; null where that is switched off and for videos.
    async fn is_opaque(&self, ctx: &Context<'_>) -> Option<Result<bool>> {
        field(self.opacity(ctx).await)
    }

    /// The EXIF tags; null for an image without EXIF.
    async fn exif(&self) -> Option<Exif<'_>> {
        self.metadata.exif.as_ref().map(Exif)
    }

    /// How alike two images look, by the Hamming distance of their pHashes.
    async fn similarity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to compare with.")] to: SimilarityTarget,
    ) -> Option<Result<Similarity>> {
        similarity::compare(ctx, self.metadata.p_hash.clone(), to).await
    }

    /// What ImageKit says of a video; null for a picture.
    async fn video(&self) -> Option<Video> {
        self.metadata.video.clone().map(Video)
    }

    /// Width divided by height, as shown: after EXIF orientation.
    async fn aspect_ratio(&self) -> Option<Result<f64>> {
        field(self.metadata.aspect_ratio())
    }

    /// Size as shown: after EXIF orientation, which swaps width and height where it is 5 to 8.
    async fn display(&self) -> Option<Result<Dimensions>> {
        let orientation = self.metadata.orientation().map(i32::from);
        let dimensions =
            |(width, height)| Ok(Dimensions { width: to_int(width)?, height: to_int(height)?, orientation });
        field(self.metadata.shown().map(|size| size.and_then(dimensions)))
    }

    /// Frames of an animation or pages of a document; 1 for any other picture. Of most formats the first bytes tell; a GIF,
    /// an animated WebP and a TIFF of several pages are read through. Null for videos, and where ImageKit is the source and
    /// the engine is switched off.
    async fn frames(&self) -> Option<Result<i32>> {
        int(self.metadata.extras.frames.clone())
    }

    /// The colour that most of the picture is like: the first of `palette(colors: 5)`. Of an animation the first frame is looked
    /// at, for this and all that follows from colours. Null where all of it is clear, for videos, and where ImageKit is the
    /// source and the engine is switched off.
    async fn dominant_color(&self) -> Option<Result<Color>> {
        colours::dominant(&self.metadata.extras.colours)
    }

    /// The colours of the picture, the most frequent first; fewer where there are not so many that can be told apart. Null as
    /// `dominantColor`, but an empty list where all is clear.
    async fn palette(
        &self,
        #[graphql(desc = "How many colours, 1 to 16.", default_with = "Some(USUAL_COLOURS as i32)")]
        colors: Option<i32>,
    ) -> Option<Result<Vec<Swatch>>> {
        colours::palette(&self.metadata.extras.colours, colors.unwrap_or(USUAL_COLOURS as i32))
    }

    /// A BlurHash (https://blurha.sh) of the picture as shown, that is after EXIF orientation. What is clear has the mean
    /// colour. Null as `dominantColor`.
    async fn blur_hash(
        &self,
        #[graphql(desc = "Components from left to right, 1 to 9.", default_with = "Some(BLUR_COMPONENTS.0)")]
        x: Option<i32>,
        #[graphql(desc = "Components from top to bottom, 1 to 9.", default_with = "Some(BLUR_COMPONENTS.1)")]
        y: Option<i32>,
    ) -> Option<Result<String>> {
        let components = (x.unwrap_or(BLUR_COMPONENTS.0), y.unwrap_or(BLUR_COMPONENTS.1));
        colours::blur_hash(&self.metadata.extras.colours, components)
    }

    /// A ThumbHash (https://evanw.github.io/thumbhash) of the picture as shown, in base64. It tells the aspect ratio and alpha
    /// as well. Null as `dominantColor`.
    async fn thumb_hash(&self) -> Option<Result<String>> {
        colours::thumb_hash(&self.metadata.extras.colours)
    }

    /// A tiny preview of the picture as shown, 16 pixels wide or high, to be stretched and blurred: a PNG in a `data:` URI, of
    /// some 800 bytes, 2,048 at most. Null as `dominantColor`.
    async fn lqip(&self) -> Option<Result<String>> {
        colours::preview(&self.metadata.extras.colours)
    }

    /// SHA-256 of the bytes of the file as stored, 64 lower-case hexadecimal digits: equal for equal files. The whole file is
    /// read for it. Null for videos, and where ImageKit is the source and the engine is switched off.
    async fn checksum(&self) -> Option<Result<String>> {
        field(self.metadata.extras.checksum.clone().map(|sum| sum.map(|sum| sum.to_string())))
    }

    /// The whole metadata object as ImageKit prints it.
    async fn raw(&self) -> Option<Value> {
        Some(Value::Object(self.metadata.to_json()))
    }
}

/// What ImageKit says of a video.
#[Object]
impl Video {
    /// Seconds.
    async fn duration(&self) -> Option<f64> {
        self.0.duration
    }

    /// Bits per second.
    async fn bit_rate(&self) -> Option<i32> {
        self.0.bit_rate?.try_into().ok()
    }

    /// Short name of the audio codec, such as `aac`.
    async fn audio_codec(&self) -> Option<&str> {
        self.0.audio_codec.as_deref()
    }

    /// Short name of the video codec, such as `h264`.
    async fn video_codec(&self) -> Option<&str> {
        self.0.video_codec.as_deref()
    }
}

impl Image {
    /// As it was asked for.
    pub fn asked(&self) -> &ImageRef {
        &self.image
    }

    /// The URL of a remote image.
    pub fn address(&self) -> Option<&str> {
        match &self.image {
            ImageRef::Url(url) => Some(url),
            ImageRef::File(_) => None,
        }
    }

    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    pub fn file_name(&self) -> Option<Cow<'_, str>> {
        match &self.image {
            ImageRef::Url(url) => name_in_url(url).map(Cow::Owned),
            ImageRef::File(_) => self.metadata.path.as_deref()?.rsplit('/').next().map(Cow::Borrowed),
        }
    }

    pub fn new(image: ImageRef, metadata: Arc<Metadata>) -> Self {
        Self { image, metadata }
    }

    /// Whether no pixel lets anything through, looked at where it is not known yet.
    pub async fn opacity(&self, ctx: &Context<'_>) -> Fact<bool> {
        // What has no alpha channel needs no look at its pixels.
        if self.metadata.has_transparency == Some(false) && self.metadata.video.is_none() {
            return Some(Ok(true));
        }
        if let Some(known) = &self.metadata.extras.is_opaque {
            return Some(known.clone());
        }
        let known = loader::load(ctx, self.image.clone(), ExtraSet::OPACITY).await;
        known.map(|known| known.extras.is_opaque.clone()).unwrap_or_else(|error| Some(Err(error)))
    }
}

fn name_in_url(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let name = url.path_segments()?.next_back().filter(|name| !name.is_empty())?;
    Some(percent_decode_str(name).decode_utf8_lossy().into_owned())
}
