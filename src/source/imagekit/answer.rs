//! ImageKit's JSON -> [`Metadata`]. Every property is optional, unknown ones are kept, a property of an
//! unexpected type is treated as absent: the upstream may grow without breaking anybody.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::metadata::{Exif, Extras, Metadata, Origin, TagGroup, Version, Video};

/// From the body of a 200.
pub fn metadata(body: &[u8]) -> Result<Metadata> {
    let object: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|_| Error::UpstreamUnavailable("its answer is not a JSON object"))?;
    Ok(Metadata {
        origin: Origin::ImageKit,
        path: None,
        width: unsigned(&object, "width").map(Ok),
        height: unsigned(&object, "height").map(Ok),
        size: unsigned(&object, "size").map(Ok),
        format: text(&object, "format"),
        has_color_profile: flag(&object, "hasColorProfile"),
        quality: integer(&object, "quality"),
        jpeg_quality: None,
        density: unsigned(&object, "density"),
        has_transparency: flag(&object, "hasTransparency"),
        p_hash: text(&object, "pHash").map(|hash| hash.parse().map_err(|_| BAD_HASH)),
        exif: object.get("exif").and_then(exif),
        video: video(&object),
        extras: Extras::default(),
        verbatim: Some(object),
        version: Version::default(),
        withheld: Vec::new(),
        no_store: false,
    })
}

const BAD_HASH: Error = Error::UpstreamUnavailable("its pHash is not one");

/// What a refusal says; empty where it says nothing that can be read.
pub fn message(body: &[u8]) -> String {
    let object: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    text(&object, "message").unwrap_or_default()
}

fn exif(value: &Value) -> Option<Exif> {
    let groups = value.as_object().filter(|groups| !groups.is_empty())?;
    let group =
        |name: &str| TagGroup(groups.get(name).and_then(Value::as_object).cloned().unwrap_or_default());
    Some(Exif {
        image: group("image"),
        thumbnail: group("thumbnail"),
        exif: group("exif"),
        gps: group("gps"),
        interoperability: group("interoperability"),
        makernote: group("makernote"),
    })
}

fn video(object: &Map<String, Value>) -> Option<Video> {
    let video = Video {
        duration: property(object, "duration").and_then(Value::as_f64),
        bit_rate: integer(object, "bitRate"),
        audio_codec: text(object, "audioCodec"),
        video_codec: text(object, "videoCodec"),
    };
    (video != Video::default()).then_some(video)
}

/// One documented sample spells its keys with a space at the end: `"bitRate "`.
fn property<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.get(&format!("{name} ")))
}

fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    property(object, name)?.as_str().map(str::to_owned)
}

fn flag(object: &Map<String, Value>, name: &str) -> Option<bool> {
    property(object, name)?.as_bool()
}

/// Takes `72.0` for 72.
fn integer(object: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = property(object, name)?;
    value.as_i64().or_else(|| value.as_f64().map(|number| number as i64))
}

fn unsigned(object: &Map<String, Value>, name: &str) -> Option<u64> {
    integer(object, name)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Metadata {
        metadata(value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_video_has_no_hash_and_does_not_fail() {
        let video = read(json!({
            "width": 320, "height": 240, "bitRate ": 97_000, "duration": 7.5, "videoCodec": "h264"
        }));
        assert_eq!(video.p_hash, None);
        let expected = Video {
            duration: Some(7.5),
            bit_rate: Some(97_000),
            audio_codec: None,
            video_codec: Some("h264".to_owned()),
        };
        assert_eq!(video.video, Some(expected));
    }

    #[test]
    fn what_is_unknown_or_of_another_type_is_kept_and_does_not_fail() {
        let object = json!({"width": "100", "height": 68.0, "new": {"deep": [1]}, "exif": {}, "pHash": "x"});
        let metadata = read(object.clone());
        assert_eq!(metadata.width, None);
        assert_eq!(metadata.height, Some(Ok(68)));
        assert_eq!(metadata.exif, None);
        assert!(matches!(metadata.p_hash, Some(Err(Error::UpstreamUnavailable(_)))));
        assert_eq!(metadata.verbatim.map(Value::Object), Some(object));
    }

    #[test]
    fn what_is_no_json_object_is_the_upstreams_failure() {
        for body in ["", "<html>", "[]", "null", "{\"width\": 1"] {
            assert!(matches!(metadata(body.as_bytes()), Err(Error::UpstreamUnavailable(_))), "{body:?}");
        }
    }
}
