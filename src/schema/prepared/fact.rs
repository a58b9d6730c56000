//! A field of `Image` -> how it is read. That is what `image.rs` says of the field with the same name, and a test asks both.

use super::leaf::Leaf;
use crate::error::Result;
use crate::metadata::{Fact, Origin, media_type};
use crate::schema::image::Image;

/// Reads a fact of an image.
pub type Read = for<'a> fn(&'a Image) -> Result<Leaf<'a>>;

/// What reads this field; `None` of one that takes arguments, has fields below it, or has to be looked for.
pub fn read(field: &str) -> Option<Read> {
    Some(match field {
        "__typename" => |_| Ok("Image".into()),
        "id" => |image| Ok(image.asked().id().into()),
        "url" => |image| Ok(image.address().into()),
        "name" => |image| Ok(image.file_name().into()),
        "path" => |image| Ok(image.metadata().path.as_deref().into()),
        "source" => |image| Ok(source(image.metadata().origin).into()),
        "width" => |image| number(&image.metadata().width),
        "height" => |image| number(&image.metadata().height),
        "size" => |image| number(&image.metadata().size),
        "format" => |image| Ok(image.metadata().format.as_deref().into()),
        "mimeType" => |image| Ok(image.metadata().format.as_deref().and_then(media_type).into()),
        "hasColorProfile" => |image| Ok(image.metadata().has_color_profile.into()),
        "quality" => {
            |image| Ok(image.metadata().quality.and_then(|figure| i32::try_from(figure).ok()).into())
        }
        "density" => |image| number(&image.metadata().density.map(Ok)),
        "hasTransparency" => |image| Ok(image.metadata().has_transparency.into()),
        "pHash" => |image| told(&image.metadata().p_hash, |hash| Ok(Leaf::PHash(*hash))),
        "aspectRatio" => |image| told(&image.metadata().aspect_ratio(), |ratio| Ok(Leaf::Float(*ratio))),
        "frames" => |image| number(&image.metadata().extras.frames),
        "checksum" => |image| told(&image.metadata().extras.checksum, |sum| Ok(sum.to_string().into())),
        _ => return None,
    })
}

fn source(origin: Origin) -> &'static str {
    match origin {
        Origin::ImageKit => "IMAGEKIT",
        Origin::Engine => "ENGINE",
    }
}

fn number(fact: &Fact<u64>) -> Result<Leaf<'static>> {
    told(fact, |number| Leaf::int(*number))
}

fn told<T>(fact: &Fact<T>, tell: impl FnOnce(&T) -> Result<Leaf<'static>>) -> Result<Leaf<'static>> {
    match fact {
        None => Ok(Leaf::Null),
        Some(Ok(fact)) => tell(fact),
        Some(Err(error)) => Err(error.clone()),
    }
}
