//! How far a command is.

use indicatif::{ProgressBar, ProgressStyle};

/// On standard error, and only where that is a terminal.
pub fn of_files(files: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files, {per_sec}, {eta} left");
    let bar = ProgressBar::new(files as u64);
    match style {
        Ok(style) if files > 1 => bar.with_style(style),
        _ => ProgressBar::hidden(),
    }
}
