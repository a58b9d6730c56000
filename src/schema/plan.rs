//! What a selection wants to know, of which images, before anything is loaded.
//!
//! The images that a request touches stand in its arguments, so all of them are found by walking the
//! selection once: the image asked for, those it is compared with, those they are compared with.

use std::collections::HashMap;

use async_graphql::{Name, SelectionField, Value};

use crate::metadata::{ExtraSet, ImageRef, Level, Question};

/// What is wanted of each image.
pub type Wants = HashMap<ImageRef, Question>;

/// Adds what the selection below `field`, a field of type `Image`, wants of `image`.
pub fn gather(field: SelectionField<'_>, image: ImageRef, wants: &mut Wants) {
    let mut wanted = Question::from(Level::Header);
    for fact in field.selection_set() {
        wanted = wanted.and(question_of(fact.name()));
        if let Some(target) = comparison_target(fact) {
            want(wants, target.clone(), Level::Pixels);
            fact.selection_set().filter(|inner| inner.name() == "with").for_each(|with| {
                gather(with, target.clone(), wants);
            });
        }
    }
    want(wants, image, wanted);
}

/// Adds one image, or more that is wanted of it.
pub fn want(wants: &mut Wants, image: ImageRef, question: impl Into<Question>) {
    let question = question.into();
    let wanted = wants.entry(image).or_insert(question);
    *wanted = wanted.and(question);
}

/// What a field of `Image` is an answer to.
pub fn question_of(field: &str) -> Question {
    match field {
        "pHash" | "similarity" | "raw" => Level::Pixels.into(),
        // What is shown depends on EXIF's orientation.
        "exif" | "display" | "aspectRatio" => Level::Exif.into(),
        "captured" | "location" | "camera" | "exposure" | "withheld" => Level::Exif.into(),
        // Where XMP and IPTC say nothing, EXIF does.
        "text" => Question::from(ExtraSet::TEXT).and(Level::Exif),
        // Only what has an alpha channel is then looked at.
        "hasTransparency" | "isOpaque" => Level::Frames.into(),
        "size" => Level::Size.into(),
        "dominantColor" | "palette" | "blurHash" | "thumbHash" | "lqip" => ExtraSet::COLOURS.into(),
        "frames" => ExtraSet::FRAMES.into(),
        "checksum" => ExtraSet::CHECKSUM.into(),
        _ => Level::Header.into(),
    }
}

/// The image that a `similarity(to:)` compares with; none where a bare pHash is given.
fn comparison_target(field: SelectionField<'_>) -> Option<ImageRef> {
    if field.name() != "similarity" {
        return None;
    }
    let arguments = field.arguments().ok()?;
    let (_, to) = arguments.into_iter().find(|(name, _)| name == "to")?;
    match to {
        Value::Object(target) => target.into_iter().find_map(image_of),
        _ => None,
    }
}

/// What a member of `ImageInput` says.
pub fn image_of((kind, value): (Name, Value)) -> Option<ImageRef> {
    match (kind.as_str(), value) {
        ("file", Value::String(id)) => Some(ImageRef::File(id)),
        ("file", Value::Number(id)) => Some(ImageRef::File(id.to_string())),
        ("url", Value::String(url)) => Some(ImageRef::Url(url)),
        _ => None,
    }
}
