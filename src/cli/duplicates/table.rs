//! Groups as text for a person.

use std::fmt::Write as _;

use super::super::report::printable;
use super::copies::{Found, Seen};
use super::distance;

/// A paragraph a group, a line an image: bits from the best, pixels, bytes, the quality of a JPEG, the name.
pub fn table(found: &Found) -> String {
    found.groups.iter().map(|group| paragraph(group)).collect()
}

fn paragraph(group: &[Seen]) -> String {
    let mut text = String::new();
    for image in group {
        let bits = match group.first() {
            Some(best) if !std::ptr::eq(best, image) => format!("{} bits", distance(best, image)),
            _ => "best".to_owned(),
        };
        let name = printable(&image.path.display().to_string());
        let (size, quality) = (format!("{} bytes", image.size), quality(image).unwrap_or_default());
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{bits:>7}  {:<13}  {size:<16}  {quality:<11}  {name}", dimensions(image));
    }
    text + "\n"
}

/// As stored.
pub fn dimensions(image: &Seen) -> String {
    let sides = image.facts.width.zip(image.facts.height);
    sides.map(|(width, height)| format!("{width} x {height}")).unwrap_or_default()
}

/// Of a JPEG.
pub fn quality(image: &Seen) -> Option<String> {
    image.facts.quality.map(|quality| format!("quality {quality}"))
}
