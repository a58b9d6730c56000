//! AVIF, HEIC and JPEG XL: boxes (ISO/IEC 14496-12 section 4.2). One of a kind that such files have is there as far as it says;
//! what follows them may be no box at all.
//!
//! A JPEG XL that is a bare codestream begins as no box does, and is whole here: its decoder reads the first frame to its end, and of
//! an animation's later ones each says only how long its own parts are.

use std::io::{self, BufRead, ErrorKind, Seek};

use super::{array, skip};

/// Of HEIF, and of JPEG XL.
const KINDS: [&[u8; 4]; 15] = [
    b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"uuid", b"mpvd", b"jxlc", b"jxlp", b"jxli",
    b"Exif", b"xml ", b"brob", b"jbrd",
];

pub fn are_whole(mut file: impl BufRead + Seek, len: u64) -> io::Result<bool> {
    loop {
        let (kind, left) = match head(&mut file) {
            Ok((kind, Some(left))) => (kind, left),
            // Up to the end of the file, or no box.
            Ok((_, None)) => return Ok(true),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(true),
            Err(error) => return Err(error),
        };
        if !skip(&mut file, left, len)? {
            return Ok(!KINDS.contains(&&kind));
        }
    }
}

/// The kind of a box, and how many bytes of it follow.
fn head(file: &mut impl BufRead) -> io::Result<([u8; 4], Option<u64>)> {
    let [a, b, c, d, kind @ ..]: [u8; 8] = array(file)?;
    let left = match u32::from_be_bytes([a, b, c, d]) {
        1 => u64::from_be_bytes(array(file)?).checked_sub(16),
        size => u64::from(size).checked_sub(8),
    };
    Ok((kind, left))
}

#[cfg(test)]
mod tests {
    use super::super::tests::whole;
    use crate::metadata::Format;

    const FILE: &[u8] = b"\0\0\0\x0Cftypavif\0\0\0\x0Bwhatabc\0\0\0\x01mdat\0\0\0\0\0\0\0\x1812345678";

    #[test]
    fn the_last_box_is_there_and_what_follows_it_is_none() {
        for format in [Format::Avif, Format::Heic, Format::JpegXl] {
            for behind in ["", "PK\x03\x04<script>", "abc", "\0\0\0\0", "\0\0\0\0\0\0\0\0\0"] {
                assert!(whole(format, &[FILE, behind.as_bytes()].concat()), "{behind:?}");
            }
            // The mdat starts at 23, its own size is behind its name.
            for end in 39..FILE.len() {
                assert!(!whole(format, &FILE[..end]), "{end}");
            }
        }
    }

    #[test]
    fn a_codestream_is_left_to_its_decoder() {
        assert!(whole(Format::JpegXl, b"\xFF\x0A\x41\x02codes"));
    }
}
