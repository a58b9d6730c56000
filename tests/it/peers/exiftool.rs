//! Facts for pages and people, beside what exiftool says of the same pictures. It is asked where it is installed, with numbers
//! as they are (`-n`) and names of groups (`-G1`).

use std::collections::HashMap;
use std::process::Command;

use imagraph::metadata::Metadata;
use serde_json::{Value, json};

use super::{Picture, shared, shared_folder};

/// What exiftool says otherwise of a fact of a file, and why.
const DIFFERENCES: [(&str, &str); 3] = [
    // From magnetic north.
    ("exif-samples/heic/IMG_5195.HEIC", "direction"),
    ("exif-samples/jpg/tests/67-0_length_string.jpg", "direction"),
    // `www.laitche.com` is no URL.
    ("exif-samples/jpg/Pentax_K10D.jpg", "license"),
];

#[test]
fn exiftool_says_the_same() {
    let Some(theirs) = told_by_exiftool() else { return };
    let (mut facts, mut differences) = (0, Vec::new());
    for Picture { file, ours, .. } in shared() {
        let (Ok(ours), Some(theirs)) = (ours, theirs.get(file)) else { continue };
        for (name, ours, theirs) in both(ours, &Tags(theirs)) {
            facts += usize::from(!theirs.is_null());
            if !alike(&ours, &theirs) {
                assert!(DIFFERENCES.contains(&(file, name)), "{file} {name}: {ours}, and exiftool {theirs}");
                differences.push((file, name));
            }
        }
    }
    assert!(facts > 250, "only {facts} facts were compared");
    assert_eq!(differences.len(), DIFFERENCES.len(), "{differences:?}");
}

/// exiftool estimates as ImageMagick does, by the tables for luminance and chrominance together. Of cameras' own tables, which
/// compress colours more than the standard's, it so says less.
#[test]
fn exiftool_estimates_the_quality_of_a_jpeg_as_high() {
    let Some(theirs) = told_by_exiftool() else { return };
    let (mut near, mut far) = (0, Vec::new());
    for Picture { file, ours, .. } in shared() {
        let ours = ours.as_ref().ok().and_then(|ours| ours.jpeg_quality);
        let theirs = theirs.get(file).and_then(|told| told["File:JPEGQualityEstimate"].as_u64());
        let (Some(ours), Some(theirs)) = (ours, theirs) else { continue };
        match u64::from(ours).abs_diff(theirs) {
            0..=2 => near += 1,
            _ => far.push((file, ours, theirs)),
        }
    }
    assert!(near > 30 && far.len() < 8, "{near} near, far: {far:?}");
    assert!(far.iter().all(|(_, ours, theirs)| u64::from(*ours).abs_diff(*theirs) <= 10), "{far:?}");
}

/// By file; `None` where there is no exiftool, or nothing to ask it of.
fn told_by_exiftool() -> Option<HashMap<String, Value>> {
    let folder = shared_folder()?;
    let files: Vec<_> = shared().iter().map(|picture| &picture.file).collect();
    let asked = Command::new("exiftool")
        .current_dir(folder)
        .args(["-j", "-n", "-G1", "-q", "-q", "-all", "-JPEGQualityEstimate"])
        .args(files)
        .output();
    let told: Vec<Value> = serde_json::from_slice(&asked.ok()?.stdout).expect("JSON");
    Some(
        told.into_iter()
            .map(|told| (told["SourceFile"].as_str().expect("a file").to_owned(), told))
            .collect(),
    )
}

struct Tags<'a>(&'a Value);

impl Tags<'_> {
    /// The first of these that says something, as text without what it is padded with.
    fn first(&self, names: &[&str]) -> Value {
        let values = names.iter().map(|name| match &self.0[name] {
            Value::String(text) => json!(text.split('\0').next().unwrap_or_default().trim()),
            value => value.clone(),
        });
        values.into_iter().find(|value| !value.is_null() && value != "").unwrap_or_default()
    }

    fn text(&self, names: &[&str]) -> Value {
        match self.first(names) {
            Value::Number(number) => json!(number.to_string()),
            Value::Array(values) => json!(values.iter().map(text).collect::<Vec<_>>().join("; ")),
            value => value,
        }
    }

    /// Exiftool prints sixteen digits or more as text.
    fn number(&self, names: &[&str]) -> Value {
        match self.first(names) {
            Value::String(digits) => json!(digits.parse::<f64>().ok()),
            value => json!(value.as_f64()),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn alike(ours: &Value, theirs: &Value) -> bool {
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(ours), Some(theirs)) => (ours - theirs).abs() <= 1e-9 * ours.abs().max(1.0),
        _ => ours == theirs,
    }
}

/// Each fact: its name, ours, theirs.
fn both(ours: &Metadata, tags: &Tags<'_>) -> Vec<(&'static str, Value, Value)> {
    let mut facts = captured(ours, tags);
    facts.extend(location(ours, tags));
    facts.extend(camera_and_exposure(ours, tags));
    facts.extend(words(ours, tags));
    facts
}

