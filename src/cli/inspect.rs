//! `imagraph inspect`: what is known of images, one after the other in the order of their names.

use std::process::ExitCode;
use std::thread::available_parallelism;

use futures_util::stream::{self, StreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::runtime::Runtime;

use super::report::{self, Report};
use super::target::{self, Target};
use super::{Failure, InspectArgs};
use crate::config::Config;
use crate::error::Error;
use crate::metadata::{Level, Question};
use crate::source::engine::Engine;

pub fn run(args: InspectArgs) -> Result<ExitCode, Failure> {
    let config = Config::load(args.common.into())?;
    let engine = Engine::new(&config)?;
    let targets = target::expand(&args.targets);
    for (folder, error) in &targets.unread {
        eprintln!("imagraph: {}: {error}", report::printable(&folder.display().to_string()));
    }
    let print = if args.json { Report::json } else { Report::table };
    // JSON has ImageKit's facts only.
    let question = match (args.no_pixels, args.json) {
        (true, _) => Level::Exif.into(),
        (false, true) => Level::Pixels.into(),
        (false, false) => Question::EVERYTHING,
    };
    let every_image = Runtime::new()?.block_on(inspect(&engine, targets.images, question, print))?;
    Ok(if every_image && targets.unread.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether everything was known of every image.
async fn inspect(
    engine: &Engine,
    targets: Vec<Target>,
    question: Question,
    print: fn(&Report) -> String,
) -> Result<bool, Failure> {
    let bar = progress_bar(targets.len());
    let at_once = available_parallelism().map_or(1, usize::from);
    let reports = stream::iter(targets).map(|target| report(engine, target, question));
    let mut reports = std::pin::pin!(reports.buffered(at_once));
    let mut every_image = true;
    while let Some(report) = reports.next().await {
        bar.inc(1);
        let Some(report) = report else { continue };
        every_image &= !report.failed();
        bar.suspend(|| report::print(&print(&report)))?;
    }
    bar.finish_and_clear();
    Ok(every_image)
}

/// None for a file that was found in a folder and is no image.
async fn report(engine: &Engine, target: Target, question: Question) -> Option<Report> {
    let metadata = target.metadata(engine, question).await;
    let skip = target.was_found() && metadata == Err(Error::NotAnImage);
    (!skip).then(|| Report { file: target.name(), metadata })
}

/// On standard error, and only where that is a terminal.
fn progress_bar(images: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files, {per_sec}, {eta} left");
    let bar = ProgressBar::new(images as u64);
    match style {
        Ok(style) if images > 1 => bar.with_style(style),
        _ => ProgressBar::hidden(),
    }
}
