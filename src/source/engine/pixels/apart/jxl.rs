//! JPEG XL by jxl-rs.

use std::io::Write;

use jxl::api::{
    AlphaMode, Event, ExtraChannel, JxlColorType, JxlDataFormat, JxlDecoder, JxlDecoderOptions,
    JxlOutputBuffer, JxlPixelFormat, ProfileLevel,
};

use super::super::NOT_DECODED;
use super::super::shrink::Layout;
use super::Rows;
use crate::error::{Error, Result};

const DAMAGED: Error = Error::CorruptImage("it breaks the rules of JPEG XL, or ends too early");

/// Of an animation the first frame, as it is stored: the header says how it is turned.
pub fn decode<W: Write>(mut bytes: &[u8], max_pixels: u64, rows: &mut Rows<W>) -> Result<()> {
    let mut decoder = JxlDecoder::new(options(max_pixels));
    until(&mut decoder, &mut bytes, None, |event| matches!(event, Event::BasicInfo))?;
    let (width, height) = decoder.basic_info().ok_or(DAMAGED)?.size;
    let layout = set_layout(&mut decoder)?;
    let row_len = width * layout.channels();
    let mut samples = vec![0; row_len * height];
    let mut buffers = [JxlOutputBuffer::new(&mut samples, height, row_len)];
    until(&mut decoder, &mut bytes, None, |event| matches!(event, Event::FrameHeader))?;
    until(&mut decoder, &mut bytes, Some(&mut buffers), |event| {
        matches!(event, Event::FrameComplete { .. })
    })?;
    let side = |side: usize| u32::try_from(side).map_err(|_| DAMAGED);
    rows.begin(side(width)?, side(height)?, layout)?;
    rows.put(&samples)
}

/// A sample is one channel of a pixel.
fn options(max_pixels: u64) -> JxlDecoderOptions {
    let mut options = JxlDecoderOptions::default();
    options.adjust_orientation = false;
    options.sample_limit = Some(usize::try_from(max_pixels.saturating_mul(5)).unwrap_or(usize::MAX));
    options.alpha_mode = AlphaMode::Unpremultiplied;
    options.max_profile_level = ProfileLevel::Main10;
    options
}

fn until(
    decoder: &mut JxlDecoder,
    bytes: &mut &[u8],
    mut buffers: Option<&mut [JxlOutputBuffer<'_>; 1]>,
    is_it: fn(&Event) -> bool,
) -> Result<()> {
    loop {
        let left = bytes.len();
        let buffers = buffers.as_mut().map(|buffers| &mut buffers[..]);
        match decoder.process(bytes, buffers, None).map_err(|_| DAMAGED)? {
            event if is_it(&event) => return Ok(()),
            Event::Complete => return Err(DAMAGED),
            Event::NeedMoreInput { .. } if bytes.len() == left => return Err(DAMAGED),
            _ => {}
        }
    }
}

/// Asks for 8 bits a channel, and for no other channels than colours and alpha.
fn set_layout(decoder: &mut JxlDecoder) -> Result<Layout> {
    let channels = &decoder.basic_info().ok_or(DAMAGED)?.extra_channels;
    let has = |kind| channels.iter().any(|channel| channel.ec_type == kind);
    let grey = decoder.current_pixel_format().ok_or(DAMAGED)?.color_type.is_grayscale();
    let (color_type, layout) = match (grey, has(ExtraChannel::Alpha)) {
        // Of four inks the decoder tells three as colours.
        _ if has(ExtraChannel::Black) => return Err(NOT_DECODED),
        (true, false) => (JxlColorType::Grayscale, Layout::Grey),
        (true, true) => (JxlColorType::GrayscaleAlpha, Layout::GreyAlpha),
        (false, false) => (JxlColorType::Rgb, Layout::Rgb),
        (false, true) => (JxlColorType::Rgba, Layout::Rgba),
    };
    let extra_channel_format = vec![None; channels.len()];
    let color_data_format = Some(JxlDataFormat::U8 { bit_depth: 8 });
    let format = JxlPixelFormat { color_type, color_data_format, extra_channel_format };
    decoder.set_pixel_format(format).map_err(|_| DAMAGED)?;
    Ok(layout)
}
