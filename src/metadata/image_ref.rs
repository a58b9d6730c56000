/// Which image is meant, as the caller said it; the source judges whether that makes sense.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ImageRef {
    /// An image of the media library, by its file id.
    File(String),
    /// An image anywhere, by its URL.
    Url(String),
}

impl ImageRef {
    /// What a client may key its own cache on: the file id or the URL.
    pub fn id(&self) -> &str {
        match self {
            Self::File(id) => id,
            Self::Url(url) => url,
        }
    }

    /// Says nothing of which image it is.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Url(_) => "url",
        }
    }
}
