//! What the engine adds to ImageKit's metadata: facts of the pixels that ImageKit does not state, from the file's own
//! bytes.

use url::Url;

use super::engine::Engine;
use super::engine::preview::Preview;
use super::imagekit::ImageKit;
use crate::error::{Error, Result};
use crate::metadata::{ExtraSet, Extras, ImageRef, Metadata};

/// ImageKit's metadata with these facts of the engine's. What the engine cannot find out is missing for itself alone, and
/// of videos it finds out nothing.
pub async fn complete(
    imagekit: &ImageKit,
    engine: &Engine,
    image: &ImageRef,
    stated: &Metadata,
    extras: ExtraSet,
) -> Metadata {
    let (found, no_store) = match stated.has_transparency {
        _ if stated.video.is_some() => (Extras::default(), false),
        Some(false) if extras == ExtraSet::OPACITY => {
            (Extras { is_opaque: Some(Ok(true)), ..Extras::default() }, false)
        }
        _ => match from_bytes(imagekit, engine, image, extras).await {
            Ok(metadata) => (metadata.extras, metadata.no_store),
            Err(error) => (Extras::lacking(extras, &error), false),
        },
    };
    Metadata { extras: found.or(&stated.extras), no_store, ..stated.clone() }
}

async fn from_bytes(
    imagekit: &ImageKit,
    engine: &Engine,
    image: &ImageRef,
    extras: ExtraSet,
) -> Result<Metadata> {
    engine.metadata(&bytes_of(imagekit, image).await?, extras).await
}

/// What the engine shows of an image of ImageKit's.
pub async fn preview(imagekit: &ImageKit, engine: &Engine, image: &ImageRef) -> Result<Preview> {
    engine.preview(&bytes_of(imagekit, image).await?).await
}

/// Where the file is to be fetched.
async fn bytes_of(imagekit: &ImageKit, image: &ImageRef) -> Result<ImageRef> {
    let url = match image {
        ImageRef::File(id) => original(parse(imagekit.details(id).await?["url"].as_str())?),
        ImageRef::Url(url) => match parse(Some(url))? {
            delivered if imagekit.delivers(&delivered) => original(delivered),
            elsewhere => elsewhere,
        },
    };
    Ok(ImageRef::Url(url.into()))
}

fn parse(url: Option<&str>) -> Result<Url> {
    let url = url.and_then(|url| Url::parse(url).ok());
    url.ok_or(Error::UpstreamUnavailable("it names no URL for the file"))
}

/// The file as it was uploaded and not as ImageKit would optimise it: `tr=orig-true`. A signature is of the URL as it
/// is, and a transformation is what the metadata is of.
fn original(mut url: Url) -> Url {
    let as_it_is = url.query_pairs().any(|(name, _)| matches!(&*name, "ik-s" | "tr"));
    let transformed = url.path_segments().is_some_and(|mut parts| parts.any(|part| part.starts_with("tr:")));
    if !as_it_is && !transformed {
        url.query_pairs_mut().append_pair("tr", "orig-true");
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_is_asked_for_unless_the_url_is_signed_or_transforms() {
        let original = |url| String::from(original(parse(Some(url)).unwrap()));
        assert_eq!(original("https://ik.imagekit.io/a/b.png"), "https://ik.imagekit.io/a/b.png?tr=orig-true");
        assert_eq!(original("https://a.b/c?updatedAt=1"), "https://a.b/c?updatedAt=1&tr=orig-true");
        for kept in ["https://a.b/c?ik-s=5f&ik-t=9", "https://a.b/c?tr=w-100", "https://a.b/tr:w-100/c"] {
            assert_eq!(original(kept), kept);
        }
        assert!(parse(None).is_err() && parse(Some("c.png")).is_err());
    }
}
