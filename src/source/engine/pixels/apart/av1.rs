//! AV1 by rav1d, which has the interface of C, and aborts where it meets what it did not expect: only [`super::serve`]
//! may come here.

#![allow(unsafe_code, reason = "rav1d has no other interface")]

use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::slice;

use heifer::color::ColorParams;
use rav1d::include::dav1d::data::Dav1dData;
use rav1d::include::dav1d::dav1d::{Dav1dContext, Dav1dSettings};
use rav1d::include::dav1d::headers::{
    DAV1D_PIXEL_LAYOUT_I400, DAV1D_PIXEL_LAYOUT_I420, DAV1D_PIXEL_LAYOUT_I444,
};
use rav1d::include::dav1d::picture::Dav1dPicture;
use rav1d::src::lib::{
    dav1d_close, dav1d_data_create, dav1d_default_settings, dav1d_get_picture, dav1d_open,
    dav1d_picture_unref, dav1d_send_data,
};

use super::coded::{DAMAGED, Plane};
use crate::error::Result;

pub struct Picture {
    picture: Dav1dPicture,
    context: Option<Dav1dContext>,
}

impl Picture {
    /// The first picture of a temporal unit (AV1 Image File Format section 2.1).
    pub fn decode(data: &[u8], max_pixels: u64) -> Result<Self> {
        let mut decoded = Self { picture: Dav1dPicture::default(), context: open(max_pixels)? };
        send(decoded.context, data)?;
        // SAFETY: the context is open, and the picture is empty and may be written.
        let result = unsafe { dav1d_get_picture(decoded.context, Some(NonNull::from(&mut decoded.picture))) };
        if result.0 == 0 && decoded.picture.data[0].is_some() { Ok(decoded) } else { Err(DAMAGED) }
    }

    /// What the stream says of its colours (AV1 section 6.4.2).
    pub fn colors(&self) -> ColorParams {
        // SAFETY: a picture that was decoded has its sequence header, for as long as it lives.
        let header = self.picture.seq_hdr.map(|header| unsafe { header.as_ref() });
        let matrix = header.map_or(2, |header| header.mtrx as u16);
        ColorParams { matrix, full_range: header.is_some_and(|header| header.color_range == 1) }
    }

    pub fn size(&self) -> (u32, u32) {
        (self.picture.p.w.unsigned_abs(), self.picture.p.h.unsigned_abs())
    }

    /// As ISO/IEC 23008-2 numbers them: none, halved both ways, across only, not at all.
    pub fn chroma_format(&self) -> u8 {
        match self.picture.p.layout {
            DAV1D_PIXEL_LAYOUT_I400 => 0,
            DAV1D_PIXEL_LAYOUT_I420 => 1,
            DAV1D_PIXEL_LAYOUT_I444 => 3,
            _ => 2,
        }
    }

    pub fn bit_depth(&self) -> u8 {
        self.picture.p.bpc as u8
    }
}

impl Plane for Picture {
    fn row(&self, plane: usize, y: u32, width: usize, to: &mut Vec<u16>) {
        let Some(start) = self.picture.data[plane] else { return };
        let offset = y as isize * self.picture.stride[usize::from(plane > 0)];
        // SAFETY: the planes of a picture have rows of these strides, as many and as long as its size and layout say, of
        // samples of 8 bits, or aligned ones of 16 where there are more.
        unsafe {
            let row = start.as_ptr().cast::<u8>().offset(offset);
            if self.bit_depth() == 8 {
                to.extend(slice::from_raw_parts(row, width).iter().map(|sample| u16::from(*sample)));
            } else {
                to.extend(slice::from_raw_parts(row.cast::<u16>(), width));
            }
        }
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: both are what rav1d has written there, or empty.
        unsafe {
            if self.picture.data[0].is_some() {
                dav1d_picture_unref(Some(NonNull::from(&mut self.picture)));
            }
            dav1d_close(Some(NonNull::from(&mut self.context)));
        }
    }
}

/// A decoder on this thread alone.
fn open(max_pixels: u64) -> Result<Option<Dav1dContext>> {
    let mut settings = MaybeUninit::<Dav1dSettings>::uninit();
    // SAFETY: it is written there, whatever was there before.
    let mut settings = unsafe {
        dav1d_default_settings(NonNull::from(&mut settings).cast());
        settings.assume_init()
    };
    (settings.n_threads, settings.max_frame_delay, settings.all_layers) = (1, 1, 0);
    settings.frame_size_limit = max_pixels.try_into().unwrap_or(u32::MAX);
    let mut context = None;
    // SAFETY: both are there to be written and read.
    let result = unsafe { dav1d_open(Some(NonNull::from(&mut context)), Some(NonNull::from(&mut settings))) };
    if result.0 == 0 { Ok(context) } else { Err(DAMAGED) }
}

fn send(context: Option<Dav1dContext>, bytes: &[u8]) -> Result<()> {
    let mut data = Dav1dData::default();
    // SAFETY: room is made for so many bytes, which are written before they are read; the context is open and takes
    // them over.
    let result = unsafe {
        let room = dav1d_data_create(Some(NonNull::from(&mut data)), bytes.len());
        let room = NonNull::new(room).ok_or(DAMAGED)?;
        room.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        dav1d_send_data(context, Some(NonNull::from(&mut data)))
    };
    if result.0 == 0 { Ok(()) } else { Err(DAMAGED) }
}
