//! SVG 2: the first tag says how large the picture is. Nothing behind it is read, and nothing is drawn.
//!
//! Sizes are those that libvips tells at its 72 pixels an inch; where it would measure what is drawn there is none.

use std::str;

use roxmltree::{Document, ParsingOptions};

use super::{Header, density, magic};
use crate::error::{Error, Result};
use crate::source::engine::known::{Block, Gap};

/// Bytes of the first tag. Drawing programs declare a dozen namespaces in it, which are 2 KiB.
const MAX_TAG: u64 = 16 << 10;

/// Pixels of libvips' inch, and of its font where the tag names none.
const INCH: f64 = 72.0;
const EM: f64 = 12.0;

const NOT_XML: Error = Error::CorruptImage("its first tag is not XML");

pub fn read(file: Block<'_>, header: &mut Header) -> Result<(), Gap> {
    header.density = density::UNSTATED;
    // It is drawn upon nothing.
    header.has_alpha = true;
    let start = file.bytes(0, file.len().min(magic::PROLOG + MAX_TAG))?;
    match magic::svg(start).ok_or(NOT_XML).and_then(|svg| size(&svg)) {
        Ok((width, height)) => header.set_dimensions(width, height),
        Err(error) => header.dimensions = Err(error),
    }
    Ok(())
}

fn size(svg: &magic::Svg<'_>) -> Result<(u64, u64)> {
    // They might be what an attribute is, and to expand them is how XML kills.
    if svg.declares {
        return Err(Error::UnsupportedFormat("a document type that declares something"));
    }
    let tag = first_tag(svg.root)?;
    let alone = [tag.strip_suffix(b"/").unwrap_or(tag), b"/>"].concat();
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 4, ..ParsingOptions::default() };
    let text = str::from_utf8(&alone).map_err(|_| NOT_XML)?;
    let document = Document::parse_with_options(text, options).map_err(error_of)?;
    Root::new(&document).size()
}

/// Without its last sign. In quotes any sign is an attribute's.
fn first_tag(root: &[u8]) -> Result<&[u8]> {
    let mut quote = None;
    for (place, byte) in root.iter().enumerate().take(MAX_TAG as usize) {
        match (quote, byte) {
            (None, b'>') => return Ok(&root[..place]),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    if root.len() < MAX_TAG as usize {
        return Err(NOT_XML);
    }
    Err(Error::TooLarge { what: "bytes of the first tag", limit: MAX_TAG })
}

fn error_of(error: roxmltree::Error) -> Error {
    match error {
        roxmltree::Error::UnknownEntityReference(..) => {
            Error::UnsupportedFormat("an entity in the first tag")
        }
        _ => NOT_XML,
    }
}

/// Attributes of the root element.
struct Root<'a> {
    document: &'a Document<'a>,
    /// Pixels.
    em: f64,
}

impl<'a> Root<'a> {
    fn new(document: &'a Document<'a>) -> Self {
        let root = Self { document, em: EM };
        let em = root.length("font-size").unwrap_or(EM);
        Self { em, ..root }
    }

    /// A side that is not stated follows from the other by the view box, and both are those of the view box otherwise.
    fn size(&self) -> Result<(u64, u64)> {
        let (width, height) = match (self.length("width"), self.length("height"), self.view_box()) {
            (Some(width), Some(height), _) => (width, height),
            (Some(width), None, Some(view)) => (width, width * view.1 / view.0),
            (None, Some(height), Some(view)) => (height * view.0 / view.1, height),
            (None, None, Some(view)) => view,
            _ => return Err(Error::UnsupportedFormat("having neither width and height nor a view box")),
        };
        Ok(((width + 0.5) as u64, (height + 0.5) as u64))
    }

    /// In pixels. A part of a window that nobody knows is no length.
    fn length(&self, name: &str) -> Option<f64> {
        let text = self.property(name)?.trim();
        let (number, unit) = text.split_at(number_len(text));
        let pixels = match unit.to_ascii_lowercase().as_str() {
            "" | "px" => 1.0,
            "in" => INCH,
            "cm" => INCH / 2.54,
            "mm" => INCH / 25.4,
            "pt" => INCH / 72.0,
            "pc" => INCH / 6.0,
            "em" => self.em,
            "ex" | "ch" => self.em / 2.0,
            _ => return None,
        };
        Some(number.parse::<f64>().ok()? * pixels).filter(|length| *length >= 0.0)
    }

    /// What the style says wins over an attribute.
    fn property(&self, name: &str) -> Option<&str> {
        let declarations = self.attribute("style").into_iter().flat_map(|style| style.rsplit(';'));
        let mut styled = declarations.filter_map(|declaration| declaration.split_once(':'));
        // The last one counts.
        let value = styled.find(|(of, _)| of.trim() == name).map(|(_, value)| value);
        value.or_else(|| self.attribute(name))
    }

    /// One of a namespace is another's.
    fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.document.root_element().attributes();
        Some(attributes.find(|found| found.namespace().is_none() && found.name() == name)?.value())
    }

    /// Width and height of the view box.
    fn view_box(&self) -> Option<(f64, f64)> {
        let text = self.attribute("viewBox")?;
        let separates = |sign: char| sign.is_ascii_whitespace() || sign == ',';
        let parts = text.split(separates).filter(|part| !part.is_empty());
        let number = |part: &str| (number_len(part) == part.len()).then(|| part.parse::<f64>().ok())?;
        match parts.map(number).collect::<Option<Vec<_>>>()?[..] {
            [_, _, width, height] if width >= 0.0 && height >= 0.0 => Some((width, height)),
            _ => None,
        }
    }
}

