//! AVIF and HEIC: an image sequence is a track, whose sample table says how many samples it has (ISO/IEC 14496-12 sections
//! 8.3, 8.4.3 and 8.7.3).

use super::super::isobmff::boxes::{BoxAt, children};
use super::{CUT, Stop};
use crate::source::engine::exif::present;
use crate::source::engine::known::{Block, Gap};

/// Major brands of files that are about a sequence: ISO/IEC 23008-12 section 10 and AV1 Image File Format section 6.3.
const SEQUENCES: [&[u8; 4]; 6] = [b"avis", b"hevc", b"hevx", b"hevm", b"hevs", b"msf1"];

/// Handlers of tracks that are looked at.
const PICTURES: [&[u8; 4]; 2] = [b"pict", b"vide"];

/// Boxes before moov. A bound on what a file of empty ones can cost.
const MAX_BOXES: usize = 64;

/// Bytes of moov that are read; its sample tables take some 20 for each frame.
const MAX_MOOV: u64 = 1 << 20;

/// The pictures of a collection are one: that which the file is about.
pub fn count(file: Block<'_>) -> Result<u64, Stop> {
    let ftyp = BoxAt::read(file, 0)?;
    if !SEQUENCES.contains(&&ftyp.body.array(0)?) {
        return Ok(1);
    }
    let moov = moov(file, ftyp.end)?;
    // Asked for as a whole, it is fetched in one go.
    present(moov.bytes(0, moov.len()))?;
    for track in children(moov)?.iter().filter(|found| &found.kind == b"trak") {
        if let Some(samples) = samples(track.body)? {
            return Ok(samples);
        }
    }
    Err(CUT.into())
}

fn moov(file: Block<'_>, mut offset: u64) -> Result<Block<'_>, Gap> {
    for _ in 0..MAX_BOXES {
        let BoxAt { kind, body, end } = BoxAt::read(file, offset)?;
        if &kind == b"moov" {
            return Ok(body.part(0, MAX_MOOV));
        }
        offset = end;
    }
    Err(Gap::End)
}

/// `None` for a track of something else.
fn samples(track: Block<'_>) -> Result<Option<u64>, Gap> {
    let Some(media) = child(track, &[b"mdia"])? else { return Ok(None) };
    let Some(handler) = child(media, &[b"hdlr"])? else { return Ok(None) };
    // Behind version, flags and four bytes that are not used.
    if !PICTURES.contains(&&handler.array(8)?) {
        return Ok(None);
    }
    let Some(table) = child(media, &[b"minf"])? else { return Ok(None) };
    let Some(table) = child(table, &[b"stbl"])? else { return Ok(None) };
    let Some(sizes) = child(table, &[b"stsz", b"stz2"])? else { return Ok(None) };
    // Behind version, flags and the size of all samples, or of a field.
    sizes.u32_be(8).map(|samples| Some(samples.into()))
}

fn child<'a>(block: Block<'a>, kinds: &[&[u8; 4]]) -> Result<Option<Block<'a>>, Gap> {
    Ok(children(block)?.into_iter().find(|found| kinds.contains(&&found.kind)).map(|found| found.body))
}

#[cfg(test)]
mod tests {
    use super::super::tests::count;
    use crate::error::Error;
    use crate::metadata::Format;

    fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        [&(8 + body.len() as u32).to_be_bytes(), kind, body.as_slice()].concat()
    }

    fn track(handler: &[u8; 4], sizes: &[u8; 4], samples: u8) -> Vec<u8> {
        let sizes = boxed(sizes, &[&[0; 8], &[0, 0, 0, samples]]);
        let table = boxed(b"minf", &[&boxed(b"stbl", &[&boxed(b"stsd", &[]), &sizes])]);
        boxed(
            b"trak",
            &[&boxed(b"tkhd", &[&[0; 9]]), &boxed(b"mdia", &[&boxed(b"hdlr", &[&[0; 8], handler]), &table])],
        )
    }

    fn file(brand: &[u8; 4], tracks: &[&[u8]]) -> Vec<u8> {
        let moov = boxed(b"moov", &[&boxed(b"mvhd", &[&[0; 5]]), &tracks.concat()]);
        [boxed(b"ftyp", &[brand, b"\0\0\0\0avifavis"]), boxed(b"meta", &[&[0; 30]]), moov].concat()
    }

    #[test]
    fn a_sequence_has_as_many_frames_as_its_track_has_samples() {
        let (sound, pictures) = (track(b"soun", b"stsz", 9), track(b"pict", b"stsz", 5));
        assert_eq!(count(&file(b"avis", &[&sound, &pictures]), Format::Avif), Ok(5));
        assert_eq!(count(&file(b"hevc", &[&track(b"vide", b"stz2", 7)]), Format::Heic), Ok(7));
        assert_eq!(count(&file(b"avif", &[&pictures]), Format::Avif), Ok(1), "one that is about a still");
    }

    #[test]
    fn a_sequence_without_its_track_is_damaged() {
        let whole = file(b"avis", &[&track(b"pict", b"stsz", 5)]);
        for cut in [file(b"avis", &[&track(b"soun", b"stsz", 9)]), whole[..whole.len() - 3].to_vec()] {
            assert!(matches!(count(&cut, Format::Avif), Err(Error::CorruptImage(_))));
        }
    }
}