fn captured(ours: &Metadata, tags: &Tags<'_>) -> Vec<(&'static str, Value, Value)> {
    let captured = ours.captured();
    let [date, digits, offset] = ["DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"]
        .map(|tag| tags.text(&[&format!("ExifIFD:{tag}")]));
    let dates = ["ExifIFD:DateTimeOriginal", "ExifIFD:CreateDate", "IFD0:ModifyDate"];
    let local = tags.text(&dates).as_str().map(|date| {
        let (day, time) = date.split_once(' ').expect("a day and a time");
        format!("{}T{time}", day.replace(':', "-"))
    });
    let local = local.map(|local| match digits.as_str().filter(|_| !date.is_null()) {
        Some(digits) => format!("{local}.{digits}"),
        None => local,
    });
    vec![
        ("local", json!(captured.as_ref().map(|captured| &captured.local)), json!(local)),
        ("offset", json!(captured.and_then(|captured| captured.offset)), offset),
    ]
}

fn location(ours: &Metadata, tags: &Tags<'_>) -> Vec<(&'static str, Value, Value)> {
    let place = ours.location();
    let known = |theirs: Value| if place.is_some() { theirs } else { Value::Null };
    vec![
        ("latitude", json!(place.map(|place| place.latitude)), tags.number(&["Composite:GPSLatitude"])),
        ("longitude", json!(place.map(|place| place.longitude)), tags.number(&["Composite:GPSLongitude"])),
        (
            "altitude",
            json!(place.and_then(|place| place.altitude)),
            known(tags.number(&["Composite:GPSAltitude"])),
        ),
        (
            "direction",
            json!(place.and_then(|place| place.direction)),
            known(tags.number(&["GPS:GPSImgDirection"])),
        ),
    ]
}

fn camera_and_exposure(ours: &Metadata, tags: &Tags<'_>) -> Vec<(&'static str, Value, Value)> {
    let (camera, exposure) = (ours.camera().unwrap_or_default(), ours.exposure().unwrap_or_default());
    let flash = tags.number(&["ExifIFD:Flash"]).as_f64().map(|bits| bits as u64 & 1 == 1);
    vec![
        ("make", json!(camera.make), tags.text(&["IFD0:Make"])),
        ("model", json!(camera.model), tags.text(&["IFD0:Model"])),
        ("lens", json!(camera.lens), tags.text(&["ExifIFD:LensModel"])),
        ("software", json!(camera.software), tags.text(&["IFD0:Software"])),
        ("time", json!(exposure.time), tags.number(&["Composite:ShutterSpeed"])),
        ("fNumber", json!(exposure.f_number), tags.number(&["ExifIFD:FNumber", "ExifIFD:ApertureValue"])),
        ("iso", json!(exposure.iso), tags.number(&["ExifIFD:ISO"])),
        ("focalLength", json!(exposure.focal_length), tags.number(&["ExifIFD:FocalLength"])),
        ("35mm", json!(exposure.focal_length_35mm), tags.number(&["ExifIFD:FocalLengthIn35mmFormat"])),
        ("compensation", json!(exposure.compensation), tags.number(&["ExifIFD:ExposureCompensation"])),
        ("flash", json!(exposure.flash_fired), json!(flash)),
    ]
}

fn words(ours: &Metadata, tags: &Tags<'_>) -> Vec<(&'static str, Value, Value)> {
    let words = ours.text().and_then(Result::ok).unwrap_or_default();
    let keywords = Some(&words.keywords).filter(|keywords| !keywords.is_empty());
    let theirs = match tags.first(&["XMP-dc:Subject", "IPTC:Keywords"]) {
        Value::Array(values) => json!(values.iter().map(text).collect::<Vec<_>>()),
        Value::Null => Value::Null,
        only => json!([text(&only)]),
    };
    let title =
        ["XMP-dc:Title", "XMP-photoshop:Headline", "IPTC:ObjectName", "IPTC:Headline", "IFD0:XPTitle"];
    let caption = ["XMP-dc:Description", "IPTC:Caption-Abstract", "IFD0:ImageDescription", "IFD0:XPComment"];
    vec![
        ("title", json!(words.title), tags.text(&title)),
        ("caption", json!(words.caption), tags.text(&caption)),
        ("credit", json!(words.credit), tags.text(&["XMP-photoshop:Credit", "IPTC:Credit"])),
        ("creator", json!(words.creator), tags.text(&["XMP-dc:Creator", "IPTC:By-line", "IFD0:Artist"])),
        (
            "copyright",
            json!(words.copyright),
            tags.text(&["XMP-dc:Rights", "IPTC:CopyrightNotice", "IFD0:Copyright"]),
        ),
        ("license", json!(words.license), tags.text(&["XMP-xmpRights:WebStatement", "XMP-cc:License"])),
        ("keywords", json!(keywords), theirs),
    ]
}