/// Bytes of the number that a text starts with (CSS Syntax 3): Rust would take `5.`, `inf` and `nan` too.
fn number_len(text: &str) -> usize {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let sign = |at: usize| usize::from(matches!(text.as_bytes().get(at), Some(b'+' | b'-')));
    let mut len = sign(0);
    len += digits(len);
    if text.as_bytes().get(len) == Some(&b'.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
    }
    if matches!(text.as_bytes().get(len), Some(b'e' | b'E')) {
        let exponent = len + 1 + sign(len + 1);
        len = if digits(exponent) > 0 { exponent + digits(exponent) } else { len };
    }
    len
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;
    use crate::metadata::Level;

    fn dimensions(file: &str) -> Result<(u64, u64)> {
        read(file.as_bytes(), Level::Exif).unwrap().dimensions
    }

    fn of(attributes: &str) -> Result<(u64, u64)> {
        dimensions(&format!("<svg xmlns='http://www.w3.org/2000/svg' {attributes}><rect/></svg>"))
    }

    /// As sharp 0.35.5 tells them.
    #[test]
    fn lengths_are_pixels_at_72_an_inch() {
        for (attributes, width, height) in [
            ("width='200' height='100px'", 200, 100),
            ("width='2in' height='25.4mm'", 144, 72),
            ("width='5.08cm' height='72pt'", 144, 72),
            ("width='12pc' height='5em'", 144, 60),
            ("width='10ex' height='10ch'", 60, 60),
            ("width='2em' height='1em' font-size='30'", 60, 30),
            ("width='200.4' height='100.5'", 200, 101),
            ("width='1e2' height='+5E1'", 100, 50),
            ("width=' 20 ' height='10PX'", 20, 10),
            ("width='20' height='10' style='color: red; width:50px;height: 60px'", 50, 60),
            ("width='2&#48;' height='10'", 20, 10),
            ("x:width='9' xmlns:x='u' width='20' height='10' a='>'", 20, 10),
        ] {
            assert_eq!(of(attributes), Ok((width, height)), "{attributes}");
        }
    }

    #[test]
    fn a_side_that_is_not_stated_follows_from_the_view_box() {
        for (attributes, width, height) in [
            ("viewBox='0 0 200 100'", 200, 100),
            ("viewBox='10,10 , 200.4 100.6'", 200, 101),
            ("width='100%' height='50%' viewBox='0 0 200 100'", 200, 100),
            ("width='200' viewBox='0 0 100 50'", 200, 100),
            ("width='auto' height='15' viewBox='0 0 30 20'", 23, 15),
            ("width='25.4mm' height='100%' viewBox='0 0 30 20'", 72, 48),
        ] {
            assert_eq!(of(attributes), Ok((width, height)), "{attributes}");
        }
    }

    /// libvips measures what is drawn there.
    #[test]
    fn without_either_there_is_no_size() {
        for attributes in [
            "",
            "width='200'",
            "width='100%' height='100%'",
            "width='5.' height='inf'",
            "width='-5' height='5'",
            "width='2 in' height='1in'",
            "width='1vw' height='1rem'",
            "viewBox='0 0 20'",
            "viewBox='0 0 20 10px'",
            "viewBox='0 0 20 -10'",
            "WIDTH='1' HEIGHT='1'",
        ] {
            assert!(matches!(of(attributes), Err(Error::UnsupportedFormat(_))), "{attributes}");
        }
        for attributes in ["width='0' height='5'", "width='0.4' height='5'", "viewBox='0 0 0 0'"] {
            assert!(matches!(of(attributes), Err(Error::CorruptImage(_))), "{attributes}");
        }
    }

    #[test]
    fn entities_are_not_expanded_and_what_declares_them_is_refused() {
        let plain = "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'svg11.dtd'><svg width='2' height='1'/>";
        assert_eq!(dimensions(plain), Ok((2, 1)));
        let declared = "<!DOCTYPE svg [<!ENTITY w '30'>]><svg width='&w;' height='10'/>";
        for file in [declared, "<svg width='&w;' height='10'/>"] {
            assert!(matches!(dimensions(file), Err(Error::UnsupportedFormat(_))), "{file}");
        }
    }

    #[test]
    fn only_the_first_tag_has_to_be_there_and_has_to_be_short() {
        assert_eq!(dimensions("<svg width='2' height='1'><g></svg>&w;\u{0}"), Ok((2, 1)));
        for file in ["<svg width='2' height='1'", "<svg width='2' width='3'/>", "<svg a=1/>", "<svg <g/>"] {
            assert_eq!(dimensions(file), Err(NOT_XML), "{file}");
        }
        let long = format!("<svg a='{}'/>", "x".repeat(MAX_TAG as usize));
        assert_eq!(
            dimensions(&long),
            Err(Error::TooLarge { what: "bytes of the first tag", limit: MAX_TAG })
        );
    }

    #[test]
    fn it_has_alpha_and_no_more_of_it_is_read_than_the_tag_may_take() {
        let file = format!("<svg width='2' height='1'>{}</svg>", " ".repeat(1 << 20));
        let header = read(file.as_bytes(), Level::Exif).unwrap();
        assert_eq!((header.dimensions, header.has_alpha, header.density), (Ok((2, 1)), true, Some(72)));
        let mut known = super::super::Known::default();
        known.add(0, &file.as_bytes()[..(magic::PROLOG + MAX_TAG) as usize]);
        assert!(matches!(super::super::read(&known, Level::Exif), super::super::Reading::Done(Ok(_))));
    }
}
