//! Base64 that comes in pieces.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::error::{Error, Result};

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Bytes of `data:image/svg+xml;charset=utf-8;base64,` and the like.
const MAX_PREFIX: usize = 256;

pub const NO_BASE64: Error =
    Error::BadRequest("file is neither bytes with a file name, nor a URL, nor base64");

/// What has come of it and is no whole group of four yet.
#[derive(Default)]
pub struct Base64Text {
    rest: Vec<u8>,
    /// Padding has come.
    is_over: bool,
}

impl Base64Text {
    /// The bytes of the next piece.
    pub fn decode(&mut self, text: &[u8]) -> Result<Vec<u8>> {
        self.rest.extend(text.iter().filter(|sign| !sign.is_ascii_whitespace()));
        let whole = self.rest.len() / 4 * 4;
        let groups: Vec<u8> = self.rest.drain(..whole).collect();
        self.groups(&groups)
    }

    /// Those that are left.
    pub fn end(mut self) -> Result<Vec<u8>> {
        let rest = std::mem::take(&mut self.rest);
        self.groups(&rest)
    }

    fn groups(&mut self, groups: &[u8]) -> Result<Vec<u8>> {
        if self.is_over && !groups.is_empty() {
            return Err(NO_BASE64);
        }
        self.is_over |= groups.ends_with(b"=");
        ENGINE.decode(groups).map_err(|_| NO_BASE64)
    }
}

/// Whether a file that begins so is a text, be it a `data:` URL: the signature of no image is of its signs alone.
pub fn is_base64(start: &[u8]) -> bool {
    let is_sign = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/= \r\n".contains(byte);
    start.starts_with(b"data:") || (!start.is_empty() && start.iter().all(is_sign))
}

/// What stands behind the start of a `data:` URL (RFC 2397), if it is one.
pub fn without_prefix(text: &[u8]) -> Result<&[u8]> {
    if !text.starts_with(b"data:") {
        return Ok(text);
    }
    let comma = text.iter().take(MAX_PREFIX).position(|sign| *sign == b',').ok_or(NO_BASE64)?;
    if text[..comma].ends_with(b";base64") { Ok(&text[comma + 1..]) } else { Err(NO_BASE64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &[u8], piece: usize) -> Result<Vec<u8>> {
        let (mut base64, mut bytes) = (Base64Text::default(), Vec::new());
        for piece in text.chunks(piece) {
            bytes.extend(base64.decode(piece)?);
        }
        bytes.extend(base64.end()?);
        Ok(bytes)
    }

    #[test]
    fn pieces_are_decoded_as_the_whole_is() {
        for piece in 1..12 {
            assert_eq!(decoded(b"YWJj\r\nZGVm Z2g=", piece).unwrap(), b"abcdefgh");
            assert_eq!(decoded(b"YWJjZGVmZ2g", piece).unwrap(), b"abcdefgh");
            assert_eq!(decoded(b"", piece).unwrap(), b"");
            for wrong in [&b"YWI=YWI="[..], b"YWJjZ", b"YW-_", b"<html>", b"===="] {
                assert_eq!(decoded(wrong, piece), Err(NO_BASE64), "{wrong:?}");
            }
        }
    }

    #[test]
    fn no_image_is_taken_for_a_text() {
        for text in [&b"iVBORw0KGgo=\r\n"[..], b"/9j/4AAQ", b"data:image/png;base64,"] {
            assert!(is_base64(text));
        }
        for bytes in
            [&b""[..], b"\x89PNG", b"\xFF\xD8\xFF", b"GIF89a\x01\0", b"RIFF\x10\0", b"II*\0", b"<svg/>"]
        {
            assert!(!is_base64(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn a_data_url_says_that_it_is_base64() {
        assert_eq!(without_prefix(b"data:image/png;base64,YQ=="), Ok(&b"YQ=="[..]));
        assert_eq!(without_prefix(b"YQ=="), Ok(&b"YQ=="[..]));
        assert_eq!(without_prefix(b"data:image/svg+xml,<svg/>"), Err(NO_BASE64));
        assert_eq!(
            without_prefix(&[b"data:".as_slice(), &[b'a'; 300], b";base64,"].concat()),
            Err(NO_BASE64)
        );
    }
}
