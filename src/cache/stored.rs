//! An [`Entry`] as bytes that other replicas read: compact, and of a version that stands in the key.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Entry;
use crate::metadata::{
    Checksum, Colours, Extras, Fact, Metadata, Origin, PHash, PictureText, Question, Version, Video,
};

/// To be raised with every change of what is stored here.
pub const VERSION: u32 = 4;

#[derive(Serialize, Deserialize)]
struct Stored {
    /// The first two bytes: Redis compares them.
    answered: Question,
    /// Milliseconds.
    fresh_for: u64,
    facts: Option<Facts>,
}

/// Postcard does not describe itself, so what has the form of JSON is stored as JSON.
#[derive(Serialize, Deserialize)]
struct Facts {
    origin: Origin,
    path: Option<String>,
    width: Option<u64>,
    height: Option<u64>,
    size: Option<u64>,
    format: Option<String>,
    has_color_profile: Option<bool>,
    quality: Option<i64>,
    jpeg_quality: Option<u8>,
    density: Option<u64>,
    has_transparency: Option<bool>,
    p_hash: Option<PHash>,
    exif: Option<String>,
    video: Option<Video>,
    extras: StoredExtras,
    verbatim: Option<String>,
    version: Version,
}

#[derive(Serialize, Deserialize)]
struct StoredExtras {
    is_opaque: Option<bool>,
    colours: Option<Colours>,
    frames: Option<u64>,
    checksum: Option<Checksum>,
    text: Option<PictureText>,
}

/// `None` for what is not for others: an entry with a fact that could not be had.
pub fn to_bytes(entry: &Entry) -> Option<Vec<u8>> {
    let facts = match &entry.metadata {
        Some(metadata) => Some(facts(metadata)?),
        None => None,
    };
    let fresh_for = entry.fresh_for.as_millis().try_into().ok()?;
    postcard::to_stdvec(&Stored { answered: entry.answered, fresh_for, facts }).ok()
}

/// `None` for what nobody of ours has written. Its age is told by the time that it has left in all, `kept_for` after it
/// was fresh: the clocks of two machines differ.
pub fn from_bytes(bytes: &[u8], time_left: Duration, kept_for: Duration) -> Option<Entry> {
    let stored: Stored = postcard::from_bytes(bytes).ok()?;
    let metadata = match stored.facts {
        Some(facts) => Some(Arc::new(metadata(facts)?)),
        None => None,
    };
    let fresh_for = Duration::from_millis(stored.fresh_for);
    let age = fresh_for.saturating_add(kept_for).saturating_sub(time_left);
    let asked = SystemTime::now().checked_sub(age)?;
    Some(Entry { answered: stored.answered, metadata, asked, fresh_for })
}

fn facts(metadata: &Metadata) -> Option<Facts> {
    if metadata.failure().is_some() {
        return None;
    }
    Some(Facts {
        origin: metadata.origin,
        path: metadata.path.clone(),
        width: known(&metadata.width),
        height: known(&metadata.height),
        size: known(&metadata.size),
        format: metadata.format.clone(),
        has_color_profile: metadata.has_color_profile,
        quality: metadata.quality,
        jpeg_quality: metadata.jpeg_quality,
        density: metadata.density,
        has_transparency: metadata.has_transparency,
        p_hash: known(&metadata.p_hash),
        exif: metadata.exif.as_ref().map(serde_json::to_string).transpose().ok()?,
        video: metadata.video.clone(),
        extras: StoredExtras::from(&metadata.extras),
        verbatim: metadata.verbatim.as_ref().map(serde_json::to_string).transpose().ok()?,
        version: metadata.version.clone(),
    })
}

fn metadata(facts: Facts) -> Option<Metadata> {
    Some(Metadata {
        origin: facts.origin,
        path: facts.path,
        width: facts.width.map(Ok),
        height: facts.height.map(Ok),
        size: facts.size.map(Ok),
        format: facts.format,
        has_color_profile: facts.has_color_profile,
        quality: facts.quality,
        jpeg_quality: facts.jpeg_quality,
        density: facts.density,
        has_transparency: facts.has_transparency,
        p_hash: facts.p_hash.map(Ok),
        exif: parse(facts.exif)?,
        video: facts.video,
        extras: facts.extras.into(),
        verbatim: parse(facts.verbatim)?,
        version: facts.version,
        withheld: Vec::new(),
        no_store: false,
    })
}

impl From<&Extras> for StoredExtras {
    fn from(extras: &Extras) -> Self {
        Self {
            is_opaque: known(&extras.is_opaque),
            colours: known(&extras.colours),
            frames: known(&extras.frames),
            checksum: known(&extras.checksum),
            text: known(&extras.text),
        }
    }
}

