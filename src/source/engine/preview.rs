//! A small file that shows a picture, and says nothing of the one that it was made of.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageResult};
use tokio::task::spawn_blocking;

use super::Engine;
use super::pixels::View;
use super::pixels::thumbnail::Thumbnail;
use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Level};

/// As libjpeg counts. What is 100 pixels wide takes some 3 KiB.
const QUALITY: u8 = 80;
const NOT_DRAWN: Error = Error::UnsupportedFormat("drawing it");

/// A JPEG; of what lets anything through, a PNG.
pub struct Preview {
    /// `image/jpeg` or `image/png`.
    pub media_type: &'static str,
    pub file: Vec<u8>,
    /// Nobody may keep it.
    pub no_store: bool,
}

impl Engine {
    /// Of an image, upright, and 480 pixels wide or high at most.
    pub async fn preview(&self, image: &ImageRef) -> Result<Preview> {
        self.drawn(image).await.map_err(|error| match error {
            // Not of what a decoder serves as well: nobody asked for a pHash.
            Error::UnsupportedFormat(_) => NOT_DRAWN,
            other => other,
        })
    }

    async fn drawn(&self, image: &ImageRef) -> Result<Preview> {
        let _permit = self.loads(image).acquire().await?;
        let started = self.start(image, Level::Pixels.into(), None).await?.ok_or(Error::Internal)?;
        let (mut body, header) = self.header(started, Level::Pixels).await?;
        let no_store = body.no_store();
        let picture = self.look_at(&mut body, &header, View::Preview).await?;
        let thumbnail = picture.thumbnail.ok_or(Error::Internal)?;
        // It takes some milliseconds. Behind all who wait to decode nobody would have an answer before all had been decoded.
        let encoded = spawn_blocking(move || encoded(&thumbnail));
        let (media_type, file) = encoded.await.ok().and_then(Result::ok).ok_or(Error::Internal)?;
        Ok(Preview { media_type, file, no_store })
    }
}

/// Its media type, and its bytes.
pub fn encoded(thumbnail: &Thumbnail) -> ImageResult<(&'static str, Vec<u8>)> {
    let (width, height) = (thumbnail.width as u32, thumbnail.height as u32);
    let mut file = Vec::new();
    if thumbnail.pixels.iter().all(|[.., alpha]| *alpha == u8::MAX) {
        let rgb: Vec<u8> = thumbnail.pixels.iter().flat_map(|[rgb @ .., _]| *rgb).collect();
        let encoder = JpegEncoder::new_with_quality(&mut file, QUALITY);
        encoder.write_image(&rgb, width, height, ExtendedColorType::Rgb8)?;
        return Ok(("image/jpeg", file));
    }
    let rgba = thumbnail.pixels.as_flattened();
    PngEncoder::new(&mut file).write_image(rgba, width, height, ExtendedColorType::Rgba8)?;
    Ok(("image/png", file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_opaque_is_a_jpeg_and_else_a_png() {
        let of =
            |alpha| Thumbnail { width: 2, height: 1, pixels: vec![[200, 90, 30, 255], [1, 2, 3, alpha]] };
        assert_eq!(encoded(&of(255)).unwrap().1[..2], [0xFF, 0xD8]);
        assert_eq!(encoded(&of(7)).unwrap().1[..4], *b"\x89PNG");
    }
}
