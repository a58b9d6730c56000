//! TIFF 6.0 section 8, FillOrder: bytes whose first pixel is in their lowest bit.

use crate::source::engine::exif::{Directory, Tiff};
use crate::source::engine::known::Block;

const COMPRESSION: u16 = 0x0103;
const FILL_ORDER: u16 = 0x010A;
const STRIPS: (u16, u16) = (0x0111, 0x0117);
const TILES: (u16, u16) = (0x0144, 0x0145);

const LOWEST_BIT_FIRST: f64 = 2.0;
/// Both kinds of JPEG, which know of no order.
const JPEG: [f64; 2] = [6.0, 7.0];

/// The file with the bits of its data turned around, where it says that they are: the `tiff` crate takes no heed of it
/// (0.11.3).
pub fn turned(bytes: &[u8]) -> Option<Vec<u8>> {
    let tiff = Tiff::new(Block::whole(bytes)).ok()??;
    let directory = tiff.directory(tiff.ifd0).ok()?;
    let numbers = |tag| numbers(&tiff, &directory, tag);
    let lowest_first = numbers(FILL_ORDER)?.first() == Some(&LOWEST_BIT_FIRST);
    let jpeg = numbers(COMPRESSION).is_some_and(|kind| kind.iter().any(|kind| JPEG.contains(kind)));
    if !lowest_first || jpeg {
        return None;
    }
    let (offsets, lengths) =
        [STRIPS, TILES].into_iter().find_map(|(at, of)| Some((numbers(at)?, numbers(of)?)))?;
    let mut turned = bytes.to_vec();
    let mut left = bytes.len();
    for (offset, length) in offsets.iter().zip(lengths) {
        let (start, length) = (*offset as usize, length as usize);
        // Strips that lie upon each other would be turned as often.
        left = left.checked_sub(length)?;
        let data = turned.get_mut(start..start.checked_add(length)?)?;
        data.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
    }
    Some(turned)
}

fn numbers(tiff: &Tiff<'_>, directory: &Directory, tag: u16) -> Option<Vec<f64>> {
    let entry = directory.entry(tag)?;
    Some(entry.kind.numbers(tiff.value(entry).ok()?, tiff.order()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 8 x 8 grey pixels in two strips.
    fn tiff(fill_order: u16, compression: u16, lengths: [u32; 2], data: [u8; 64]) -> Vec<u8> {
        let strips = 8 + 2 + 9 * 12 + 4;
        let offsets: [u32; 2] = [strips + 16, strips + 16 + 32];
        let entries: [(u16, u16, u32, u32); 9] = [
            (0x0100, 3, 1, 8 << 16),
            (0x0101, 3, 1, 8 << 16),
            (0x0102, 3, 1, 8 << 16),
            (COMPRESSION, 3, 1, u32::from(compression) << 16),
            (0x0106, 3, 1, 1 << 16),
            (FILL_ORDER, 3, 1, u32::from(fill_order) << 16),
            (STRIPS.0, 4, 2, strips),
            (0x0116, 3, 1, 4 << 16),
            (STRIPS.1, 4, 2, strips + 8),
        ];
        let entry = |&(tag, kind, count, value): &(u16, u16, u32, u32)| {
            [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value.to_be_bytes()].concat()
        };
        let entries = entries.iter().flat_map(entry).collect::<Vec<_>>();
        let numbers = [offsets, lengths].concat().into_iter().flat_map(u32::to_be_bytes).collect::<Vec<_>>();
        [b"MM\0*\0\0\0\x08\0\x09", &entries[..], &[0; 4], &numbers, &data].concat()
    }

    #[test]
    fn the_bits_of_every_strip_are_turned_and_nothing_else() {
        let data = std::array::from_fn(|place| place as u8);
        let file = tiff(2, 1, [32, 32], data);
        let turned = turned(&file).unwrap();
        assert_eq!(turned[..file.len() - 64], file[..file.len() - 64]);
        assert_eq!(turned[file.len() - 64..], data.map(u8::reverse_bits));
    }

    #[test]
    fn what_is_in_order_or_cannot_be_is_left_as_it_is() {
        for (fill_order, compression, lengths) in
            [(1, 1, [32, 32]), (0, 1, [32, 32]), (2, 7, [32, 32]), (2, 1, [32, 33]), (2, 1, [u32::MAX; 2])]
        {
            assert_eq!(
                turned(&tiff(fill_order, compression, lengths, [1; 64])),
                None,
                "{fill_order} {lengths:?}"
            );
        }
        assert_eq!(turned(b"MM\0*"), None);
    }
}
