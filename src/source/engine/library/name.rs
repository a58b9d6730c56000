//! What an uploaded file is called.
//!
//! As ImageKit has it: what is no letter, digit, dot or dash becomes an underscore, and a name that is to be unique gets nine
//! more characters. What could mean another place is refused and not mended.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

use super::id::is_hidden;
use super::listing::is_image_name;
use crate::error::{Error, Result};

/// Bytes of one part of a path: `NAME_MAX` of Linux.
const MAX_PART: usize = 255;
/// Bytes of a path: no bucket takes longer keys.
const MAX_PATH: usize = 1_024;
/// Folders within folders, as at ImageKit.
const MAX_DEPTH: usize = 50;
/// Characters that make a name unique: as many as ImageKit adds.
const UNIQUE: usize = 9;

/// Where a file is to be, as its sender says.
#[derive(Debug, Clone, Default)]
pub struct Named {
    pub name: String,
    /// With or without slashes around it; empty for the library itself.
    pub folder: String,
    /// Whether it gets a name that no other has.
    pub unique: bool,
    /// Whether it takes the place of a file of this name.
    pub overwrite: bool,
}

impl Named {
    /// Refuses what can be no name, before anything is known of the file.
    pub fn check(&self) -> Result<()> {
        self.path("jpg").map(drop)
    }

    /// The path below the library of a file of this format, such as `jpg`. A name by which nobody would take the file for
    /// an image gets the format's extension: lists of images go by names.
    pub fn path(&self, format: &str) -> Result<PathBuf> {
        let mut path = folder(&self.folder)?;
        let mut name = part(&self.name)?;
        if !is_image_name(name.as_bytes()) {
            name = format!("{name}.{format}");
        }
        path.push(if self.unique { made_unique(&name) } else { name });
        let fits = |part: &std::ffi::OsStr| part.len() <= MAX_PART;
        match path.iter().all(fits) && path.as_os_str().len() <= MAX_PATH {
            _ if is_hidden(&path) => {
                Err(Error::BadName("names that begin with .imagraph are the gateway's own"))
            }
            true => Ok(path),
            false => Err(Error::BadName("it is too long")),
        }
    }
}

fn folder(folder: &str) -> Result<PathBuf> {
    let parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if parts.len() > MAX_DEPTH {
        return Err(Error::BadName("it lies too deep"));
    }
    parts.into_iter().map(part).collect()
}

/// One part of a path, as it is stored.
fn part(text: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8_lossy();
    if [text, &decoded].iter().any(|text| leads_elsewhere(text)) {
        return Err(Error::BadName("it could lead elsewhere"));
    }
    match text {
        "" => Err(Error::BadName("it is empty")),
        // Longer ones are not looked through.
        long if long.len() > MAX_PATH => Err(Error::BadName("it is too long")),
        text => Ok(text.chars().map(plain).collect()),
    }
}

fn leads_elsewhere(part: &str) -> bool {
    matches!(part, "." | "..") || part.contains(['/', '\\', '\0'])
}

/// Letters of other scripts are no exception: two that look alike would be two files.
fn plain(sign: char) -> char {
    if sign.is_ascii_alphanumeric() || matches!(sign, '.' | '-') { sign } else { '_' }
}

/// With random characters ahead of the extension.
fn made_unique(name: &str) -> String {
    let random: String = (0..UNIQUE).map(|_| fastrand::alphanumeric()).collect();
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}_{random}.{extension}"),
        None => format!("{name}_{random}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{id_of, path_of};
    use super::*;

    fn path(name: &str, folder: &str) -> Result<String> {
        let named = Named { name: name.to_owned(), folder: folder.to_owned(), ..Named::default() };
        named.path("png").map(|path| path.to_str().unwrap().to_owned())
    }

    #[test]
    fn names_are_made_plain_and_lie_in_their_folder() {
        for (name, folder, expected) in [
            ("a.jpg", "", "a.jpg"),
            ("My picture (1).JPG", "/Summer 2026//b/", "Summer_2026/b/My_picture__1_.JPG"),
            ("ä\n.png", "/", "__.png"),
            ("...jpg", "", "...jpg"),
            ("a..b.jpg", "a..b", "a..b/a..b.jpg"),
            ("a%20b.jpg", "", "a_20b.jpg"),
            ("a.txt", "", "a.txt.png"),
            ("a", "", "a.png"),
            (".jpg", "", ".jpg.png"),
            ("a.", "", "a..png"),
        ] {
            assert_eq!(path(name, folder).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        for name in [
            "",
            ".",
            "..",
            "../x.jpg",
            "a/../../x.jpg",
            "/etc/x.jpg",
            "a/b.jpg",
            "a\\b.jpg",
            "a\0.jpg",
            "%2e%2e",
            "%2e%2e%2fx.jpg",
            "..%2Fx.jpg",
            "a%00.jpg",
            ".imagraph-x.jpg",
            ".imagraph",
        ] {
            assert!(matches!(path(name, ""), Err(Error::BadName(_))), "{name:?}");
        }
        for folder in ["..", "a/../../b", "/..", "a/./b", "a\0", "%2e%2e/a", "a\\..", ".imagraph-uploads"] {
            assert!(matches!(path("a.jpg", folder), Err(Error::BadName(_))), "{folder:?}");
        }
    }

    #[test]
    fn what_no_file_system_or_bucket_takes_is_too_long() {
        assert!(path(&format!("{}.jpg", "a".repeat(251)), "").is_ok());
        assert!(path(&format!("{}.jpg", "a".repeat(252)), "").is_err());
        assert!(path("a.jpg", &"a".repeat(256)).is_err());
        assert!(path("a.jpg", &"a/".repeat(50)).is_ok());
        assert!(path("a.jpg", &"a/".repeat(51)).is_err());
        assert!(path("a.jpg", &format!("{}/", "a".repeat(250)).repeat(5)).is_err());
    }

    #[test]
    fn a_unique_name_has_nine_more_characters_ahead_of_its_extension() {
        let named = Named { name: "a b.tar.jpg".to_owned(), unique: true, ..Named::default() };
        let (one, other) = (named.path("jpg").unwrap(), named.path("jpg").unwrap());
        assert_ne!(one, other);
        let random = one.to_str().unwrap().strip_prefix("a_b.tar_").unwrap().strip_suffix(".jpg").unwrap();
        assert!(random.len() == 9 && random.chars().all(|sign| sign.is_ascii_alphanumeric()), "{random}");
    }

    proptest! {
        #[test]
        fn a_path_is_one_that_the_library_serves(name in "\\PC{0,20}", folder in "[a./\\\\%2e\\PC]{0,20}") {
            if let Ok(path) = path(&name, &folder) {
                let path = std::path::Path::new(&path);
                prop_assert_eq!(path_of(&id_of(path)).unwrap(), path);
                prop_assert!(is_image_name(path.as_os_str().as_encoded_bytes()));
            }
        }
    }
}
