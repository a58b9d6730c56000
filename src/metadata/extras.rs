use super::{Checksum, Colours, ExtraSet, Fact, PictureText, failure};
use crate::error::Error;

/// Facts that ImageKit does not state: in front of it the engine finds them in the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extras {
    /// No pixel lets anything through; of an animation, of the first frame.
    pub is_opaque: Fact<bool>,
    /// Of an animation those of the first frame.
    pub colours: Fact<Colours>,
    /// Frames of an animation, pages of a document, else 1.
    pub frames: Fact<u64>,
    pub checksum: Fact<Checksum>,
    /// What XMP and IPTC say; empty where they say nothing.
    pub text: Fact<PictureText>,
}

impl Extras {
    /// Each of these could not be had.
    pub fn lacking(extras: ExtraSet, error: &Error) -> Self {
        Self {
            is_opaque: lacks(extras, ExtraSet::OPACITY, error),
            colours: lacks(extras, ExtraSet::COLOURS, error),
            frames: lacks(extras, ExtraSet::FRAMES, error),
            checksum: lacks(extras, ExtraSet::CHECKSUM, error),
            text: lacks(extras, ExtraSet::TEXT, error),
        }
    }

    /// With what the other knows of what this one does not.
    pub fn or(self, other: &Self) -> Self {
        Self {
            is_opaque: self.is_opaque.or_else(|| other.is_opaque.clone()),
            colours: self.colours.or_else(|| other.colours.clone()),
            frames: self.frames.or_else(|| other.frames.clone()),
            checksum: self.checksum.or_else(|| other.checksum.clone()),
            text: self.text.or_else(|| other.text.clone()),
        }
    }

    pub(super) fn failures(&self) -> impl Iterator<Item = &Error> {
        let of_pixels = [failure(&self.is_opaque), failure(&self.colours)];
        let of_bytes = [failure(&self.frames), failure(&self.checksum), failure(&self.text)];
        of_pixels.into_iter().chain(of_bytes).flatten()
    }

    /// Bytes of memory beside its own.
    pub(super) fn footprint(&self) -> usize {
        let words = self.words().map(|word| size_of::<String>() + word.capacity());
        self.colours.iter().flatten().map(Colours::footprint).chain(words).sum()
    }

    pub(super) fn words(&self) -> impl Iterator<Item = &String> {
        self.text.iter().flatten().flat_map(PictureText::words)
    }
}

fn lacks<T>(extras: ExtraSet, one: ExtraSet, error: &Error) -> Fact<T> {
    extras.contains(one).then(|| Err(error.clone()))
}
