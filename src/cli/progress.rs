//! How far a command is.

use indicatif::{ProgressBar, ProgressStyle};

/// Of so many files. On standard error, and only where that is a terminal.
pub fn of_files(files: usize) -> ProgressBar {
    if files > 1 { bar(files, "") } else { ProgressBar::hidden() }
}

/// Of files that are still being listed, with a message.
pub fn of_a_scan() -> ProgressBar {
    bar(0, ", {msg}")
}

fn bar(files: usize, more: &str) -> ProgressBar {
    let template = format!("{{bar:40}} {{pos}}/{{len}} files, {{per_sec}}, {{eta}} left{more}");
    let style = ProgressStyle::with_template(&template);
    style.map_or_else(|_| ProgressBar::hidden(), |style| ProgressBar::new(files as u64).with_style(style))
}
