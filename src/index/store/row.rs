//! Rust's types, as databases keep them.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::index::file::{Listed, Micros};

/// The columns of a `Listed`.
pub type ListedRow = (Vec<u8>, i64, Micros);

impl From<ListedRow> for Listed {
    fn from((path, size, modified): ListedRow) -> Self {
        Self { path: path_of(path), size: size.try_into().unwrap_or_default(), modified }
    }
}

pub fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

pub fn path_of(bytes: Vec<u8>) -> PathBuf {
    OsString::from_vec(bytes).into()
}

/// As much as fits: no file is so large.
pub fn signed(number: u64) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
