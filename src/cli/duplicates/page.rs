//! Groups as a page: one file, which shows its pictures with nothing beside it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream::{self, StreamExt};
use image::ImageResult;

use super::super::report::{print as write, printable};
use super::super::{Failure, progress};
use super::copies::{Found, Seen};
use super::distance;
use super::table::{dimensions, quality};
use crate::source::engine::Engine;
use crate::source::engine::pixels::thumbnail::Thumbnail;
use crate::source::engine::preview::encoded;

/// Nothing is loaded and no script runs, whatever the names of files say.
const HEAD: &str = include_str!("page.html");

/// Prints group after group; their thumbnails are made on all cores, and few of them are held at a time.
pub async fn print(engine: &Arc<Engine>, found: &Found, summary: &str) -> Result<ExitCode, Failure> {
    let images: Vec<_> = found.groups.iter().flatten().map(|image| image.path.clone()).collect();
    let bar = progress::of_files(images.len());
    let make = |path: PathBuf| {
        let engine = Arc::clone(engine);
        tokio::spawn(async move { engine.thumbnail_of_file(&path).await.ok() })
    };
    let at_once = available_parallelism().map_or(1, usize::from);
    let mut thumbnails = stream::iter(images).map(make).buffered(at_once);
    write(HEAD)?;
    write(&format!("<p>{}</p>\n", escape(summary)))?;
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
    let (media_type, file) = encoded(thumbnail)?;
    let file = STANDARD.encode(file);
    Ok(format!(
        "<img alt=\"\" width=\"{width}\" height=\"{height}\" src=\"data:{media_type};base64,{file}\">"
    ))
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
}
