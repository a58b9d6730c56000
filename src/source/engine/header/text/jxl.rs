//! JPEG XL: the box `xml ` (ISO/IEC 18181-2 section 9.5). What is compressed by Brotli is left alone, as EXIF is.

use super::super::isobmff::BoxAt;
use super::super::jxl::MAX_BOXES;
use super::super::magic;
use super::{Packets, Xmp};
use crate::source::engine::known::{Block, Gap};

pub fn find<'a>(file: Block<'a>, packets: &mut Packets<'a>) -> Result<(), Gap> {
    if file.array(0)? == magic::JXL_CODESTREAM {
        return Ok(());
    }
    let mut offset = 0;
    for _ in 0..MAX_BOXES {
        let BoxAt { kind, body, end } = BoxAt::read(file, offset)?;
        if &kind == b"xml " {
            return packets.add_xmp(body, Xmp::Plain);
        }
        offset = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::find;
    use crate::metadata::Format;

    #[test]
    fn a_packet_is_a_box() {
        let file = b"\0\0\0\x0CJXL \x0D\x0A\x87\x0A\0\0\0\x0Cjxlc\xFF\x0A\x41\x02\0\0\0\x0Cxml <x/>";
        assert_eq!(find(file, Format::JpegXl).0, Some(b"<x/>".to_vec()));
        assert_eq!(
            find(&file[..file.len() - 1], Format::JpegXl).0,
            Some(b"<x/".to_vec()),
            "as far as it goes"
        );
        assert_eq!(find(&file[12..24], Format::JpegXl).0, None);
        assert_eq!(find(b"\xFF\x0A\x41\x02", Format::JpegXl).0, None);
    }
}
