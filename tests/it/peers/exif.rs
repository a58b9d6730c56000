//! EXIF, tag by tag and in the order of the file.

use std::collections::HashMap;

use imagraph::metadata::{Exif, Metadata};
use serde_json::{Map, Value, json};

use super::{Picture, lines, own, shared};
use crate::gateway;

/// Tags that npm exif does not know.
const NEWER: [&str; 3] = ["OffsetTime", "OffsetTimeOriginal", "OffsetTimeDigitized"];

#[test]
fn the_own_pictures_have_the_peers_tags_but_for_the_deviations_written_down() {
    let deviations = lines(gateway::pictures().join("deviations.jsonl"));
    let compared = own().iter().filter_map(|picture| {
        let mut expected = peers_exif(picture)?;
        deviations
            .iter()
            .filter(|line| line["file"] == picture.file.as_str())
            .for_each(|line| deviate(&mut expected, line));
        Some((picture, expected))
    });
    let mut count = 0;
    for (picture, expected) in compared {
        assert_eq!(sorted(&ours(picture)), sorted(&expected), "{}", picture.file);
        count += 1;
    }
    assert!(count > 75, "only {count} pictures were compared");
}

#[test]
fn tags_stand_in_the_order_of_the_file() {
    let mut tags = 0;
    for picture in own().iter().chain(shared()) {
        let Some(peers) = peers_exif(picture) else { continue };
        for (name, group) in peers.as_object().into_iter().flatten() {
            let ours = ours(picture)[name].clone();
            let theirs: Vec<_> = keys(group).filter(|key| ours.get(key.as_str()).is_some()).collect();
            let ours: Vec<_> = keys(&ours).filter(|key| group.get(key.as_str()).is_some()).collect();
            assert_eq!(ours, theirs, "{} {name}", picture.file);
            tags += ours.len();
        }
    }
    assert!(tags > 500, "only {tags} tags were compared");
}

#[test]
fn the_shared_pictures_have_the_peers_tags_by_the_rules() {
    let mut tags = 0;
    for picture in shared() {
        let Some(peers) = peers_exif(picture) else { continue };
        // Its tags have wrong types, which npm exif reads as something else; its count is checked below.
        if picture.file.ends_with("30-type_error.jpg") {
            continue;
        }
        let ours = ours(picture);
        for name in Exif::NAMES.into_iter().filter(|name| *name != "makernote") {
            let (ours, peers) = (without_newer(&ours[name]), as_we_print(&peers[name]));
            assert_eq!(ours, peers, "{} {name}", picture.file);
            tags += ours.len();
        }
    }
    assert!(shared().is_empty() || tags > 900, "only {tags} tags were compared");
}

/// What the engine prints for `exif`.
fn ours(picture: &Picture) -> Value {
    let exif = picture.ours.as_ref().ok().and_then(|metadata: &Metadata| metadata.exif.as_ref());
    exif.map_or_else(|| json!({}), |exif| json!(exif))
}

/// What npm exif says of the file, or of its EXIF block where it cannot read the file; none where it fails.
fn peers_exif(picture: &Picture) -> Option<Value> {
    let said = [&picture.peers["exifOfBlock"], &picture.peers["exif"]];
    said.into_iter().find(|exif| exif.is_object() && exif.get("error").is_none()).cloned()
}

/// Changes the peers' words at one place to what is meant to be ours.
fn deviate(exif: &mut Value, deviation: &Value) {
    let ours = deviation.get("ours").cloned();
    match deviation["path"].as_str().and_then(|path| path.split_once('.')) {
        Some((group, tag)) => {
            let group = exif[group].as_object_mut().expect("a group");
            group.remove(tag);
            group.extend(ours.map(|value| (tag.to_owned(), value)));
        }
        None => *exif = ours.unwrap_or(exif.take()),
    }
}

/// The rules that make our words of the peers': text ends at the first NUL, a comment is decoded (they leave it
/// out), what they could not name is ours alone.
fn as_we_print(group: &Value) -> HashMap<String, Value> {
    let cut = |value: &Value| match value {
        Value::String(text) => json!(text.split('\0').next()),
        other => other.clone(),
    };
    entries(group)
        .map(|(key, value)| (key.clone(), cut(value)))
        .filter(|(key, _)| key != "UserComment")
        .collect()
}

fn without_newer(group: &Value) -> HashMap<String, Value> {
    let ours = entries(group).filter(|(key, _)| *key != "UserComment" && !NEWER.contains(&key.as_str()));
    ours.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn sorted(exif: &Value) -> Value {
    let groups = entries(exif).map(|(name, group)| {
        let mut tags: Vec<_> = entries(group).map(|(key, value)| (key.clone(), value.clone())).collect();
        tags.sort_by(|a, b| a.0.cmp(&b.0));
        (name.clone(), Value::Object(Map::from_iter(tags)))
    });
    Value::Object(groups.collect())
}

fn entries(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

fn keys(object: &Value) -> impl Iterator<Item = &String> {
    entries(object).map(|(key, _)| key)
}
