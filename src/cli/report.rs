//! What is known of an image, as text for a person or JSON for a program.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _, stdout};
use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use super::Failure;
use crate::error::{Error, Result};
use crate::metadata::colours::USUAL_COLOURS;
use crate::metadata::{AsImageKit, Colours, Exif, Metadata, TagGroup, media_type};
use crate::schema::error::ErrorCode;

pub struct Report {
    pub file: String,
    pub metadata: Result<Metadata>,
}

/// Prints to standard output. A reader that has seen enough (`| head`) is no failure.
pub fn print(text: &str) -> std::result::Result<ExitCode, Failure> {
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => Err(error.into()),
    }
}

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    metadata: Option<AsImageKit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
}

impl Report {
    /// The image, or a fact that it should have, could not be had.
    pub fn failed(&self) -> bool {
        matches!(self.error(), Some(error) if !matches!(error, Error::UnsupportedFormat(_)))
    }

    fn error(&self) -> Option<&Error> {
        match &self.metadata {
            Err(error) => Some(error),
            Ok(metadata) => metadata.failure(),
        }
    }

    /// One line: ImageKit's metadata after `file`, and an `error` with `code` and `message` where there is one.
    pub fn json(&self) -> String {
        let failure =
            |error: &Error| json!({"code": ErrorCode::from(error).as_value(), "message": error.to_string()});
        let metadata = self.metadata.as_ref().ok().map(AsImageKit);
        let line = Line { file: &self.file, metadata, error: self.error().map(failure) };
        // Keys of text, written to memory: nothing that can fail.
        serde_json::to_string(&line).unwrap_or_default() + "\n"
    }

    /// Some lines, each a fact.
    pub fn table(&self) -> String {
        let mut table = format!("{}\n", printable(&self.file));
        if let Ok(metadata) = &self.metadata {
            let told = facts(metadata).into_iter().chain(words(metadata));
            told.for_each(|(name, value)| row(&mut table, name, &printable(&value)));
            metadata.exif.iter().for_each(|exif| groups(&mut table, exif));
        }
        if let Some(error) = self.error() {
            row(&mut table, "error", &error.to_string());
        }
        table + "\n"
    }
}

fn row(table: &mut String, name: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(table, "  {name:<16}{value}");
}

fn facts(metadata: &Metadata) -> Vec<(&'static str, String)> {
    let yes_or_no = |flag: bool| if flag { "yes" } else { "no" }.to_owned();
    let size = metadata.size.clone().and_then(Result::ok);
    let hash = metadata.p_hash.clone().and_then(Result::ok);
    let extras = &metadata.extras;
    let colours = extras.colours.as_ref().and_then(|colours| colours.as_ref().ok());
    let facts = [
        ("format", metadata.format.as_deref().map(with_media_type)),
        ("size", size.map(|bytes| format!("{bytes} bytes"))),
        ("dimensions", dimensions(metadata)),
        ("density", metadata.density.map(|density| format!("{density} pixels per inch"))),
        ("color profile", metadata.has_color_profile.map(yes_or_no)),
        ("alpha channel", metadata.has_transparency.map(yes_or_no)),
        ("opaque", extras.is_opaque.clone().and_then(Result::ok).map(yes_or_no)),
        ("frames", extras.frames.clone().and_then(Result::ok).map(|frames| frames.to_string())),
        ("pHash", hash.map(|hash| hash.to_string())),
        ("colors", colours.map(palette)),
        ("blurHash", colours.map(|colours| colours.blur.hash(4, 3))),
        ("thumbHash", colours.map(|colours| STANDARD.encode(&colours.thumb_hash))),
        ("SHA-256", extras.checksum.clone().and_then(Result::ok).map(|checksum| checksum.to_string())),
    ];
    facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Those of XMP and IPTC: EXIF's are told with its groups.
fn words(metadata: &Metadata) -> Vec<(&'static str, String)> {
    let text = metadata.extras.text.clone().and_then(Result::ok).unwrap_or_default();
    let facts = [
        ("title", text.title),
        ("alt", text.alt),
        ("caption", text.caption),
        ("credit", text.credit),
        ("creator", text.creator),
        ("copyright", text.copyright),
        ("license", text.license),
        ("keywords", Some(text.keywords.join(", ")).filter(|words| !words.is_empty())),
    ];
    facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn palette(colours: &Colours) -> String {
    let swatches = colours.palette(USUAL_COLOURS).iter();
    let told = swatches.map(|swatch| format!("{} {:.0} %", swatch.colour, 100.0 * swatch.share));
    told.collect::<Vec<_>>().join(", ")
}

fn with_media_type(format: &str) -> String {
    media_type(format).map_or_else(|| format.to_owned(), |kind| format!("{format} ({kind})"))
}

fn dimensions(metadata: &Metadata) -> Option<String> {
    let size = |width: u64, height: u64| format!("{width} x {height}");
    let stored = size(metadata.width.clone()?.ok()?, metadata.height.clone()?.ok()?);
    let (width, height) = metadata.shown()?.ok()?;
    Some(match metadata.orientation() {
        None | Some(1) => stored,
        Some(orientation) => format!("{stored}, shown {} (orientation {orientation})", size(width, height)),
    })
}

fn groups(table: &mut String, exif: &Exif) {
    for (name, group) in Exif::NAMES.into_iter().zip(exif.groups()) {
        if !group.0.is_empty() {
            let _ = writeln!(table, "  EXIF {name}");
            tags(table, group);
        }
    }
}

fn tags(table: &mut String, group: &TagGroup) {
    for (name, value) in &group.0 {
        let text = value.as_str().map_or_else(|| value.to_string(), printable);
        let _ = writeln!(table, "    {name:<26}{text}");
    }
}

/// A file may carry anything in a text or its name, a terminal's control codes too, and signs that turn the direction of writing: by
/// them `gpj.exe` looks like `exe.jpg`.
pub fn printable(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() || is_turning(sign) { '\u{fffd}' } else { sign }).collect()
}

/// Unicode Standard Annex 9, section 2: embeddings, overrides, isolates and marks.
fn is_turning(sign: char) -> bool {
    matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_not_printed() {
        for sign in "\u{1b}\n\u{7f}\u{9b}\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}".chars() {
            assert_eq!(printable(&format!("a{sign}b")), "a\u{fffd}b", "{sign:?}");
        }
        let plain = "ä שלום\u{200d}\u{2028}.jpg";
        assert_eq!(printable(plain), plain);
    }
}
