//! Photoshop's image resources (Adobe Photoshop File Formats Specification, "Image Resource Blocks").

const SIGNATURE: [u8; 4] = *b"8BIM";
/// IPTC-NAA record.
const IPTC: u16 = 0x0404;

/// The IPTC IIM among these resources.
pub fn iim(mut resources: &[u8]) -> Option<&[u8]> {
    while let Some((id, data, rest)) = resource(resources) {
        if id == IPTC {
            return Some(data);
        }
        resources = rest;
    }
    None
}

/// The first resource, and what follows it; of one that is cut what is there.
fn resource(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (signature, rest) = bytes.split_first_chunk::<4>()?;
    let (id, rest) = rest.split_first_chunk()?;
    // A name of an odd length with the length before it, or padded to that.
    let name = usize::from(*rest.first()?) | 1;
    let (len, rest) = rest.get(name + 1..)?.split_first_chunk()?;
    let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
    let (data, rest) = rest.split_at_checked(len).unwrap_or((rest, &[]));
    let padding = (len % 2).min(rest.len());
    (*signature == SIGNATURE).then_some((u16::from_be_bytes(*id), data, &rest[padding..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_has_a_name_and_data_of_even_lengths() {
        let others = b"8BIM\x03\xED\0\0\0\0\0\x03abc\0" as &[u8];
        let named = b"8BIM\x04\x0B\x03url\0\0\0\x02hi";
        let odd = b"8BIM\x04\x0B\x02url\0\0\0\x02hi";
        let iptc = b"8BIM\x04\x04\0\0\0\0\0\x04data8BIM";
        assert_eq!(iim(&[others, named, iptc].concat()), Some(&b"data"[..]));
        assert_eq!(iim(&[others, odd].concat()), None);
        assert_eq!(iim(&[others, &iptc[..14]].concat()), Some(&b"da"[..]));
        assert_eq!(iim(&[b"8BIN", &iptc[4..]].concat()), None);
        assert_eq!(iim(b"8BIM\x04\x04\0\0\xFF\xFF\xFF\xFFd"), Some(&b"d"[..]));
        for len in 0..others.len() {
            assert_eq!(iim(&others[..len]), None);
        }
    }
}
