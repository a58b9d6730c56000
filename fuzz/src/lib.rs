//! What each fuzz target does with its bytes, and what has to hold. `tests/it/fuzz.rs` runs the same on stable.

use std::ops::Range;

use async_graphql::{Request, Variables};
use imagraph::config::Documents;
use imagraph::error::Error;
use imagraph::metadata::{Colours, Exif, Level, PHash};
use imagraph::schema::guard as document_guard;
use imagraph::source::engine::header::frames::{self, Counting};
use imagraph::source::engine::header::text::{self, Search};
use imagraph::source::engine::header::{self, Header, Reading};
use imagraph::source::engine::known::Known;
use imagraph::source::engine::phash::{SIDE, p_hash};
use imagraph::source::engine::pixels::{self, Limits, View, jpeg_dc};

/// So small that a decoder which does not keep to them is found out.
const LIMITS: Limits = Limits { max_pixels: 1 << 18, max_decode_bytes: 8 << 20, apart: None };

/// Bytes a request brings at once, at least.
const PIECE: u64 = 256;

/// A document, and behind a NUL its variables: let through, or refused for what it costs.
pub fn guard(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let Some(Ok(document)) = parts.next().map(str::from_utf8) else { return };
    let variables = parts.next().and_then(|json| serde_json::from_slice(json).ok()).unwrap_or_default();
    let request = Request::new(document).variables(Variables::from_json(variables));
    match document_guard::check(&mut [Ok(request)], &Documents::default()) {
        Ok(_) | Err(Error::QueryTooCostly { .. } | Error::BadRequest(_)) => {}
        Err(other) => panic!("{other:?}"),
    }
}

/// An EXIF block: its values together are bounded, and can be shown.
pub fn exif(data: &[u8]) {
    let known = Known::whole(data);
    let Ok(Some(exif)) = imagraph::source::engine::exif::read(known.block()) else { return };
    assert!(shown(&exif) <= 64 << 20);
}

/// Bytes of EXIF in JSON.
fn shown(exif: &Exif) -> usize {
    exif.groups().into_iter().map(|group| serde_json::to_string(group).expect("JSON").len()).sum()
}

/// A file: its header read in pieces is the one read whole, at every level, and so are the number of its frames and its words.
pub fn header(data: &[u8]) {
    for level in [Level::Header, Level::Frames, Level::Exif] {
        let Reading::Done(whole) = header::read(&Known::whole(data), level) else {
            panic!("needs more than the whole file");
        };
        let in_pieces = in_pieces(data, |known| match header::read(known, level) {
            Reading::Done(header) => Ok(header),
            Reading::Need(need) => Err(need),
        });
        assert_eq!(in_pieces, whole);
        if let (Ok(header), Level::Header) = (whole, level) {
            frames(data, &header);
            words(data, &header);
        }
    }
}

fn frames(data: &[u8], header: &Header) {
    let Counting::Done(whole) = frames::count(&Known::whole(data), header) else {
        panic!("needs more than the whole file");
    };
    let in_pieces = in_pieces(data, |known| match frames::count(known, header) {
        Counting::Done(count) => Ok(count),
        Counting::Need(need) => Err(need),
    });
    assert_eq!(in_pieces, whole);
}

fn words(data: &[u8], header: &Header) {
    let whole = Known::whole(data);
    let Search::Done(found) = text::find(&whole, header.format) else {
        panic!("needs more than the whole file");
    };
    let in_pieces = in_pieces(data, |known| match text::find(known, header.format) {
        Search::Done(found) => Ok(found.read()),
        Search::Need(need) => Err(need),
    });
    assert_eq!(in_pieces, found.read());
}

fn in_pieces<T>(data: &[u8], read: impl Fn(&Known) -> Result<T, Range<u64>>) -> T {
    let len = data.len() as u64;
    let mut known = Known::default();
    known.set_size(len);
    loop {
        let need = match read(&known) {
            Ok(done) => return done,
            Err(need) => need,
        };
        // Otherwise it would be asked for for ever.
        assert!(need.start < need.end && need.start < len, "{need:?} of {len}");
        assert!(
            known.block().bytes(need.start, need.end.min(len) - need.start).is_err(),
            "{need:?} is known"
        );
        let end = need.end.max(need.start + PIECE).min(len);
        known.add(need.start, &data[need.start as usize..end as usize]);
    }
}

/// A file: its picture has a hash, or an error that says what is wrong with the file.
pub fn pixels(data: &[u8]) {
    let Reading::Done(Ok(header)) = header::read(&Known::whole(data), Level::Exif) else { return };
    if pixels::check(&header, &LIMITS).is_err() {
        return;
    }
    match pixels::read(data, &header, View::Colour, &LIMITS) {
        Ok(picture) => told(&picture.colours.expect("they were asked for")),
        Err(Error::CorruptImage(_) | Error::UnsupportedFormat(_) | Error::TooLarge { .. }) => {}
        Err(other) => panic!("{other:?}"),
    }
}

/// Shares make one, and every hash has its length.
fn told(colours: &Colours) {
    for palette in &colours.palettes {
        assert!((palette.iter().map(|swatch| swatch.share).sum::<f32>() - 1.0).abs() < 1e-3);
    }
    for (across, down) in [(1, 1), (4, 3), (9, 9)] {
        assert_eq!(colours.blur.hash(across, down).len(), 4 + 2 * across * down);
    }
    assert!((5..=25).contains(&colours.thumb_hash.len()) && (1..1_536).contains(&colours.preview.len()));
}

/// A JPEG by its DC coefficients: what suffices of a picture and what its end is behind make no difference.
pub fn jpeg_dc(data: &[u8]) {
    let picture = jpeg_dc::decode(data, View::Colour, &LIMITS);
    if picture.is_some() || jpeg_dc::suffices(data).is_ok() {
        let longer = [data, b"\xFF\xDA more"].concat();
        assert!(jpeg_dc::decode(&longer, View::Colour, &LIMITS) == picture);
    }
}

/// A square in grey: one of a single grey has no structure, and every hash is its own text again.
pub fn phash(data: &[u8]) {
    let mut square = [[0; SIDE]; SIDE];
    square.iter_mut().flatten().zip(data.iter().cycle()).for_each(|(place, grey)| *place = *grey);
    let hash = p_hash(&square);
    let plain = square.iter().flatten().all(|grey| *grey == square[0][0]);
    assert!(!plain || hash == PHash::new(0), "{hash}");
    assert_eq!(hash.to_string().parse(), Ok(hash));
}
