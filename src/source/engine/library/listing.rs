//! The files of the library, as ImageKit's lists have them.

use std::cmp::Ordering;
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use super::folder::below;
use super::query::{FilesQuery, Order};
use super::smallest::Smallest;
use super::walk::Walk;
use super::{id_of, path_of};
use crate::error::{Error, Result};

/// Of files without magic bytes to look at: what the engine knows as images, and videos.
const IMAGE_NAMES: [&str; 14] =
    ["jpg", "jpeg", "png", "gif", "webp", "tif", "tiff", "bmp", "ico", "avif", "heic", "heif", "jxl", "svg"];

/// A file of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryFile {
    pub id: String,
    /// Below the library's root.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    pub created: SystemTime,
    pub updated: SystemTime,
}

/// Whether a file at this path is an image by its name.
pub fn is_image_name(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let end = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    end.len() + 1 < name.len() && IMAGE_NAMES.iter().any(|name| end.eq_ignore_ascii_case(name.as_bytes()))
}

impl LibraryFile {
    /// `None` for what is no file. Links are followed, but not out of the library.
    pub fn at(root: &Path, path: PathBuf) -> Option<Self> {
        let metadata = fs::metadata(below(root, &root.join(&path)).ok()?).ok()?;
        metadata.is_file().then(|| Self::of(path, &metadata))
    }

    /// The same for what was found in a folder of the library, where no link is followed.
    pub fn found(root: &Path, path: PathBuf) -> Option<Self> {
        let metadata = fs::symlink_metadata(root.join(&path)).ok()?;
        metadata.is_file().then(|| Self::of(path, &metadata))
    }

    pub fn of(path: PathBuf, metadata: &Metadata) -> Self {
        let updated = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        // Not every file system knows.
        let created = metadata.created().unwrap_or(updated);
        Self { id: id_of(&path), path, size: metadata.len(), created, updated }
    }

    pub fn is_image(&self) -> bool {
        is_image_name(self.path.as_os_str().as_bytes())
    }
}

impl FilesQuery {
    pub fn selects(&self, file: &LibraryFile) -> bool {
        let in_folder = self.folder.as_ref().is_none_or(|folder| file.path.parent() == Some(folder));
        in_folder && self.images.is_none_or(|images| file.is_image() == images)
    }

    /// Which of two files comes first. Paths are told apart by their bytes, as whole paths.
    pub fn compare(&self, a: &LibraryFile, b: &LibraryFile) -> Ordering {
        let order = match self.order {
            Order::Path => Ordering::Equal,
            Order::Name => a.path.file_name().cmp(&b.path.file_name()),
            Order::Created => a.created.cmp(&b.created),
            Order::Updated => a.updated.cmp(&b.updated),
            Order::Size => a.size.cmp(&b.size),
        };
        let order = if self.descending { order.reverse() } else { order };
        order.then_with(|| a.path.as_os_str().as_bytes().cmp(b.path.as_os_str().as_bytes()))
    }

    /// Of all files those that can be on the page: no more are held than it skips and shows.
    pub fn first(&self) -> Smallest<LibraryFile, impl Fn(&LibraryFile, &LibraryFile) -> Ordering> {
        Smallest::new(self.skip + self.limit, |a: &LibraryFile, b: &LibraryFile| self.compare(a, b))
    }
}

/// The page of files that a query selects. Reads folders, and so blocks.
pub fn list(root: &Path, query: &FilesQuery, until: Instant) -> Result<Vec<LibraryFile>> {
    let mut first = query.first();
    for file in found(root, query) {
        if Instant::now() > until {
            return Err(Error::Timeout);
        }
        if query.selects(&file) {
            first.add(file);
        }
    }
    Ok(first.sorted().into_iter().skip(query.skip).collect())
}

/// Those that it names, else the files of one folder, or without one of all folders. A folder to which a link
/// leads, or that cannot be read, has none.
fn found<'a>(root: &'a Path, query: &'a FilesQuery) -> Box<dyn Iterator<Item = LibraryFile> + 'a> {
    match (&query.ids, &query.folder) {
        (Some(ids), _) => Box::new(ids.iter().filter_map(|id| LibraryFile::at(root, path_of(id).ok()?))),
        (None, Some(folder)) => Box::new(Walk::of(root, folder).flatten()),
        (None, None) => Box::new(Walk::of(root, Path::new("")).deep().flatten()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn library() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a/b")).unwrap();
        for (path, size) in [("z.jpg", 1), ("a/y.png", 3), ("a/b/x.GIF", 2), ("a/notes.txt", 4)] {
            fs::write(root.path().join(path), vec![0; size]).unwrap();
        }
        symlink("..", root.path().join("a/b/up")).unwrap();
        root
    }

    fn later() -> Instant {
        Instant::now() + std::time::Duration::from_secs(60)
    }

    fn listed(root: &tempfile::TempDir, query: &str) -> Vec<String> {
        let root = root.path().canonicalize().unwrap();
        let files = list(&root, &FilesQuery::parse(query).unwrap(), later()).unwrap();
        files.into_iter().map(|file| file.path.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn files_stand_in_the_order_that_is_asked_for_a_page_at_a_time() {
        let root = library();
        assert_eq!(listed(&root, ""), ["a/b/x.GIF", "a/notes.txt", "a/y.png", "z.jpg"]);
        assert_eq!(listed(&root, "sort=DESC_SIZE"), ["a/notes.txt", "a/y.png", "a/b/x.GIF", "z.jpg"]);
        assert_eq!(listed(&root, "sort=DESC_NAME"), ["z.jpg", "a/y.png", "a/b/x.GIF", "a/notes.txt"]);
        assert_eq!(listed(&root, "limit=2&skip=1"), ["a/notes.txt", "a/y.png"]);
        assert_eq!(listed(&root, "skip=9"), [""; 0]);
    }

    #[test]
    fn a_folder_holds_its_own_files_and_images_are_known_by_their_names() {
        let root = library();
        assert_eq!(listed(&root, "path=/a/"), ["a/notes.txt", "a/y.png"]);
        assert_eq!(listed(&root, "path=/"), ["z.jpg"]);
        assert_eq!(listed(&root, "path=/none"), [""; 0]);
        assert_eq!(listed(&root, "path=/a/b/up"), [""; 0], "a link");
        assert_eq!(listed(&root, "fileType=image"), ["a/b/x.GIF", "a/y.png", "z.jpg"]);
        assert_eq!(listed(&root, "fileType=non-image"), ["a/notes.txt"]);
    }

    #[test]
    fn ids_that_are_there_are_found_and_none_leads_out() {
        let root = library();
        let id = |path: &str| id_of(Path::new(path));
        let search =
            format!("id IN [\"{}\",\"{}\",\"{}\",\"?\"]", id("z.jpg"), id("none"), id("a/b/up/../../etc"));
        let query = FilesQuery {
            ids: FilesQuery::parse(&format!("searchQuery={}", search.replace(' ', "+"))).unwrap().ids,
            ..FilesQuery::default()
        };
        let files = list(&root.path().canonicalize().unwrap(), &query, later()).unwrap();
        assert_eq!(files.iter().map(|file| file.id.clone()).collect::<Vec<_>>(), [id("z.jpg")]);
    }
}
