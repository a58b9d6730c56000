//! Regular files: what they hold, and what a failure to read them may say.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::io::{Errno, pread};

use crate::error::{Error, Result};
use crate::metadata::Version;

/// The file, its size and its version. Opening a FIFO waits for a writer and opening a device may do anything: looked at
/// first, and not waited for should it be put there in between.
pub(super) fn open_regular(path: &Path) -> Result<(File, u64, Version)> {
    if !path.metadata().map_err(failure)?.is_file() {
        return Err(Error::NotFound);
    }
    let mut options = OpenOptions::new();
    let file = options.read(true).custom_flags(libc::O_NONBLOCK).open(path).map_err(failure)?;
    look_at(&file).map(|(size, version)| (file, size, version))
}

/// The size and the version of an open file.
pub(super) fn look_at(file: &File) -> Result<(u64, Version)> {
    let metadata = file.metadata().map_err(failure)?;
    if metadata.is_file() { Ok((metadata.len(), version(&metadata))) } else { Err(Error::NotFound) }
}

/// What the version of an open file is by now.
pub(super) fn version_of(file: &File) -> Result<Version> {
    file.metadata().map(|metadata| version(&metadata)).map_err(failure)
}

/// A file that is written or replaced gets another time, another number or another size.
fn version(metadata: &Metadata) -> Version {
    let (seconds, nanoseconds) = (metadata.mtime(), metadata.mtime_nsec());
    let tag = format!("\"{:x}-{seconds:x}.{nanoseconds:x}-{:x}\"", metadata.ino(), metadata.len());
    Version { etag: Some(tag), last_modified: None }
}

/// The bytes of a range, fewer where the file ends before.
pub(super) fn read_span(file: &File, range: &Range<u64>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read_on(file, range, &mut bytes)?;
    Ok(bytes)
}

/// The same, behind what is there: not zeroed first, nor copied afterwards, each of which would cost as much as the reading.
pub(super) fn read_on(file: &File, range: &Range<u64>, bytes: &mut Vec<u8>) -> Result<()> {
    let len = usize::try_from(range.end - range.start).map_err(|_| Error::Internal)?;
    let (start, end) = (bytes.len(), bytes.len() + len);
    bytes.reserve_exact(len);
    while bytes.len() < end {
        let place = range.start + (bytes.len() - start) as u64;
        match pread(file, spare_capacity(bytes), place) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => {
                bytes.truncate(start);
                return Err(failure(error.into()));
            }
        }
    }
    bytes.truncate(end);
    Ok(())
}

/// What a stranger may know: a file that may not be read is not there. The system's text may hold a path.
pub(super) fn failure(error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound
        | ErrorKind::PermissionDenied
        | ErrorKind::NotADirectory
        | ErrorKind::InvalidFilename
        | ErrorKind::IsADirectory => Error::NotFound,
        _ if error.raw_os_error() == Some(libc::ELOOP) => Error::NotFound,
        _ => Error::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_may_not_be_read_is_not_there() {
        assert_eq!(failure(ErrorKind::PermissionDenied.into()), Error::NotFound);
        assert_eq!(failure(io::Error::from_raw_os_error(libc::ELOOP)), Error::NotFound);
        assert_eq!(failure(io::Error::from_raw_os_error(libc::EIO)), Error::Internal);
    }
}
