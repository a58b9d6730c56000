//! `imagraph inspect`: what is known of images, one after the other in the order of their names.

use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;

use futures_util::stream::{self, StreamExt};
use tokio::runtime::Runtime;

use super::report::{self, Report};
use super::target::{self, Target};
use super::{Failure, InspectArgs, progress};
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
    let asking = Asking { engine, question, print };
    let every_image = Runtime::new()?.block_on(inspect(asking, targets.images))?;
    Ok(if every_image && targets.unread.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether everything was known of every image.
async fn inspect(asking: Asking, targets: Vec<Target>) -> Result<bool, Failure> {
    let bar = progress::of_files(targets.len());
    let at_once = available_parallelism().map_or(1, usize::from);
    let asking = Arc::new(asking);
    let groups = stream::iter(groups(targets, asking.group_size()));
    // Each on a thread of the runtime, which may wait for the disk: nothing else runs there.
    let told = groups.map(|group| tokio::spawn(Arc::clone(&asking).tell(group))).buffered(at_once);
    let mut told = std::pin::pin!(told);
    let mut every_image = true;
    while let Some(group) = told.next().await {
        let group = group.map_err(|_| Failure { message: Error::Internal.to_string(), status: 1 })?;
        bar.inc(group.files);
        every_image &= group.every_image;
        bar.suspend(|| report::print(&group.text))?;
    }
    bar.finish_and_clear();
    Ok(every_image)
}

fn groups(targets: Vec<Target>, size: usize) -> impl Iterator<Item = Vec<Target>> {
    let mut targets = targets.into_iter();
    std::iter::from_fn(move || {
        let group: Vec<_> = targets.by_ref().take(size).collect();
        (!group.is_empty()).then_some(group)
    })
}

/// What is wanted of every image.
struct Asking {
    engine: Engine,
    question: Question,
    print: fn(&Report) -> String,
}

/// What some files have to tell, in their order.
#[derive(Default)]
struct Told {
    text: String,
    files: u64,
    every_image: bool,
}

impl Asking {
    /// Files that go to a thread together: to read a header takes less than to hand it over.
    fn group_size(&self) -> usize {
        if self.question.level < Level::Pixels { 16 } else { 1 }
    }

    async fn tell(self: Arc<Self>, group: Vec<Target>) -> Told {
        let mut told = Told { files: group.len() as u64, every_image: true, ..Told::default() };
        for target in group {
            let Some(report) = self.report(target).await else { continue };
            told.every_image &= !report.failed();
            told.text += &(self.print)(&report);
        }
        told
    }

    /// None for a file that was found in a folder and is no image.
    async fn report(&self, target: Target) -> Option<Report> {
        let metadata = target.metadata(&self.engine, self.question).await;
        let skip = target.was_found() && metadata == Err(Error::NotAnImage);
        (!skip).then(|| Report { file: target.name(), metadata })
    }
}
