//! WebP: as long as its RIFF header says (RFC 9649 section 2.4). libwebp refuses whatever is shorter.

use std::io::{self, BufRead};

use super::array;

pub fn is_whole(mut file: impl BufRead, len: u64) -> io::Result<bool> {
    let [_, _, _, _, size @ ..]: [u8; 8] = array(&mut file)?;
    Ok(8 + u64::from(u32::from_le_bytes(size)) <= len)
}

#[cfg(test)]
mod tests {
    use super::super::tests::is_whole_to_its_last_byte;
    use crate::metadata::Format;

    /// Data is padded to an even length, and the padding counted.
    #[test]
    fn a_webp_ends_where_its_header_says() {
        is_whole_to_its_last_byte(Format::WebP, b"RIFF\x10\0\0\0WEBPVP8L\x03\0\0\0\x2Fab\0");
    }
}
