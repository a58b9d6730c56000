//! What is decoded in a process of its own: its time counts here, and this process takes no memory for it.

use std::fs;

use super::{Bomb, explode};
use crate::gateway::pictures;

fn picture(name: &str) -> Vec<u8> {
    fs::read(pictures().join("damaged").join(name)).expect("a picture")
}

/// The first 14 bytes of a codestream with sides of 2^30: by numbers of 30 bits, in sRGB.
fn giant_jxl() -> Vec<u8> {
    let bits = [(0, 1), (3, 2), ((1 << 30) - 1, 30), (1, 3), (1, 1)];
    let bits = bits.iter().flat_map(|(value, count)| (0..*count).map(move |bit| value >> bit & 1_u64 == 1));
    let bits: Vec<bool> = bits.collect();
    let bytes = bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, bit| sum << 1 | u8::from(*bit)));
    [0xFF, 0x0A].into_iter().chain(bytes).chain([0; 7]).collect()
}

#[test]
fn pictures_that_are_decoded_elsewhere() {
    let sides = |side| Some((side, side));
    let (large, corrupt) = (Some("TOO_LARGE"), Some("CORRUPT_IMAGE"));
    let of_2000 = |name| Bomb::new(name, picture(name), sides(2_000), None);
    let cut = |name, len| Bomb::new(name, picture(name)[..len].to_vec(), sides(2_000), corrupt);
    explode(vec![
        of_2000("bomb-2000.avif"),
        of_2000("bomb-2000.heic"),
        of_2000("bomb-2000.jxl"),
        cut("bomb-2000.avif", 600),
        cut("bomb-2000.heic", 1_000),
        cut("bomb-2000.jxl", 1_000),
        Bomb::new("AVIF of 6,000 x 6,000", picture("bomb-6000.avif"), sides(6_000), large),
        Bomb::new("JPEG XL of 6,000 x 6,000", picture("bomb-6000.jxl"), sides(6_000), large),
        Bomb::new("JPEG XL of 2^30 of a side", giant_jxl(), sides(1 << 30), large),
        Bomb::new("AVIF without a picture", picture("no-picture.avif"), sides(64), corrupt),
    ]);
}
