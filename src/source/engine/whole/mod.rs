//! Whether all of a file is there, where its pixels are had without its end: lengths are followed, nothing is decoded.
//!
//! What is not named here is read to its end by whoever decodes it or counts its frames. A GIF without its trailer and a BMP
//! without the code that ends its runs are whole: nothing of the picture is missing.

mod boxes;
mod ico;
mod jpeg;
mod png;
mod tiff;
mod webp;

use std::io::{self, BufRead, ErrorKind, Seek, SeekFrom};

use crate::metadata::Format;

/// Of a file of such a format, by its name, whatever follows its end.
pub fn is_whole(format: &str, mut file: impl BufRead + Seek) -> io::Result<bool> {
    let len = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let is = |named: Format| named.name() == format;
    let whole = match () {
        () if is(Format::Jpeg) => jpeg::is_whole(file),
        () if is(Format::Png) => png::is_whole(file, len),
        () if is(Format::WebP) => webp::is_whole(file, len),
        () if is(Format::Ico) => ico::is_whole(file, len),
        () if is(Format::Tiff) => tiff::is_whole(file, len),
        () if is(Format::Avif) || is(Format::Heic) || is(Format::JpegXl) => boxes::are_whole(file, len),
        () => Ok(true),
    };
    match whole {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        whole => whole,
    }
}

/// The next bytes; `UnexpectedEof` where the file ends before.
fn array<const N: usize>(file: &mut impl BufRead) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Moves on without reading, and not beyond the end: `false` where that is before.
fn skip(file: &mut (impl BufRead + Seek), bytes: u64, len: u64) -> io::Result<bool> {
    if file.stream_position()?.checked_add(bytes).is_none_or(|end| end > len) {
        return Ok(false);
    }
    let bytes = i64::try_from(bytes).map_err(|_| ErrorKind::UnexpectedEof)?;
    file.seek_relative(bytes).map(|()| true)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    pub fn whole(format: Format, bytes: &[u8]) -> bool {
        is_whole(format.name(), Cursor::new(bytes)).unwrap()
    }

    /// It is, with something behind it as well, and is not where the end of it is missing.
    pub fn is_whole_to_its_last_byte(format: Format, bytes: &[u8]) {
        assert!(whole(format, bytes));
        assert!(whole(format, &[bytes, &b"PK\x03\x04<script>behind it"[..]].concat()));
        for end in 0..bytes.len() {
            assert!(!whole(format, &bytes[..end]), "{end} of {}", bytes.len());
        }
    }

    #[test]
    fn of_other_formats_others_see_to_it() {
        assert!(whole(Format::Gif, b"") && whole(Format::Bmp, b""));
    }
}
