use serde::{Deserialize, Serialize};

/// By what one version of a file is told from the next: its server's words for it (RFC 9110, 8.8), or the engine's
/// own for a file of the library.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// An entity tag with its quotes.
    pub etag: Option<String>,
    /// An HTTP date.
    pub last_modified: Option<String>,
}

impl Version {
    /// What only one of the two states does not count: RFC 9110, 15.3.7 lets a 206 leave out Last-Modified.
    pub fn contradicts(&self, other: &Self) -> bool {
        let differ = |one: &Option<_>, two: &Option<_>| one.is_some() && two.is_some() && one != two;
        differ(&self.etag, &other.etag) || differ(&self.last_modified, &other.last_modified)
    }

    /// Nothing is stated.
    pub fn is_unknown(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_differ_by_what_both_state() {
        let version = |etag: Option<&str>, date: Option<&str>| Version {
            etag: etag.map(str::to_owned),
            last_modified: date.map(str::to_owned),
        };
        let first = version(Some("\"a\""), Some("yesterday"));
        assert!(!first.contradicts(&version(Some("\"a\""), None)));
        assert!(!first.contradicts(&version(None, None)));
        assert!(first.contradicts(&version(Some("\"b\""), None)));
        assert!(first.contradicts(&version(Some("\"a\""), Some("today"))));
        assert!(!first.is_unknown() && version(None, None).is_unknown());
    }
}
