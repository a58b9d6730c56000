//! File ids: the path below the library's root, in URL-safe base64 without padding.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Error, Result};

/// Linux opens no longer path (`PATH_MAX`, with its NUL).
const MAX_PATH: usize = 4095;

/// An id holds the path's bytes, not its text: file names need not be UTF-8, and every file has an id.
pub fn id_of(path: &Path) -> String {
    URL_SAFE_NO_PAD.encode(path.as_os_str().as_bytes())
}

/// The path below the root. Each path has one id and each id one path, so that no file is cached twice.
pub fn path_of(id: &str) -> Result<PathBuf> {
    if id.len() > MAX_PATH.div_ceil(3) * 4 {
        return Err(Error::BadId("it is too long"));
    }
    let path =
        URL_SAFE_NO_PAD.decode(id).map_err(|_| Error::BadId("it is not URL-safe base64 without padding"))?;
    if path.contains(&0) || !path.split(|byte| *byte == b'/').all(is_plain) {
        return Err(Error::BadId("it does not name a file of the library"));
    }
    let path = PathBuf::from(OsStr::from_bytes(&path));
    if is_hidden(&path) { Err(Error::NotFound) } else { Ok(path) }
}

/// Files and folders of the gateway's own, such as uploads that are not complete, are neither listed nor served.
pub fn is_hidden(path: &Path) -> bool {
    path.iter().any(|part| part.as_bytes().starts_with(b".imagraph"))
}

/// An absolute path begins, and a folder's may end, with an empty component.
fn is_plain(component: &[u8]) -> bool {
    !matches!(component, b"" | b"." | b"..")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(bytes: &[u8]) -> Result<PathBuf> {
        path_of(&URL_SAFE_NO_PAD.encode(bytes))
    }

    #[test]
    fn a_path_has_an_id_and_an_id_its_path() {
        for bytes in
            [&b"a.jpg"[..], b"a/b c/d.png", b"...", b"a/..b", b".hidden", b"\\", b"\xff\xfe.gif", b"a\nb"]
        {
            let path = Path::new(OsStr::from_bytes(bytes));
            assert_eq!(path_of(&id_of(path)).unwrap(), path);
        }
        assert_eq!(id_of(Path::new("a.jpg")), "YS5qcGc");
    }

    #[test]
    fn what_is_hidden_is_not_there() {
        for bytes in [&b".imagraph"[..], b".imagraph-uploads/a.jpg", b"a/.imagraph1/b.jpg"] {
            assert_eq!(path(bytes), Err(Error::NotFound));
        }
        assert!(path(b"a.imagraph/.images/b").is_ok());
    }

    #[test]
    fn what_could_lead_out_of_the_library_is_no_id() {
        let bad =
            ["", "/", "/a", "a/", "a//b", ".", "..", "./a", "../a", "a/..", "a/../b", "a/.", "a\0", "\0"];
        for bytes in bad {
            assert!(matches!(path(bytes.as_bytes()), Err(Error::BadId(_))), "{bytes:?}");
        }
    }

    #[test]
    fn only_canonical_base64_is_an_id() {
        for id in ["YS5qcGc=", "YS5qcGd", "YS5qcG", "Y", "YS5 qcGc", "YS5qcGc\n", "+/+/", "ä", "YS5qcGc=="] {
            assert!(matches!(path_of(id), Err(Error::BadId(_))), "{id}");
        }
    }

    #[test]
    fn no_path_longer_than_the_system_takes() {
        assert!(path(&[b'a'; MAX_PATH]).is_ok());
        assert!(path_of(&"YWFh".repeat(1366)).is_err());
    }

    proptest! {
        #[test]
        fn an_id_that_is_taken_is_the_one_of_its_path(id in "[A-Za-z0-9_=-]{0,24}") {
            if let Ok(path) = path_of(&id) {
                prop_assert!(path.components().all(|part| matches!(part, std::path::Component::Normal(_))));
                prop_assert_eq!(id_of(&path), id);
            }
        }
    }
}
