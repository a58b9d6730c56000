//! What was read of a file -> its metadata.

use super::contents::Contents;
use super::header::Header;
use super::pixels::Picture;
use crate::error::{Error, Result};
use crate::metadata::{Colours, ExtraSet, Extras, Fact, Level, Metadata, Origin, Question, Version};

/// Without its path and version, which are not in the file.
pub fn facts(header: Header, question: Question, size: Fact<u64>, contents: Contents) -> Metadata {
    let (width, height) = match header.dimensions {
        Ok((width, height)) => (Ok(width), Ok(height)),
        Err(error) => (Err(error.clone()), Err(error)),
    };
    // Of a file that could not be read through, what was not found may still be there.
    let stated = |found: bool| (found || width.is_ok()).then_some(found);
    Metadata {
        origin: Origin::Engine,
        path: None,
        has_color_profile: stated(header.has_color_profile),
        has_transparency: stated(header.has_alpha).filter(|_| question.level >= Level::Frames),
        width: Some(width),
        height: Some(height),
        size,
        format: Some(header.format.name().to_owned()),
        // As ImageKit prints it for every example it gives; the estimate is a fact of another name.
        quality: Some(0),
        jpeg_quality: header.jpeg_quality,
        density: header.density,
        p_hash: contents.picture.clone().map(|picture| picture.map(|picture| picture.p_hash)),
        exif: header.exif,
        video: None,
        extras: extras(header.has_alpha, question.extras, contents),
        verbatim: None,
        version: Version::default(),
        withheld: Vec::new(),
        no_store: false,
    }
}

fn extras(has_alpha: bool, asked: ExtraSet, contents: Contents) -> Extras {
    Extras {
        colours: contents.picture.clone().filter(|_| asked.contains(ExtraSet::COLOURS)).and_then(colours),
        // What has no alpha channel needs no look.
        is_opaque: match contents.picture {
            Some(_) if !has_alpha => Some(Ok(true)),
            picture => picture.map(|picture| picture.map(|picture| picture.is_opaque)),
        },
        frames: contents.frames,
        checksum: contents.checksum,
        text: contents.text,
    }
}

fn colours(picture: Result<Picture>) -> Fact<Colours> {
    match picture {
        Ok(picture) => picture.colours.map(Ok),
        Err(Error::UnsupportedFormat(_)) => Some(Err(Error::UnsupportedFormat("telling colours"))),
        Err(error) => Some(Err(error)),
    }
}
