//! Groups as a page: one file, which shows its pictures with nothing beside it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream::{self, StreamExt};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageResult};

use super::super::report::{print as write, printable};
use super::super::{Failure, progress};
use super::copies::{Found, Seen};
use super::table::{dimensions, quality};
use super::{distance, summary};
use crate::source::engine::Engine;
use crate::source::engine::pixels::thumbnail::Thumbnail;

/// As libjpeg counts. What is 100 pixels wide takes some 3 KiB.
const QUALITY: u8 = 80;

/// Nothing is loaded and no script runs, whatever the names of files say.
const HEAD: &str = include_str!("page.html");

/// Prints group after group; their thumbnails are made on all cores, and few of them are held at a time.
pub async fn print(engine: &Arc<Engine>, found: &Found) -> Result<ExitCode, Failure> {
    let images: Vec<_> = found.groups.iter().flatten().map(|image| image.path.clone()).collect();
    let bar = progress::of_files(images.len());
    let make = |path: PathBuf| {
        let engine = Arc::clone(engine);
        tokio::spawn(async move { engine.thumbnail_of_file(&path).await.ok() })
    };
    let at_once = available_parallelism().map_or(1, usize::from);
    let mut thumbnails = stream::iter(images).map(make).buffered(at_once);
    write(HEAD)?;
    write(&format!("<p>{}</p>\n", escape(&summary(found))))?;
    for group in &found.groups {
        write(&format!("<section>\n<h2>{} images</h2>\n<ol>\n", group.len()))?;
        for image in group {
            // What cannot be had, or has been changed meanwhile, is told without a picture.
            let thumbnail = thumbnails.next().await.and_then(Result::ok).flatten();
            write(&item(image, &group[0], thumbnail.as_deref()))?;
            bar.inc(1);
        }
        write("</ol>\n</section>\n")?;
    }
    bar.finish_and_clear();
    write("</main>\n</body>\n</html>\n")
}

fn item(image: &Seen, best: &Seen, thumbnail: Option<&Thumbnail>) -> String {
    let picture = thumbnail.and_then(|thumbnail| picture(thumbnail).ok()).unwrap_or_default();
    let bits = if std::ptr::eq(image, best) {
        "<b>best</b>".to_owned()
    } else {
        format!("{} bits from the best", distance(best, image))
    };
    let format = image.format.as_deref().map(escape);
    let facts =
        [Some(bits), Some(dimensions(image)), Some(format!("{} bytes", image.size)), format, quality(image)];
    let facts: Vec<_> = facts.into_iter().flatten().filter(|fact| !fact.is_empty()).collect();
    // Signs in a name that turn the direction of writing do so within it only.
    let name = escape(&printable(&image.path.display().to_string()));
    format!("<li>{picture}<div><bdi>{name}</bdi><p>{}</p></div></li>\n", facts.join(" · "))
}

/// In the page's own text.
fn picture(thumbnail: &Thumbnail) -> ImageResult<String> {
    let (width, height) = (thumbnail.width, thumbnail.height);
    let (kind, file) = encoded(thumbnail)?;
    let file = STANDARD.encode(file);
    Ok(format!(
        "<img alt=\"\" width=\"{width}\" height=\"{height}\" src=\"data:image/{kind};base64,{file}\">"
    ))
}

/// A JPEG; what lets anything through, a PNG.
fn encoded(thumbnail: &Thumbnail) -> ImageResult<(&'static str, Vec<u8>)> {
    let (width, height) = (thumbnail.width as u32, thumbnail.height as u32);
    let mut file = Vec::new();
    if thumbnail.pixels.iter().all(|[.., alpha]| *alpha == u8::MAX) {
        let rgb: Vec<u8> = thumbnail.pixels.iter().flat_map(|[rgb @ .., _]| *rgb).collect();
        let encoder = JpegEncoder::new_with_quality(&mut file, QUALITY);
        encoder.write_image(&rgb, width, height, ExtendedColorType::Rgb8)?;
        return Ok(("jpeg", file));
    }
    let rgba = thumbnail.pixels.as_flattened();
    PngEncoder::new(&mut file).write_image(rgba, width, height, ExtendedColorType::Rgba8)?;
    Ok(("png", file))
}

/// Text as it may stand in HTML, between tags and in quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_html_knows_is_escaped() {
        assert_eq!(escape("<b a='\"'>&amp;"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;amp;");
    }

    #[test]
    fn what_is_opaque_is_a_jpeg_and_else_a_png() {
        let of =
            |alpha| Thumbnail { width: 2, height: 1, pixels: vec![[200, 90, 30, 255], [1, 2, 3, alpha]] };
        assert_eq!(encoded(&of(255)).unwrap().1[..2], [0xFF, 0xD8]);
        assert_eq!(encoded(&of(7)).unwrap().1[..4], *b"\x89PNG");
    }
}
