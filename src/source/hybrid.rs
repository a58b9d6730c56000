//! What the engine adds to ImageKit's metadata: facts of the pixels that ImageKit does not state, from the file's own
//! bytes.

use super::engine::Engine;
use super::imagekit::ImageKit;
use crate::error::{Error, Result};
use crate::metadata::{Fact, ImageRef, Level, Metadata};

/// ImageKit's metadata with the engine's facts. What the engine cannot find out is missing for itself alone.
pub async fn complete(imagekit: &ImageKit, engine: &Engine, image: &ImageRef, stated: &Metadata) -> Metadata {
    Metadata { is_opaque: opacity(imagekit, engine, image, stated).await, ..stated.clone() }
}

async fn opacity(imagekit: &ImageKit, engine: &Engine, image: &ImageRef, stated: &Metadata) -> Fact<bool> {
    match stated.has_transparency {
        _ if stated.video.is_some() => None,
        Some(false) => Some(Ok(true)),
        _ => match from_bytes(imagekit, engine, image).await {
            Ok(metadata) => metadata.is_opaque,
            Err(error) => Some(Err(error)),
        },
    }
}

async fn from_bytes(imagekit: &ImageKit, engine: &Engine, image: &ImageRef) -> Result<Metadata> {
    let url = match image {
        ImageRef::File(id) => original(imagekit.details(id).await?["url"].as_str())?,
        ImageRef::Url(url) => url.clone(),
    };
    engine.metadata(&ImageRef::Url(url), Level::Pixels).await
}

/// The file as it was uploaded, where nothing may be sent with optimisations: `tr=orig-true`. A signature is of the URL as
/// it is.
fn original(url: Option<&str>) -> Result<String> {
    let url = url.ok_or(Error::UpstreamUnavailable("it does not say where the file is"))?;
    let mut url =
        url::Url::parse(url).map_err(|_| Error::UpstreamUnavailable("it names no URL for the file"))?;
    let kept = url.query_pairs().any(|(name, _)| matches!(&*name, "ik-s" | "tr"));
    if !kept {
        url.query_pairs_mut().append_pair("tr", "orig-true");
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_is_asked_for_unless_the_url_is_signed_or_transforms() {
        let original = |url| original(Some(url)).unwrap();
        assert_eq!(original("https://ik.imagekit.io/a/b.png"), "https://ik.imagekit.io/a/b.png?tr=orig-true");
        assert_eq!(original("https://a.b/c?updatedAt=1"), "https://a.b/c?updatedAt=1&tr=orig-true");
        for kept in ["https://a.b/c?ik-s=5f&ik-t=9", "https://a.b/c?tr=w-100"] {
            assert_eq!(original(kept), kept);
        }
        assert!(super::original(None).is_err() && super::original(Some("c.png")).is_err());
    }
}
