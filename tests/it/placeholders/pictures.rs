//! Pictures that are made here, and what answers show.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use image::{ImageFormat, Rgba, RgbaImage, load_from_memory};
use serde_json::Value;

/// Of a file of the library.
pub fn id(path: &str) -> String {
    URL_SAFE_NO_PAD.encode(path)
}

/// Some waves of some colours.
pub fn made(width: u32, height: u32) -> RgbaImage {
    let wave = |place: f32, length: f32| (120.0 + 100.0 * (place / length).sin()) as u8;
    RgbaImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f32, y as f32);
        Rgba([wave(x, 17.0), wave(x + 2.0 * y, 29.0), wave(y, 11.0), 255])
    })
}

pub fn png(picture: &RgbaImage) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).expect("a picture");
    file.into_inner()
}

/// The picture in a `data:` URI.
pub fn preview(lqip: &Value) -> RgbaImage {
    let data = lqip.as_str().and_then(|uri| uri.strip_prefix("data:image/png;base64,")).expect("a data URI");
    load_from_memory(&STANDARD.decode(data).expect("base64")).expect("a picture").into_rgba8()
}

/// Of grey, near enough.
pub fn level_of(color: &Value) -> u32 {
    let digits = color.as_str().and_then(|color| color.strip_prefix('#')).expect("a colour");
    let [_, rgb @ ..] = u32::from_str_radix(digits, 16).expect("hexadecimal digits").to_be_bytes();
    rgb.into_iter().map(u32::from).sum::<u32>() / 3
}
