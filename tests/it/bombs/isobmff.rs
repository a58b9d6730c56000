//! AVIF and HEIC: boxes of ISO/IEC 14496-12 that claim more than there is.

use super::{Bomb, explode};

fn sized(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes(), &kind[..], body].concat()
}

/// A box with version and flags, all zero.
fn full(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    sized(kind, &[&[0; 4], body].concat())
}

fn file(brand: &[u8; 4], meta: &[Vec<u8>]) -> Vec<u8> {
    let ftyp = sized(b"ftyp", &[&brand[..], &[0; 4], b"mif1"].concat());
    [ftyp, full(b"meta", &meta.concat())].concat()
}

/// A picture of this side, by the property that its only item has.
fn picture(side: u32, associations: u32) -> Vec<Vec<u8>> {
    let ispe = full(b"ispe", &[side.to_be_bytes(), side.to_be_bytes()].concat());
    let ipma = full(b"ipma", &[&associations.to_be_bytes()[..], &[0, 1, 1, 1]].concat());
    vec![full(b"pitm", &[0, 1]), sized(b"iprp", &[sized(b"ipco", &ispe), ipma].concat())]
}

#[test]
fn isobmff_bombs() {
    const ITEMS: u16 = u16::MAX;
    const SIDE: u32 = i32::MAX as u32;
    let giant = |brand| file(brand, &picture(SIDE, 1));
    let sides = Some((SIDE.into(), SIDE.into()));
    let mut endless = giant(b"avif");
    // A size of 1 says that one of 64 bits follows.
    endless.splice(20..24, [0, 0, 0, 1]);
    endless.splice(28..28, [0xFF; 8]);
    let counted = |more: Vec<u8>| file(b"heic", &[picture(40, 1), vec![more]].concat());
    let locations = full(b"iloc", &[&[0x44, 0, 0xFF, 0xFF][..], &[0xFF; 64]].concat());
    let infos = full(
        b"iinf",
        &[&ITEMS.to_be_bytes()[..], &sized(b"infe", &[2, 0, 0, 0, 0, 1, 0, 0]).repeat(60_000)].concat(),
    );
    let nested = (0..2_000).fold(Vec::new(), |inner, _| sized(b"iprp", &sized(b"ipco", &inner)));
    let (large, corrupt) = (Some("TOO_LARGE"), Some("CORRUPT_IMAGE"));
    explode(vec![
        Bomb::new("AVIF of 2^31 - 1 of a side", giant(b"avif"), sides, large),
        Bomb::new("HEIC of 2^31 - 1 of a side", giant(b"heic"), sides, large),
        Bomb::new("a box of 2^64 - 1 bytes", endless, None, corrupt),
        Bomb::new("2^32 - 1 associations", file(b"avif", &picture(40, u32::MAX)), None, corrupt),
        Bomb::new("65,535 locations that are not there", counted(locations), Some((40, 40)), corrupt),
        Bomb::new("60,000 items", counted(infos), Some((40, 40)), corrupt),
        Bomb::new("4,000 boxes in each other", file(b"avif", &[nested]), None, corrupt),
    ]);
}
