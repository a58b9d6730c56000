//! The words that a picture carries: XMP before IPTC IIM (decision 020). EXIF's stand behind them, in `metadata::text`.

mod iim;
mod photoshop;
mod xmp;

use std::borrow::Cow;
use std::io::Read;

use flate2::bufread::ZlibDecoder;

use crate::error::{Error, Result};
use crate::metadata::PictureText;

/// Bytes of XMP. Cameras write 4 KiB, programs that keep a picture's history some hundred.
pub const MAX_XMP: u64 = 1 << 20;
/// Bytes of IPTC IIM and of Photoshop's resources, together.
pub const MAX_IIM: u64 = 1 << 20;

/// What a file says in words, as far as it was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Packets<'a> {
    pub xmp: Option<Xmp<'a>>,
    /// Photoshop's image resources, of a JPEG in parts that follow each other.
    pub photoshop: Vec<&'a [u8]>,
    /// IPTC IIM that stands alone.
    pub iim: Option<&'a [u8]>,
    /// There is more than is read.
    pub too_long: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Xmp<'a> {
    Plain(&'a [u8]),
    /// By zlib (RFC 1950).
    Deflated(&'a [u8]),
}

impl Packets<'_> {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is damaged yields what could be read, as with EXIF; what is too long or too complex is an error.
    pub fn read(&self) -> Result<PictureText> {
        if self.too_long {
            return Err(TOO_LONG);
        }
        let in_xmp = match &self.xmp {
            Some(packet) => xmp::read(&packet.bytes()?)?,
            None => PictureText::default(),
        };
        Ok(in_xmp.or(self.in_iim()))
    }

    fn in_iim(&self) -> PictureText {
        let resources = self.photoshop.concat();
        let block = self.iim.or_else(|| photoshop::iim(&resources));
        block.map(iim::read).unwrap_or_default()
    }
}

const TOO_LONG: Error = Error::TooLarge { what: "bytes of XMP or IPTC", limit: MAX_XMP };

impl Xmp<'_> {
    fn bytes(&self) -> Result<Cow<'_, [u8]>> {
        match self {
            Self::Plain(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::Deflated(bytes) => inflated(bytes).map(Cow::Owned),
        }
    }
}

/// As far as it goes.
fn inflated(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packet = Vec::new();
    // What is damaged ends there.
    let _ = ZlibDecoder::new(bytes).take(MAX_XMP + 1).read_to_end(&mut packet);
    if packet.len() as u64 > MAX_XMP { Err(TOO_LONG) } else { Ok(packet) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use proptest::prelude::*;

    use super::*;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    const PACKET: &str = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description \
        xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' photoshop:Credit='in XMP'/></rdf:RDF>";
    const CREDIT: &[u8] = b"\x1C\x02\x6E\0\x06in IIM\x1C\x02\x05\0\x05title";

    #[test]
    fn xmp_is_believed_before_iim_and_each_text_by_itself() {
        let packets =
            Packets { xmp: Some(Xmp::Plain(PACKET.as_bytes())), iim: Some(CREDIT), ..Packets::default() };
        let text = packets.read().unwrap();
        assert_eq!((text.credit.as_deref(), text.title.as_deref()), (Some("in XMP"), Some("title")));
        let text = Packets { iim: Some(CREDIT), ..Packets::default() }.read().unwrap();
        assert_eq!(text.credit.as_deref(), Some("in IIM"));
    }

    #[test]
    fn what_is_compressed_is_inflated_so_far() {
        let read = |bytes: &[u8]| Packets { xmp: Some(Xmp::Deflated(bytes)), ..Packets::default() }.read();
        assert_eq!(read(&deflated(PACKET.as_bytes())).unwrap().credit.as_deref(), Some("in XMP"));
        let bomb = deflated(&vec![b' '; 200 << 20]);
        assert!(bomb.len() < 250_000);
        assert_eq!(read(&bomb), Err(TOO_LONG));
        assert_eq!(read(&deflated(PACKET.as_bytes())[..40]), Ok(PictureText::default()));
        assert_eq!(read(b"no zlib"), Ok(PictureText::default()));
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let halves = bytes.chunks(150).collect();
            let packets =
                Packets { xmp: Some(Xmp::Plain(&bytes)), photoshop: halves, iim: Some(&bytes), too_long: false };
            let _ = packets.read();
            let _ = Packets { xmp: Some(Xmp::Deflated(&bytes)), iim: None, ..packets }.read();
        }

        #[test]
        fn no_alteration_is_too_odd(place in 0..PACKET.len(), sign in any::<char>(), iim in 0..CREDIT.len(), byte: u8) {
            let packet: String =
                PACKET.chars().enumerate().map(|(at, old)| if at == place { sign } else { old }).collect();
            let mut block = CREDIT.to_vec();
            block[iim] = byte;
            let xmp = Some(Xmp::Plain(packet.as_bytes()));
            let _ = Packets { xmp, iim: Some(&block), ..Packets::default() }.read();
        }
    }
}
