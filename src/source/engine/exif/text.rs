//! Text in EXIF, of which no reader can be sure how it is encoded.

use encoding_rs::ISO_2022_JP;

use super::tiff::Order;

/// An ASCII value: up to its first NUL, since some cameras leave rubbish behind it.
///
/// EXIF 2.32 allows seven bits. What is written is UTF-8 or, in older files, Latin-1.
pub fn ascii(bytes: &[u8]) -> String {
    let bytes = until_nul(bytes);
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// An UNDEFINED value, which is text only if it looks like it.
pub fn printable(bytes: &[u8]) -> Option<String> {
    let text = !bytes.is_empty() && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
    text.then(|| ascii(bytes))
}

/// UserComment: EXIF 2.32 section 4.6.5, table 9, eight bytes that name the character code stand first.
pub fn user_comment(bytes: &[u8], order: Order) -> Option<String> {
    let Some((code, comment)) = bytes.split_at_checked(8) else { return printable(bytes) };
    let text = match code {
        b"ASCII\0\0\0" => ascii(comment),
        // Undefined: text of unknown encoding, or anything else.
        [0, 0, 0, 0, 0, 0, 0, 0] => Some(ascii(comment)).filter(|text| !text.contains(char::is_control))?,
        b"UNICODE\0" => utf16(comment, order),
        // JIS X 0208, which escape sequences lead to.
        b"JIS\0\0\0\0\0" => ISO_2022_JP.decode_without_bom_handling(until_nul(comment)).0.into_owned(),
        _ => printable(bytes)?,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// In the byte order of the block, which the standard leaves open, unless a mark says otherwise.
fn utf16(bytes: &[u8], order: Order) -> String {
    let (order, bytes) = match bytes {
        [0xFE, 0xFF, rest @ ..] => (Order::Big, rest),
        [0xFF, 0xFE, rest @ ..] => (Order::Little, rest),
        _ => (order, bytes),
    };
    let units = bytes.as_chunks().0.iter().map(|unit| order.u16(*unit)).take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(bytes: &[u8]) -> Option<String> {
        user_comment(bytes, Order::Little)
    }

    #[test]
    fn text_is_utf_8_or_else_latin_1_and_ends_at_the_first_nul() {
        assert_eq!(ascii("Zoë\0junk\0".as_bytes()), "Zoë");
        assert_eq!(ascii(b"Zo\xEB"), "Zoë");
        assert_eq!(ascii(b""), "");
    }

    #[test]
    fn an_undefined_value_is_text_only_if_all_of_it_is_printable() {
        assert_eq!(printable(b"0230").as_deref(), Some("0230"));
        assert_eq!(printable(b"023\0"), None);
        assert_eq!(printable(b"\x01\x02\x03\0"), None);
        assert_eq!(printable(b""), None);
    }

    #[test]
    fn a_user_comment_is_decoded_by_its_character_code() {
        assert_eq!(comment(b"ASCII\0\0\0hello\0\0").as_deref(), Some("hello"));
        assert_eq!(comment(b"UNICODE\0\x41\0\xE9\0\0\0junk").as_deref(), Some("Aé"));
        assert_eq!(comment(b"UNICODE\0\xFE\xFF\0\x41").as_deref(), Some("A"));
        assert_eq!(comment(b"\0\0\0\0\0\0\0\0hello").as_deref(), Some("hello"));
        assert_eq!(comment(b"JIS\0\0\0\0\0hello").as_deref(), Some("hello"));
        assert_eq!(comment(b"JIS\0\0\0\0\0\x1B$B8l\x1B(B\0junk").as_deref(), Some("語"));
        assert_eq!(comment(b"no code").as_deref(), Some("no code"));
        assert_eq!(comment(b"no code, but longer").as_deref(), Some("no code, but longer"));
    }

    #[test]
    fn a_user_comment_without_words_is_dropped() {
        assert_eq!(comment(b"ASCII\0\0\0   \0\0\0"), None);
        assert_eq!(comment(b"UNICODE\0\0\0\0\0"), None);
        assert_eq!(comment(b"\0\0\0\0\0\0\0\0\x01\x02\x03"), None);
        assert_eq!(comment(b""), None);
    }
}
