//! JPEG by DC coefficients beside its full decode, and both beside sharp-phash.

use std::fs;
use std::path::Path;

use imagraph::metadata::{Exif, Level, PHash};
use imagraph::source::engine::header::{self, Reading};
use imagraph::source::engine::known::Known;
use imagraph::source::engine::phash::p_hash;
use imagraph::source::engine::pixels::{Limits, View, jpeg, jpeg_dc};
use serde_json::Value;

use super::facts::peers_hash;
use super::{lines, shared_folder};
use crate::gateway::pictures;

const LIMITS: Limits = Limits { max_pixels: 1 << 27, max_decode_bytes: 1 << 30, apart: None };

/// The hash by DC coefficients, that of the full decode, and sharp-phash's.
fn hashes(folder: &Path, peers: &Value) -> Option<[PHash; 3]> {
    let file = fs::read(folder.join(peers["file"].as_str()?)).expect("a file");
    let Reading::Done(Ok(header)) = header::read(&Known::whole(&file[..]), Level::Exif) else { return None };
    let orientation = header.exif.as_ref().and_then(Exif::orientation);
    let eighth = jpeg_dc::decode(&file, View::Grey, &LIMITS)?.square(orientation);
    let whole = jpeg::whole(&file, View::Grey, &LIMITS).expect("what is sound at an eighth is sound");
    let whole = whole.square(orientation);
    Some([p_hash(&eighth), p_hash(&whole), peers_hash(peers)?])
}

#[test]
fn an_eighth_is_within_four_bits_of_the_whole_and_hardly_further_from_sharp() {
    let mut compared = 0;
    let (mut eighths, mut wholes) = (0, 0);
    for folder in [Some(pictures()), shared_folder()].into_iter().flatten() {
        for peers in lines(folder.join("expected.jsonl")) {
            let Some([eighth, whole, sharp]) = hashes(&folder, &peers) else { continue };
            assert!(eighth.distance(whole) <= 4, "{}: {eighth} {whole}", peers["file"]);
            compared += 1;
            eighths += eighth.distance(sharp);
            wholes += whole.distance(sharp);
        }
    }
    assert!(compared >= 2, "only {compared} pictures were compared");
    let further = (f64::from(eighths) - f64::from(wholes)) / f64::from(compared);
    assert!(further <= 0.1, "{eighths} bits from sharp, which were {wholes}, over {compared} pictures");
}
