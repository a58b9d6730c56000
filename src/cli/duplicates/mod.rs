//! `imagraph duplicates`: which images of some folders look alike. It reads them, and changes nothing.

mod copies;
mod json;
mod look;
mod page;
mod table;

use std::process::ExitCode;
use std::sync::Arc;

use clap::ValueEnum;
use tokio::runtime::Runtime;

use super::report::{self, printable};
use super::target::Targets;
use super::{DuplicatesArgs, Failure};
use crate::config::Config;
use crate::source::engine::Engine;
use copies::{Found, Seen};

/// How groups are told.
#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// For a person
    Table,
    /// One object a group a line
    Json,
    /// A page with thumbnails, which needs nothing beside it
    Html,
}

pub fn run(args: DuplicatesArgs) -> Result<ExitCode, Failure> {
    let config = Config::load(args.common.into())?;
    let engine = Arc::new(Engine::new(&config)?);
    let targets = Targets::below(args.folders);
    targets.unread.iter().for_each(|(folder, error)| tell(&folder.display().to_string(), error));
    let runtime = Runtime::new()?;
    let looked = runtime.block_on(look::at(&engine, targets.images))?;
    let found = Found::new(looked.seen, args.within.into());
    let summary = summary(&found, looked.not_images);
    match args.format {
        Format::Table => report::print(&(table::table(&found) + &summary))?,
        Format::Json => report::print(&json::lines(&found))?,
        Format::Html => runtime.block_on(page::print(&engine, &found, &summary))?,
    };
    // A program, or a browser, reads the other one.
    if !matches!(args.format, Format::Table) {
        eprint!("{summary}");
    }
    let everything = looked.failed == 0 && targets.unread.is_empty();
    Ok(if everything { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Why a file or folder was not looked at.
fn tell(name: &str, error: &dyn std::fmt::Display) {
    eprintln!("imagraph: {}: {error}", printable(name));
}

fn summary(found: &Found, not_images: usize) -> String {
    let others = match not_images {
        0 => String::new(),
        files => format!("; files that are images by their names alone: {files}"),
    };
    format!(
        "images: {}, groups: {}, copies that are not the best of theirs: {}, which take {} bytes{others}\n",
        found.images,
        found.groups.len(),
        found.groups.iter().map(|group| group.len() - 1).sum::<usize>(),
        found.groups.iter().map(|group| copies::spare_bytes(group)).sum::<u64>(),
    )
}

/// Bits from the best of its group.
fn distance(best: &Seen, image: &Seen) -> u32 {
    best.p_hash.distance(image.p_hash)
}
