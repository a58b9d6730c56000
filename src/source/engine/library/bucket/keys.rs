//! Keys of a bucket, and paths below the library.
//!
//! A key may be any text, and `object_store` takes several for one: it drops slashes at both ends. Such keys, and those that
//! a URL could lead elsewhere with, are no files of the library: what is listed can be read, and is what was listed.

use std::path::{Path, PathBuf};

use object_store::path::Path as Key;

use crate::error::{Error, Result};
use crate::source::engine::library::id::is_hidden;

/// Bytes: no provider takes longer keys.
pub const MAX_KEY: usize = 1_024;

pub struct Keys {
    /// With a slash at its end, or empty.
    prefix: String,
}

impl Keys {
    pub fn below(prefix: &str) -> Self {
        Self { prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") } }
    }

    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The key of a file. There is none of a path that no key can be.
    pub fn key(&self, path: &Path) -> Result<Key> {
        let key = format!("{}{}", self.prefix, path.to_str().ok_or(Error::NotFound)?);
        let parsed = Key::parse(&key).map_err(|_| Error::NotFound)?;
        if parsed.as_ref() == key && key.len() <= MAX_KEY { Ok(parsed) } else { Err(Error::NotFound) }
    }

    /// Where the file of a key is below the library.
    pub fn path(&self, key: &str) -> Option<PathBuf> {
        let path = Path::new(key.strip_prefix(&self.prefix)?);
        (is_plain(key) && !is_hidden(path)).then(|| path.to_owned())
    }
}

/// Whether a key is a path and nothing else is.
pub fn is_plain(key: &str) -> bool {
    let part =
        |part: &str| !matches!(part, "" | "." | "..") && !part.contains(|c: char| c.is_ascii_control());
    key.len() <= MAX_KEY && key.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_lie_below_the_prefix() {
        let keys = Keys::below("a/b c");
        assert_eq!(keys.key(Path::new("d/ü%2F+.jpg")).unwrap().as_ref(), "a/b c/d/ü%2F+.jpg");
        assert_eq!(keys.path("a/b c/d/ü%2F+.jpg"), Some("d/ü%2F+.jpg".into()));
        for key in ["a/b c", "a/b cd/e.jpg", "a/b c/", "a/b c//d", "a/b c/../d", "a/b c/.imagraph/d", "d"] {
            assert_eq!(keys.path(key), None, "{key}");
        }
    }

    #[test]
    fn what_can_be_no_key_is_not_there() {
        let keys = Keys::below("");
        for path in [&b"a\nb"[..], b"\x7f", b"\xff.jpg", &[b'a'; 1_025]] {
            assert_eq!(keys.key(Path::new(OsStr::from_bytes(path))), Err(Error::NotFound));
        }
        assert!(keys.key(Path::new(&"a".repeat(1_024))).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_listed_is_what_is_read(key in "[a-c/.%+ \\n\u{e4}]{0,12}") {
            let keys = Keys::below("");
            if let Some(path) = keys.path(&key) {
                let read = keys.key(&path).unwrap();
                prop_assert_eq!(read.as_ref(), key);
            }
        }
    }
}