impl From<StoredExtras> for Extras {
    fn from(stored: StoredExtras) -> Self {
        Self {
            is_opaque: stored.is_opaque.map(Ok),
            colours: stored.colours.map(Ok),
            frames: stored.frames.map(Ok),
            checksum: stored.checksum.map(Ok),
            text: stored.text.map(Ok),
        }
    }
}

fn known<T: Clone>(fact: &Fact<T>) -> Option<T> {
    fact.as_ref()?.as_ref().ok().cloned()
}

fn parse<T: DeserializeOwned>(json: Option<String>) -> Option<Option<T>> {
    json.map(|json| serde_json::from_str(&json)).transpose().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::error::Error;
    use crate::metadata::colours::Blur;
    use crate::metadata::{Colour, Exif, ExtraSet, Level, Swatch, TagGroup};

    const HOUR: Duration = Duration::from_secs(3_600);

    fn of_a_picture() -> Metadata {
        let tags = json!({"Model": "b", "Make": "a", "XResolution": 72.5, "Null": null});
        let image = TagGroup(tags.as_object().unwrap().clone());
        Metadata {
            origin: Origin::Engine,
            path: None,
            width: Some(Ok(700)),
            height: Some(Ok(500)),
            size: Some(Ok(5_000_000_000)),
            format: Some("jpg".to_owned()),
            has_color_profile: Some(true),
            quality: Some(0),
            jpeg_quality: Some(85),
            density: None,
            has_transparency: Some(false),
            p_hash: Some(Ok(PHash::new(0xf068_30ca_9f1e_3e90))),
            exif: Some(Exif { image, ..Exif::default() }),
            video: Some(Video { duration: Some(7.5), ..Video::default() }),
            extras: Extras {
                is_opaque: Some(Ok(true)),
                colours: Some(Ok(of_colours())),
                frames: Some(Ok(3)),
                checksum: Some(Ok(Checksum([7; 32]))),
                text: Some(Ok(PictureText { keywords: vec!["a".to_owned()], ..PictureText::default() })),
            },
            verbatim: None,
            version: Version { etag: Some("\"a\"".to_owned()), last_modified: None },
            withheld: Vec::new(),
            no_store: false,
        }
    }

    fn of_colours() -> Colours {
        let swatch = Swatch { colour: Colour([1, 2, 3]), share: 0.75 };
        Colours {
            palettes: vec![vec![swatch], vec![swatch; 2]],
            blur: Blur { mean: Colour([4, 5, 6]), waves: vec![[0.5, -0.25, 0.0]; 2] },
            thumb_hash: vec![7; 25],
            preview: vec![8; 30],
        }
    }

    fn entry(metadata: Metadata) -> Entry {
        let (answered, metadata) =
            (Question::from(Level::Exif).and(ExtraSet::OPACITY), Some(Arc::new(metadata)));
        Entry { answered, metadata, asked: SystemTime::now(), fresh_for: HOUR }
    }

    #[test]
    fn an_entry_is_the_same_afterwards_and_as_old_as_its_time_left_says() {
        let bytes = to_bytes(&entry(of_a_picture())).unwrap();
        assert!(bytes.len() < 400, "{} bytes", bytes.len());
        let back = from_bytes(&bytes, HOUR + HOUR / 4, HOUR).unwrap();
        assert_eq!(bytes[..2], [Level::Exif as u8, ExtraSet::OPACITY.bits()], "which Redis compares");
        assert_eq!(
            (back.answered, back.fresh_for),
            (Question::from(Level::Exif).and(ExtraSet::OPACITY), HOUR)
        );
        assert_eq!(back.metadata.as_deref(), Some(&of_a_picture()));
        assert!(back.is_fresh() && back.age() >= 3 * HOUR / 4);
        assert!(!from_bytes(&bytes, HOUR / 2, HOUR).unwrap().is_fresh());
    }

    #[test]
    fn what_could_not_be_had_is_not_for_others() {
        let damaged = Metadata { p_hash: Some(Err(Error::CorruptImage("cut"))), ..of_a_picture() };
        assert_eq!(to_bytes(&entry(damaged)), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>, cut: usize, left: u64) {
            let _ = from_bytes(&bytes, Duration::from_millis(left), HOUR);
            let mut ours = to_bytes(&entry(of_a_picture())).unwrap();
            let place = cut % ours.len();
            ours.truncate(place);
            ours.extend(bytes);
            let _ = from_bytes(&ours, Duration::from_millis(left), HOUR);
        }
    }
}
