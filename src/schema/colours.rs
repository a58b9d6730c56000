//! What is told of a picture's colours.

use std::ops::RangeInclusive;

use async_graphql::{Result, SimpleObject};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::field_error;
use super::scalar::Color;
use crate::error::{self, Error};
use crate::metadata::colours::{MAX_COLOURS, MAX_COMPONENTS};
use crate::metadata::{self, Colours, Fact};

/// Bytes of a `lqip`, at most: 16 x 16 pixels of four channels that cannot be compressed, in base64.
pub const MAX_PREVIEW: usize = 2 << 10;

const COMPONENTS: Error = Error::BadRequest("a BlurHash has 1 to 9 components along each axis");
const COLOURS: Error = Error::BadRequest("a palette has 1 to 16 colours");

/// A colour, and how much of the picture is like it.
#[derive(SimpleObject)]
pub struct Swatch {
    /// The mean of these pixels.
    color: Color,
    /// Their share of all pixels, 0 to 1. What lets something through counts less, and what is clear not at all.
    share: f64,
}

impl From<&metadata::Swatch> for Swatch {
    fn from(swatch: &metadata::Swatch) -> Self {
        // Of a hundred pixels a side each is a ten-thousandth.
        let share = (f64::from(swatch.share) * 1e4).round() / 1e4;
        Self { color: Color(swatch.colour), share }
    }
}

pub fn dominant(colours: &Fact<Colours>) -> Option<Result<Color>> {
    told(colours, |colours| Ok(colours.dominant().map(Color)))
}

pub fn palette(colours: &Fact<Colours>, most: i32) -> Option<Result<Vec<Swatch>>> {
    told(colours, |colours| {
        let most = within(most, 1..=MAX_COLOURS).ok_or(COLOURS)?;
        Ok(Some(colours.palette(most).iter().map(Swatch::from).collect()))
    })
}

pub fn blur_hash(colours: &Fact<Colours>, (x, y): (i32, i32)) -> Option<Result<String>> {
    told(colours, |colours| {
        let components = |count| within(count, 1..=MAX_COMPONENTS).ok_or(COMPONENTS);
        Ok(Some(colours.blur.hash(components(x)?, components(y)?)))
    })
}

pub fn thumb_hash(colours: &Fact<Colours>) -> Option<Result<String>> {
    told(colours, |colours| Ok(Some(STANDARD.encode(&colours.thumb_hash))))
}

pub fn preview(colours: &Fact<Colours>) -> Option<Result<String>> {
    told(colours, |colours| Ok(Some(format!("data:image/png;base64,{}", STANDARD.encode(&colours.preview)))))
}

fn within(count: i32, bounds: RangeInclusive<usize>) -> Option<usize> {
    usize::try_from(count).ok().filter(|count| bounds.contains(count))
}

/// A field that may fail alone.
fn told<T>(
    colours: &Fact<Colours>,
    tell: impl FnOnce(&Colours) -> error::Result<Option<T>>,
) -> Option<Result<T>> {
    let told = match colours.as_ref()? {
        Ok(colours) => tell(colours),
        Err(error) => Err(error.clone()),
    };
    told.map_err(|error| field_error(&error)).transpose()
}
