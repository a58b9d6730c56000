//! A draft gets its place in the library's folder.
//!
//! Folders are entered one by one from the root, and no link is followed: a list would not find what lies behind one, and it
//! may lead out of the library.

use std::ffi::OsStr;
use std::path::Path;

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{
    AtFlags, CWD, Mode, OFlags, RenameFlags, fsync, linkat, mkdirat, openat, renameat, renameat_with,
    unlinkat,
};
use rustix::io::Errno;

use super::draft::failure;
use crate::error::{Error, Result};

const BLOCKED: Error = Error::BadName("a part of its folder is a link or a file");

/// Renames a written file to its place below the root. Waits for the disk.
pub fn publish(draft: &Path, root: &Path, path: &Path, overwrite: bool) -> Result<()> {
    let name = path.file_name().ok_or(Error::Internal)?;
    let mut made = Made::default();
    let placed = made.enter(root, path).and_then(|folder| {
        place(draft, &folder, name, overwrite)?;
        fsync(&folder).map_err(storage)
    });
    if placed.is_err() {
        made.undo();
    }
    placed
}

/// The folders that were made for a file, each by the one that it is in.
#[derive(Default)]
struct Made<'a>(Vec<(OwnedFd, &'a OsStr)>);

impl<'a> Made<'a> {
    /// The folder that a path lies in.
    fn enter(&mut self, root: &Path, path: &'a Path) -> Result<OwnedFd> {
        let mut folder = open(CWD, root.as_os_str())?;
        for part in path.parent().into_iter().flatten() {
            let inner = match open(&folder, part) {
                Err(Error::NotFound) => self.make(&folder, part)?,
                opened => opened?,
            };
            folder = inner;
        }
        Ok(folder)
    }

    fn make(&mut self, folder: &OwnedFd, part: &'a OsStr) -> Result<OwnedFd> {
        match mkdirat(folder, part, Mode::from_raw_mode(0o777)) {
            Ok(()) => {
                let within = folder.try_clone().map_err(failure)?;
                self.0.push((within, part));
                fsync(folder).map_err(storage)?;
            }
            // Somebody else was faster.
            Err(Errno::EXIST) => {}
            Err(error) => return Err(storage(error)),
        }
        open(folder, part)
    }

    /// Those that others use by now stay.
    fn undo(self) {
        for (folder, part) in self.0.into_iter().rev() {
            let _ = unlinkat(folder, part, AtFlags::REMOVEDIR);
        }
    }
}

fn open(folder: impl AsFd, part: &OsStr) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(folder, part, flags, Mode::empty()).map_err(|error| match error {
        Errno::NOENT => Error::NotFound,
        Errno::LOOP | Errno::NOTDIR => BLOCKED,
        error => storage(error),
    })
}

fn place(draft: &Path, folder: &OwnedFd, name: &OsStr, overwrite: bool) -> Result<()> {
    let placed = match overwrite {
        true => renameat(CWD, draft, folder, name),
        false => match renameat_with(CWD, draft, folder, name, RenameFlags::NOREPLACE) {
            // Not every file system knows that.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => link(draft, folder, name),
            renamed => renamed,
        },
    };
    placed.map_err(|error| match error {
        Errno::EXIST => Error::AlreadyExists,
        Errno::ISDIR => Error::BadName("there is a folder of this name"),
        error => storage(error),
    })
}

fn link(draft: &Path, folder: &OwnedFd, name: &OsStr) -> rustix::io::Result<()> {
    linkat(CWD, draft, folder, name, AtFlags::empty())?;
    unlinkat(CWD, draft, AtFlags::empty())
}

fn storage(error: Errno) -> Error {
    failure(error.into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    struct Made {
        folder: tempfile::TempDir,
    }

    impl Made {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir_all(folder.path().join("images/a")).unwrap();
            Self { folder }
        }

        fn put(&self, bytes: &str, path: &str, overwrite: bool) -> Result<()> {
            let root = self.folder.path().join("images");
            let draft = root.join(".imagraph-upload-0");
            fs::write(&draft, bytes).unwrap();
            let published = publish(&draft, &root, Path::new(path), overwrite);
            assert_eq!(draft.exists(), published.is_err());
            published
        }

        fn read(&self, path: &str) -> Option<String> {
            fs::read_to_string(self.folder.path().join(path)).ok()
        }
    }

    #[test]
    fn a_file_takes_its_place_and_no_others_unless_that_is_asked() {
        let made = Made::new();
        assert_eq!(made.put("1", "a/b/c/d.jpg", false), Ok(()));
        assert_eq!(made.put("2", "a/b/c/d.jpg", false), Err(Error::AlreadyExists));
        assert_eq!(made.read("images/a/b/c/d.jpg").as_deref(), Some("1"));
        assert_eq!(made.put("3", "a/b/c/d.jpg", true), Ok(()));
        assert_eq!(made.read("images/a/b/c/d.jpg").as_deref(), Some("3"));
        assert!(matches!(made.put("4", "a/b", true), Err(Error::BadName(_))));
        assert_eq!(made.put("5", "a/b", false), Err(Error::AlreadyExists));
        assert!(matches!(made.put("6", "a/b/c/d.jpg/e.jpg", false), Err(Error::BadName(_))));
    }

    #[test]
    fn no_link_is_followed_and_none_is_written_through() {
        let made = Made::new();
        let root = made.folder.path().join("images");
        symlink(made.folder.path(), root.join("out")).unwrap();
        symlink("a", root.join("in")).unwrap();
        fs::write(made.folder.path().join("secret"), "secret").unwrap();
        symlink("../secret", root.join("link.jpg")).unwrap();
        for path in ["out/x.jpg", "in/x.jpg", "out/new/x.jpg"] {
            assert!(matches!(made.put("x", path, true), Err(Error::BadName(_))), "{path}");
        }
        assert_eq!(made.put("x", "link.jpg", false), Err(Error::AlreadyExists));
        assert_eq!(made.put("x", "link.jpg", true), Ok(()));
        assert_eq!(made.read("secret").as_deref(), Some("secret"));
        assert!(made.read("x.jpg").is_none() && made.read("images/a/x.jpg").is_none());
    }

    #[test]
    fn folders_that_were_made_in_vain_are_gone() {
        let made = Made::new();
        let long = format!("b/c/{}.jpg", "x".repeat(300));
        assert!(made.put("x", &long, false).is_err());
        assert!(!made.folder.path().join("images/b").exists());
    }
}
