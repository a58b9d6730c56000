//! ICO: every picture of its directory lies within it, not only the largest, which is the one that is decoded.

use std::io::{self, BufRead};

use super::array;
use crate::source::engine::header::ico::ENTRY_LEN;

pub fn is_whole(mut file: impl BufRead, len: u64) -> io::Result<bool> {
    let [_, _, _, _, low, high]: [u8; 6] = array(&mut file)?;
    for _ in 0..u16::from_le_bytes([low, high]) {
        let [_, _, _, _, _, _, _, _, size @ .., a, b, c, d]: [u8; ENTRY_LEN] = array(&mut file)?;
        let offset = u64::from(u32::from_le_bytes([a, b, c, d]));
        if offset + u64::from(u32::from_le_bytes(size)) > len {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::super::tests::is_whole_to_its_last_byte;
    use crate::metadata::Format;

    #[test]
    fn an_icon_ends_with_the_picture_that_lies_last() {
        let entry =
            |size: u8, offset: u8| [[16, 16, 0, 0, 1, 0, 32, 0, size, 0, 0, 0, offset, 0, 0, 0]].concat();
        let icon = [&[0, 0, 1, 0, 2, 0][..], &entry(10, 43), &entry(5, 38), &[7; 15]].concat();
        is_whole_to_its_last_byte(Format::Ico, &icon);
    }
}
