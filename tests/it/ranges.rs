//! What is read of a remote file, in which requests: each format has its own places for what is asked for.

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::stub::{Answer, Stub};

const FIRST: &str = "bytes=0-65535";

/// Bytes of the pixels: far more than is read ahead.
const PIXELS: usize = 3 << 20;

/// Around what is read in the midst of a file.
const SPAN: u64 = 16 << 10;

/// A file on a server that gives parts, and the selection that is asked for: the image, the ranges, the bytes.
fn asked(file: &[u8], selection: &str) -> (Value, Vec<String>, u64) {
    let stub = Stub::start();
    stub.put("/file", Answer::ok(file));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let query = format!("{{ remote(url: {}) {{ {selection} }} }}", json!(stub.url("/file")));
    let (answer, cost) = gateway.answer_and_cost(&query, json!({}));
    assert_eq!(answer.get("errors"), None, "{answer}");
    let ranges = stub.asked().into_iter().map(|asked| asked.range.expect("a range")).collect();
    (answer["data"]["remote"].clone(), ranges, cost["bytesFetched"].as_u64().expect("bytes"))
}

/// Only the first bytes.
fn assert_start_alone(file: &[u8], selection: &str, image: Value) {
    assert_eq!(asked(file, selection), (image, vec![FIRST.to_owned()], 65_536));
}

/// The first bytes and a span with this place in it.
fn assert_start_and_span(file: &[u8], selection: &str, image: Value, place: usize) {
    let (found, ranges, bytes) = asked(file, selection);
    assert_eq!(found, image);
    assert_eq!((ranges.len(), &ranges[0][..]), (2, FIRST), "{ranges:?}");
    let ends = ranges[1].trim_start_matches("bytes=").split('-').map(|end| end.parse().expect("a number"));
    let ends: Vec<usize> = ends.collect();
    assert!(ends[0] <= place && place <= ends[1], "{ranges:?} without {place}");
    assert!((65_536..=65_536 + 2 * SPAN).contains(&bytes), "{bytes}");
}

/// One tag: Make is `Test`; with its place where it is a file of its own.
fn tiff(before: &[u8]) -> Vec<u8> {
    let at = 8 + before.len() as u32;
    let entries: [(u16, u16, u32, [u8; 4]); 3] =
        [(0x0100, 4, 1, [0, 0, 0, 33]), (0x0101, 4, 1, [0, 0, 0, 16]), (0x010F, 2, 4, *b"Tes\0")];
    let entry = |(tag, kind, count, value): &(u16, u16, u32, [u8; 4])| {
        [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), value].concat()
    };
    let entries: Vec<u8> = entries.iter().flat_map(entry).collect();
    [b"MM\0*", &at.to_be_bytes()[..], before, &[0, 3], &entries, &[0; 4]].concat()
}

const SIDES: &str = "width height";
const MAKE: &str = "width height exif { image { make } }";

fn sides() -> Value {
    json!({"width": 33, "height": 16})
}

fn make() -> Value {
    json!({"width": 33, "height": 16, "exif": {"image": {"make": "Tes"}}})
}

#[test]
fn a_tiff_is_read_at_its_start_and_its_directory() {
    let file = tiff(&vec![0; PIXELS]);
    assert_start_and_span(&file, MAKE, make(), 8 + PIXELS);
    assert_start_and_span(&file, SIDES, sides(), 8 + PIXELS);
}

fn riff(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&kind[..], &(data.len() as u32).to_le_bytes(), data, &vec![0; data.len() % 2]].concat()
}

/// 33 x 16, with these flags.
fn webp(flags: u8, exif: &[u8]) -> Vec<u8> {
    let canvas = riff(b"VP8X", &[flags, 0, 0, 0, 32, 0, 0, 15, 0, 0]);
    [b"RIFF\0\0\0\0WEBP", &canvas[..], &riff(b"VP8 ", &vec![0; PIXELS]), exif].concat()
}

#[test]
fn a_webp_is_read_behind_its_pixels_where_its_flags_say_that_there_is_exif() {
    const EXIF: u8 = 0x08;
    let exif = riff(b"EXIF", &tiff(&[]));
    assert_start_and_span(&webp(EXIF, &exif), MAKE, make(), 38 + PIXELS);
    assert_start_alone(&webp(EXIF, &exif), SIDES, sides());
    assert_start_alone(&webp(0, &exif), MAKE, json!({"width": 33, "height": 16, "exif": null}));
}

fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&(8 + body.len() as u32).to_be_bytes(), &kind[..], &body].concat()
}

/// 33 x 16, whose item 2 is EXIF at this place of the file.
fn meta(exif_at: usize, exif_len: usize) -> Vec<u8> {
    const FULL: &[u8] = &[0; 4];
    let ispe = boxed(b"ispe", &[FULL, &[0, 0, 0, 33, 0, 0, 0, 16]]);
    let location = [(exif_at as u32).to_be_bytes(), (exif_len as u32).to_be_bytes()].concat();
    boxed(
        b"meta",
        &[
            FULL,
            &boxed(b"pitm", &[FULL, &[0, 1]]),
            &boxed(b"iloc", &[FULL, &[0x44, 0, 0, 1, 0, 2, 0, 0, 0, 1], &location]),
            &boxed(b"iinf", &[FULL, &[0, 1], &boxed(b"infe", &[&[2, 0, 0, 0, 0, 2, 0, 0], b"Exif\0"])]),
            &boxed(
                b"iprp",
                &[&boxed(b"ipco", &[&ispe]), &boxed(b"ipma", &[FULL, &[0, 0, 0, 1, 0, 1, 1, 1]])],
            ),
        ],
    )
}

#[test]
fn a_heic_is_read_where_its_iloc_says() {
    let ftyp = boxed(b"ftyp", &[b"heic\0\0\0\0"]);
    let exif = [&[0; 4][..], &tiff(&[])].concat();
    let pixels = vec![0; PIXELS];
    let meta_len = meta(0, 0).len();
    // As phones write it.
    let place = ftyp.len() + meta_len + 8 + PIXELS;
    let mdat = boxed(b"mdat", &[&pixels, &exif]);
    let front = [&ftyp[..], &meta(place, exif.len()), &mdat].concat();
    assert_start_and_span(&front, MAKE, make(), place);
    assert_start_alone(&front, SIDES, sides());
    // The other way round.
    let behind = [&ftyp[..], &mdat, &meta(ftyp.len() + 8 + PIXELS, exif.len())].concat();
    assert_start_and_span(&behind, SIDES, sides(), ftyp.len() + mdat.len());
    assert_start_and_span(&behind, MAKE, make(), ftyp.len() + mdat.len());
}

#[test]
fn a_jpeg_xl_is_read_behind_its_codestream_for_exif_alone() {
    let start = b"\0\0\0\x0CJXL \x0D\x0A\x87\x0A\0\0\0\x14ftypjxl \0\0\0\0jxl ";
    // 8 x 8.
    let codestream = boxed(b"jxlc", &[b"\xFF\x0A\x41\x02", &vec![0; PIXELS]]);
    let exif = boxed(b"Exif", &[&[0; 4], &tiff(&[])]);
    let file = [&start[..], &codestream, &exif].concat();
    assert_start_alone(&file, SIDES, json!({"width": 8, "height": 8}));
    let image = json!({"width": 8, "height": 8, "exif": {"image": {"make": "Tes"}}});
    assert_start_and_span(&file, MAKE, image, start.len() + codestream.len());
}

#[test]
fn a_png_is_read_behind_its_pixels_for_exif_alone() {
    let chunk =
        |kind: &[u8; 4], data: &[u8]| [&(data.len() as u32).to_be_bytes(), &kind[..], data, b"CRC."].concat();
    let ihdr = chunk(b"IHDR", &[0, 0, 0, 33, 0, 0, 0, 16, 8, 2, 0, 0, 0]);
    let start = [b"\x89PNG\r\n\x1A\n", &ihdr[..], &chunk(b"IDAT", &vec![0; PIXELS])].concat();
    let file = [&start[..], &chunk(b"eXIf", &tiff(&[])), &chunk(b"IEND", b"")].concat();
    assert_start_alone(&file, SIDES, sides());
    assert_start_and_span(&file, MAKE, make(), start.len());
}

#[test]
fn of_an_svg_the_first_tag_is_enough() {
    let file = format!("<svg width='33' height='16'>{}</svg>", " ".repeat(PIXELS));
    assert_start_alone(file.as_bytes(), "width height hasTransparency density", {
        json!({"width": 33, "height": 16, "hasTransparency": true, "density": 72})
    });
}

#[test]
fn the_size_is_what_the_server_says_beside_the_first_bytes() {
    let file = format!("<svg width='33' height='16'>{}</svg>", " ".repeat(PIXELS));
    assert_start_alone(file.as_bytes(), "size", json!({"size": file.len()}));
}
