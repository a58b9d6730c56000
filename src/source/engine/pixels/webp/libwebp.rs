//! The planes of a lossy picture by libwebp: the same to the bit, in half the time, by C code that believes nobody either.

#![allow(unsafe_code, reason = "libwebp-sys has no other interface")]

use libwebp_sys::{VP8StatusCode, WEBP_CSP_MODE, WebPDecode, WebPDecoderConfig, WebPYUVABuffer};

use super::lossy::{Planes, Size};
use crate::error::{Error, Result};

/// Beside the planes libwebp holds some rows.
pub fn planes(chunk: &[u8], size: Size, is_filtered: bool) -> Result<Planes> {
    let (luminance, chrominance) =
        (Planes::stride(size) * size.1, Planes::stride(size) / 2 * size.1.div_ceil(2));
    let plane = |len: usize| vec![0; len];
    let mut planes =
        Planes { luminance: plane(luminance), blue: plane(chrominance), red: plane(chrominance), size };
    let mut config = WebPDecoderConfig::new().map_err(|()| Error::Internal)?;
    config.options.bypass_filtering = (!is_filtered).into();
    config.output.colorspace = WEBP_CSP_MODE::MODE_YUV;
    config.output.is_external_memory = 1;
    config.output.u.YUVA = lent(&mut planes);
    // SAFETY: it reads the chunk within its length and writes to the planes within theirs, which it holds against the
    // picture's size first. All outlive the call, behind which it keeps and owns nothing.
    let status = unsafe { WebPDecode(chunk.as_ptr(), chunk.len(), &raw mut config) };
    match status {
        VP8StatusCode::VP8_STATUS_OK => Ok(planes),
        _ => Err(Error::CorruptImage("it breaks the rules of WebP, or ends too early")),
    }
}

/// Where libwebp may write to. The sides of a frame have 14 bits.
fn lent(planes: &mut Planes) -> WebPYUVABuffer {
    let stride = Planes::stride(planes.size) as i32;
    WebPYUVABuffer {
        y: planes.luminance.as_mut_ptr(),
        u: planes.blue.as_mut_ptr(),
        v: planes.red.as_mut_ptr(),
        a: std::ptr::null_mut(),
        y_stride: stride,
        u_stride: stride / 2,
        v_stride: stride / 2,
        a_stride: 0,
        y_size: planes.luminance.len(),
        u_size: planes.blue.len(),
        v_size: planes.red.len(),
        a_size: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{in_rust, lossy};
    use super::*;

    #[test]
    fn both_decoders_give_the_same_pixels() {
        for (file, size) in [
            (&include_bytes!("../../../../../tests/images/webp/large.webp")[..], (600, 400)),
            (&include_bytes!("../../../../../tests/images/webp/lossy.webp")[..], (200, 150)),
        ] {
            let chunk = &file[lossy::chunk(file).unwrap()];
            for is_filtered in [true, false] {
                let c = planes(chunk, size, is_filtered).unwrap();
                let rust = in_rust::planes(chunk, size, is_filtered).unwrap();
                let rows = |plane: &[u8], stride: usize, (width, height): Size| {
                    plane
                        .chunks(stride)
                        .take(height)
                        .flat_map(|row| row[..width].to_vec())
                        .collect::<Vec<_>>()
                };
                let (stride, halves) = (Planes::stride(size), (size.0 / 2, size.1 / 2));
                assert_eq!(rows(&c.luminance, stride, size), rows(&rust.luminance, stride, size));
                assert_eq!(rows(&c.blue, stride / 2, halves), rows(&rust.blue, stride / 2, halves));
                assert_eq!(rows(&c.red, stride / 2, halves), rows(&rust.red, stride / 2, halves));
            }
        }
    }

    #[test]
    fn a_frame_that_is_larger_than_its_planes_is_refused() {
        let file = include_bytes!("../../../../../tests/images/webp/large.webp");
        let chunk = &file[lossy::chunk(file).unwrap()];
        for size in [(599, 399), (600, 200), (16, 400)] {
            assert!(matches!(planes(chunk, size, true), Err(Error::CorruptImage(_))), "{size:?}");
        }
        for len in (0..chunk.len()).step_by(97) {
            assert!(matches!(planes(&chunk[..len], (600, 400), true), Err(Error::CorruptImage(_))), "{len}");
        }
    }
}
