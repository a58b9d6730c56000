//! The files of the library, page by page.

use std::cmp::Ordering;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::query::{FilesQuery, Order};
use super::{below, id_of, path_of};

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

impl LibraryFile {
    /// `None` for what is no file.
    pub fn at(root: &Path, path: PathBuf) -> Option<Self> {
        let metadata = fs::metadata(below(root, &root.join(&path)).ok()?).ok()?;
        metadata.is_file().then(|| Self::of(path, &metadata))
    }

    fn of(path: PathBuf, metadata: &Metadata) -> Self {
        let updated = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        // Not every file system knows.
        let created = metadata.created().unwrap_or(updated);
        Self { id: id_of(&path), path, size: metadata.len(), created, updated }
    }

    fn is_image(&self) -> bool {
        let end = self.path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        IMAGE_NAMES.iter().any(|name| end.eq_ignore_ascii_case(name))
    }

    fn compare(&self, other: &Self, query: &FilesQuery) -> Ordering {
        let order = match query.order {
            Order::Path => Ordering::Equal,
            Order::Name => self.path.file_name().cmp(&other.path.file_name()),
            Order::Created => self.created.cmp(&other.created),
            Order::Updated => self.updated.cmp(&other.updated),
            Order::Size => self.size.cmp(&other.size),
        };
        let order = if query.descending { order.reverse() } else { order };
        order.then_with(|| self.path.cmp(&other.path))
    }
}

/// The page of files that a query selects. Reads folders, and so blocks.
pub fn list(root: &Path, query: &FilesQuery) -> Vec<LibraryFile> {
    let mut files = match &query.ids {
        Some(ids) => ids.iter().filter_map(|id| LibraryFile::at(root, path_of(id).ok()?)).collect(),
        None => found(root, query.folder.as_deref()),
    };
    if let Some(folder) = query.folder.as_deref().filter(|_| query.ids.is_some()) {
        files.retain(|file| file.path.parent() == Some(folder));
    }
    if let Some(images) = query.images {
        files.retain(|file| file.is_image() == images);
    }
    files.sort_by(|a, b| a.compare(b, query));
    files.into_iter().skip(query.skip).take(query.limit).collect()
}

/// The files of one folder, or without one of all folders.
fn found(root: &Path, folder: Option<&Path>) -> Vec<LibraryFile> {
    let mut files = Vec::new();
    let mut folders = vec![folder.unwrap_or(Path::new("")).to_owned()];
    while let Some(at) = folders.pop() {
        // One that leads out of the library, or cannot be read, has no files.
        let Ok(entries) =
            below(root, &root.join(&at)).and_then(|real| fs::read_dir(real).map_err(super::regular::failure))
        else {
            continue;
        };
        for entry in entries.flatten() {
            let path = at.join(entry.file_name());
            match entry.file_type() {
                // Links are not followed: they may lead in circles.
                Ok(kind) if kind.is_dir() && folder.is_none() => folders.push(path),
                Ok(kind) if kind.is_file() => {
                    files.extend(entry.metadata().map(|known| LibraryFile::of(path, &known)))
                }
                _ => {}
            }
        }
    }
    files
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

    fn listed(root: &tempfile::TempDir, query: &str) -> Vec<String> {
        let root = root.path().canonicalize().unwrap();
        let files = list(&root, &FilesQuery::parse(query).unwrap());
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
        let files = list(&root.path().canonicalize().unwrap(), &query);
        assert_eq!(files.iter().map(|file| file.id.clone()).collect::<Vec<_>>(), [id("z.jpg")]);
    }
}
