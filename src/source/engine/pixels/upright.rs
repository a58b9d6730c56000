//! How a stored picture is turned to be upright (EXIF 2.32 section 4.6.4 A, Orientation).

/// Where a pixel of the upright picture is stored, of so many columns and rows: orientation says what row 0 and column 0
/// show.
pub fn stored_at(
    orientation: Option<u8>,
    (x, y): (usize, usize),
    (columns, rows): (usize, usize),
) -> (usize, usize) {
    let (right, bottom) = (|place: usize| columns - 1 - place, |place: usize| rows - 1 - place);
    match orientation {
        Some(2) => (right(x), y),
        Some(3) => (right(x), bottom(y)),
        Some(4) => (x, bottom(y)),
        Some(5) => (y, x),
        Some(6) => (y, bottom(x)),
        Some(7) => (right(y), bottom(x)),
        Some(8) => (right(y), x),
        _ => (x, y),
    }
}

/// Whether it lies on its side.
pub fn swaps_sides(orientation: Option<u8>) -> bool {
    matches!(orientation, Some(5..=8))
}
