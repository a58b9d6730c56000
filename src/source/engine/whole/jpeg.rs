//! JPEG: up to its last marker. The hash of a progressive one is had long before.

use std::io::{self, BufRead, Read};

const EOI: u8 = 0xD9;

/// Whether its segments and scans end with EOI (ITU T.81, B.1.1 and B.2.1), whatever follows. Of a file that ends before, no.
pub fn is_whole(mut file: impl BufRead) -> io::Result<bool> {
    while let Some(marker) = marker(&mut file)? {
        match marker {
            EOI => return Ok(true),
            // TEM, RST and SOI stand alone.
            0x01 | 0xD0..=0xD8 => {}
            _ => {
                let mut length = [0; 2];
                if file.read_exact(&mut length).is_err() {
                    return Ok(false);
                }
                let rest = u64::from(u16::from_be_bytes(length).saturating_sub(2));
                io::copy(&mut file.by_ref().take(rest), &mut io::sink())?;
            }
        }
    }
    Ok(false)
}

/// The next marker. In the data of a scan a zero follows each 0xFF that is none.
fn marker(file: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        file.skip_until(0xFF)?;
        let mut code = [0xFF];
        while code == [0xFF] {
            if file.read(&mut code)? == 0 {
                return Ok(None);
            }
        }
        if code != [0] {
            return Ok(Some(code[0]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::is_whole_to_its_last_byte;
    use crate::metadata::Format;

    #[test]
    fn a_jpeg_ends_with_its_last_marker_and_not_with_what_looks_like_it() {
        let jpeg = b"\xFF\xD8\xFF\xE0\x00\x04\xFF\xD9\xFF\xDA\x00\x02ab\xFF\x00\xD9\xFF\xD0c\xFF\xFF\xD9";
        is_whole_to_its_last_byte(Format::Jpeg, jpeg);
    }
}
