//! Header facts and hashes.

use imagraph::metadata::{Metadata, PHash};
use serde_json::{Value, json};

use super::{Picture, own, shared};

/// What sharp reads and the engine does not: BigTIFF, which it only recognises, and entities, which it does not expand.
const NOT_READ: [&str; 2] = ["bigtiff.tif", "entity.svg"];

/// Pictures that the rules turn otherwise than sharp: it does not see EXIF there, or takes the first of two
/// orientations.
const TURNED_OTHERWISE: [&str; 3] = ["exif-after-idat.png", "exif-with-prefix.png", "exif-duplicates.jpg"];

/// Pictures whose colours sharp reckons otherwise: CMYK in TIFF by a profile of its own, TIFF's alpha twice.
const COLOURED_OTHERWISE: [&str; 2] = ["cmyk.tif", "alpha-associated.tif"];

#[test]
fn header_facts_are_sharps() {
    let mut compared = 0;
    for picture in own().iter().chain(shared()) {
        let Ok(ours) = &picture.ours else { continue };
        if !picture.peers["header"]["width"].is_u64() || is_not_read(picture) {
            continue;
        }
        for (name, ours) in facts(ours) {
            assert_eq!(ours, picture.peers["header"][name], "{} {name}", picture.file);
            compared += 1;
        }
    }
    assert!(compared > 600, "only {compared} facts were compared");
}

/// sharp knows of no frames of a PNG, and counts those of TIFFs up to the first loop as well.
#[test]
fn frames_are_sharps_pages() {
    let mut compared = 0;
    for picture in own().iter().chain(shared()) {
        let (Ok(ours), Some(pages)) = (&picture.ours, picture.peers["header"]["pages"].as_u64()) else {
            continue;
        };
        if is_not_read(picture) {
            continue;
        }
        assert_eq!(ours.extras.frames, Some(Ok(pages)), "{}", picture.file);
        compared += 1;
    }
    assert!(compared > 40, "only {compared} counts were compared");
}

#[test]
fn what_sharp_reads_the_engine_reads() {
    for picture in own().iter().chain(shared()) {
        let read = picture.ours.as_ref().is_ok_and(|ours| matches!(ours.width, Some(Ok(_))));
        let sharp_reads = picture.peers["header"]["width"].is_u64();
        assert!(read || !sharp_reads || is_not_read(picture), "{}: {:?}", picture.file, picture.ours);
    }
}

#[test]
fn hashes_are_sharp_phashs_within_a_bit_or_so() {
    let own = distances(own());
    assert!(own.len() > 115, "only {} hashes were compared", own.len());
    for (file, distance) in &own {
        let bound = if COLOURED_OTHERWISE.iter().any(|ending| file.ends_with(ending)) { 16 } else { 8 };
        assert!(*distance <= bound, "{file}: {distance} bits");
    }
    let mean = mean(&own);
    assert!(mean <= 1.5, "{mean} bits on average: {own:?}");
    let shared = distances(shared());
    assert!(shared.is_empty() || self::mean(&shared) <= 1.5, "{shared:?}");
}

/// sharp decodes JPEG and WebP at a reduced scale, and enlarges what is smaller than 32 x 32.
#[test]
fn what_is_decoded_alike_hashes_alike_bit_for_bit() {
    let whole = |file: &str| [".png", ".gif", ".bmp"].iter().any(|ending| file.ends_with(ending));
    let distances = distances(own()).into_iter().filter(|(file, _)| whole(file));
    let (same, other): (Vec<_>, Vec<_>) = distances.partition(|(_, distance)| *distance == 0);
    assert!(same.len() > 40, "only {} hashes were compared", same.len());
    assert_eq!(other, []);
}

/// ImageKit printed these for the two pictures of its documentation.
#[test]
fn hashes_that_imagekit_published_are_met() {
    let published = [("first.jpg", "63433b3ccf8e1ebe"), ("first-slightly-different.jpg", "61433b3fcf8f9faf")];
    let mut distance = 0;
    for picture in shared() {
        let published = published.iter().find(|(file, _)| picture.file.ends_with(&format!("/{file}")));
        if let (Some((_, hash)), Ok(ours)) = (published, &picture.ours) {
            distance += ours.p_hash.clone().unwrap().unwrap().distance(hash.parse().unwrap());
        }
    }
    assert!(distance <= 3, "{distance} bits over two pictures");
}

fn is_not_read(picture: &Picture) -> bool {
    NOT_READ.iter().any(|ending| picture.file.ends_with(ending))
}

fn facts(ours: &Metadata) -> [(&'static str, Value); 5] {
    let number = |fact: &Option<imagraph::error::Result<u64>>| json!(fact.clone().and_then(Result::ok));
    [
        ("width", number(&ours.width)),
        ("height", number(&ours.height)),
        ("density", json!(ours.density)),
        ("hasProfile", json!(ours.has_color_profile)),
        ("hasAlpha", json!(ours.has_transparency)),
    ]
}

/// How far our hash is from sharp-phash's, where both have one that says something.
fn distances(pictures: &[Picture]) -> Vec<(String, u32)> {
    let distance = |picture: &Picture| {
        if TURNED_OTHERWISE.iter().any(|ending| picture.file.ends_with(ending)) {
            return None;
        }
        let ours = picture.ours.as_ref().ok()?.p_hash.clone()?.ok().filter(|hash| !hash.is_low_entropy())?;
        Some((picture.file.clone(), ours.distance(peers_hash(&picture.peers)?)))
    };
    pictures.iter().filter_map(distance).collect()
}

/// sharp-phash's, without a colour profile, which the rules know nothing of; on sharp's own decoding or on
/// Pillow's where sharp has none.
pub fn peers_hash(peers: &Value) -> Option<PHash> {
    let said = [&peers["pHashProfileIgnored"], &peers["pHash"], &peers["pillow"]["pHash"]];
    said.into_iter().find_map(|hash| hash.as_str()?.parse().ok())
}

fn mean(distances: &[(String, u32)]) -> f64 {
    distances.iter().map(|(_, distance)| f64::from(*distance)).sum::<f64>() / distances.len() as f64
}
