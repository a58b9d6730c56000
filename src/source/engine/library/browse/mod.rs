//! The library page by page, in the order of the bytes of whole paths: that of the buckets' lists.
//!
//! In it a folder stands where its name with a slash behind it belongs, so `a-b` and `a.b` come before what is in `a`, and
//! `a0` after it. Of a folder no more names are held than the smallest that come next, and only folders are read that can
//! hold what comes next.

use std::ffi::OsStr;
use std::fs::DirEntry;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::vec;

use super::id::is_hidden;
use super::listing::{LibraryFile, is_image_name};
use super::path_of;
use super::query;
use super::smallest::Smallest;
use super::walk::opened;
use crate::error::{Error, Result};

/// Names of one folder that are held. One with more is read again for those behind them.
const NAMES: usize = if cfg!(test) { 3 } else { 1_024 };

/// Which files follow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Only what is in this folder and below it; empty for all.
    pub under: PathBuf,
    /// The path that the page comes after, whether or not there is such a file any more; empty for the start.
    pub after: PathBuf,
}

impl Place {
    /// The folder as a caller names it, and a cursor: the id of the file that was the last one.
    pub fn parse(under: Option<&str>, after: Option<&str>) -> Result<Self> {
        let under = query::folder(under.unwrap_or_default());
        let under = under.ok_or(Error::BadRequest("under is a folder of the library, without . and .."))?;
        let after = after.map(path_of).transpose();
        let after = after.map_err(|_| Error::BadRequest("after is no cursor of a page of files"))?;
        Ok(Self { under, after: after.unwrap_or_default() })
    }

    /// With a slash at its end, unless it is all.
    pub fn prefix(&self) -> Vec<u8> {
        let under = self.under.as_os_str().as_bytes();
        if under.is_empty() { Vec::new() } else { [under, b"/"].concat() }
    }

    /// What of the cursor is below the folder; `None` where all that is there has been passed.
    pub fn rest(&self) -> Option<Vec<u8>> {
        let (prefix, after) = (self.prefix(), self.after.as_os_str().as_bytes());
        match after.strip_prefix(prefix.as_slice()) {
            Some(rest) => Some(rest.to_vec()),
            None => (after < prefix.as_slice()).then(Vec::new),
        }
    }
}

/// Reads folders, and so blocks.
pub fn page(root: &Path, place: Place, limit: usize, until: Instant) -> Result<Vec<LibraryFile>> {
    let Some(after) = place.rest().filter(|_| !is_hidden(&place.under)) else { return Ok(Vec::new()) };
    let mut page = Vec::new();
    let mut levels = vec![Level::new(place.under, after)];
    while let Some(level) = levels.last_mut().filter(|_| page.len() < limit) {
        match level.next(root, until)? {
            Some(Next::Folder(below)) => levels.push(below),
            Some(Next::File(path)) => page.extend(LibraryFile::found(root, path)),
            None => {
                levels.pop();
            }
        }
    }
    Ok(page)
}

/// A folder that is being read.
struct Level {
    at: PathBuf,
    /// What is not to be found again: names, of which one may lead into a folder.
    after: Vec<u8>,
    /// The last one of those that were found.
    last: Option<Vec<u8>>,
    names: vec::IntoIter<Vec<u8>>,
    /// There may be names behind these.
    more: bool,
}

enum Next {
    Folder(Level),
    File(PathBuf),
}

impl Level {
    fn new(at: PathBuf, after: Vec<u8>) -> Self {
        Self { at, after, last: None, names: Vec::new().into_iter(), more: true }
    }

    fn next(&mut self, root: &Path, until: Instant) -> Result<Option<Next>> {
        while self.names.len() == 0 && self.more {
            self.read(root, until)?;
        }
        let Some(name) = self.names.next() else { return Ok(None) };
        let path = self.at.join(OsStr::from_bytes(name.strip_suffix(b"/").unwrap_or(&name)));
        if !name.ends_with(b"/") {
            return Ok(Some(Next::File(path)));
        }
        let after = self.after.strip_prefix(name.as_slice()).unwrap_or_default().to_vec();
        Ok(Some(Next::Folder(Self::new(path, after))))
    }

    /// The next names. A folder to which a link leads, or that cannot be read, has none.
    fn read(&mut self, root: &Path, until: Instant) -> Result<()> {
        let mut names = Smallest::new(NAMES, Vec::cmp);
        for entry in opened(root, &self.at).into_iter().flatten().flatten() {
            if Instant::now() > until {
                return Err(Error::Timeout);
            }
            if let Some(name) = name_of(&entry).filter(|name| self.follows(name)) {
                names.add(name);
            }
        }
        let names = names.sorted();
        self.more = names.len() == NAMES;
        self.last = names.last().cloned();
        self.names = names.into_iter();
        Ok(())
    }

    fn follows(&self, name: &Vec<u8>) -> bool {
        let leads_there = name.ends_with(b"/") && self.after.starts_with(name);
        (name > &self.after || leads_there) && self.last.as_ref().is_none_or(|last| name > last)
    }
}

/// As it sorts: that of a folder with a slash. Links are not followed: they may lead in circles.
fn name_of(entry: &DirEntry) -> Option<Vec<u8>> {
    let mut name = entry.file_name().into_vec();
    let kind = entry.file_type().ok().filter(|_| !is_hidden(Path::new(OsStr::from_bytes(&name))))?;
    if kind.is_dir() {
        name.push(b'/');
    }
    (kind.is_dir() || (kind.is_file() && is_image_name(&name))).then_some(name)
}

#[cfg(test)]
mod tests;
