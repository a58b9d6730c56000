//! Groups as JSON for a program.

use serde_json::{Value, json};

use super::copies::{Found, Seen, spare_bytes};
use super::distance;

/// One line a group: its images, the best first, and the bytes of those that are not.
pub fn lines(found: &Found) -> String {
    found.groups.iter().map(|group| format!("{}\n", object(group))).collect()
}

fn object(group: &[Seen]) -> Value {
    let images: Vec<_> = group.iter().map(|image| of_image(image, &group[0])).collect();
    json!({"count": images.len(), "spareBytes": spare_bytes(group), "images": images})
}

/// Pixels as stored, bytes, and bits from the best of the group. `jpegQuality` is an estimate, 1 to 100, and null where it is
/// no JPEG.
fn of_image(image: &Seen, best: &Seen) -> Value {
    json!({
        "file": image.path.display().to_string(),
        "format": image.format,
        "width": image.facts.width,
        "height": image.facts.height,
        "size": image.size,
        "jpegQuality": image.facts.quality,
        "pHash": image.p_hash.to_string(),
        "distance": distance(best, image),
    })
}
