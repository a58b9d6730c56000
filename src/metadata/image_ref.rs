/// Which image is meant, as the caller said it; the source judges whether that makes sense.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ImageRef {
    /// An image of the media library, by its file id.
    File(String),
    /// An image anywhere, by its URL.
    Url(String),
}

impl ImageRef {
    /// What an id means that an answer gave: a remote image has its URL as one.
    pub fn of_id(id: String) -> Self {
        if is_url(&id) { Self::Url(id) } else { Self::File(id) }
    }

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

/// No file id has a colon. RFC 3986, 3.1: schemes know no case.
fn is_url(id: &str) -> bool {
    let scheme = id.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| ["http", "https"].iter().any(|name| scheme.eq_ignore_ascii_case(name)))
}
