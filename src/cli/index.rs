//! `imagraph index`: fills the index of a library, on all cores.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;

use indicatif::ProgressBar;
use tokio::runtime::Runtime;

use super::{Failure, IndexArgs, progress};
use crate::config::{Config, Given, IndexPlace, Library};
use crate::index::{Index, Progress, Scanned};
use crate::source::engine::Engine;

pub fn run(args: IndexArgs) -> Result<ExitCode, Failure> {
    let given = Given {
        library: args.library,
        index: args.index.map(Into::into),
        upstream: Some("engine".to_owned()),
        ..args.common.into()
    };
    let config = Config::load(given)?;
    let from = args.moved_from.map(|from| address(from, &config)).transpose()?;
    let engine = Arc::new(Engine::new(&config)?);
    let runtime = Runtime::new()?;
    let _within = runtime.enter();
    let index = Index::of_library(&config, &engine)?;
    let index = index.ok_or_else(|| failure("it needs --library, and an index that is not off"))?;
    runtime.block_on(async {
        let unusable = |error| failure(&format!("index: {error}"));
        if let Some(from) = from {
            index.move_from(&from).await.map_err(unusable)?;
        }
        index.open().await.map_err(unusable)?;
        scan(&index).await
    })
}

/// As the index has it, of a library that may not be there any more. The default index is another for each folder.
fn address(from: PathBuf, config: &Config) -> Result<String, Failure> {
    let library = Library::parse(from.clone()).unwrap_or(Library::Folder(from));
    match (&config.index.place, config.index.url(&library)) {
        (IndexPlace::Url(_), _) => Ok(library.to_string()),
        (_, Some(url)) => {
            Err(failure(&format!("--moved-from needs --index: that of {library} is {url} by default")))
        }
        (_, None) => Err(failure("--moved-from needs --index")),
    }
}

async fn scan(index: &Index) -> Result<ExitCode, Failure> {
    let cores = available_parallelism().map_or(1, usize::from);
    let bar = progress::of_a_scan();
    let scanned = index.scan(cores, &|progress| show(&bar, progress)).await;
    bar.finish_and_clear();
    match scanned.map_err(|error| failure(&error.to_string()))? {
        Scanned::Elsewhere => Err(failure("another process is indexing this library")),
        Scanned::Done(progress) => tell(index, progress).await,
    }
}

/// What is still to be looked into could not be, for now; which that is, and what could not be listed, has been said.
async fn tell(index: &Index, Progress { unlisted, .. }: Progress) -> Result<ExitCode, Failure> {
    let count = index.count().await.map_err(|error| failure(&error.to_string()))?;
    println!(
        "{} files are indexed, {} are still to be looked into",
        count.files - count.pending,
        count.pending
    );
    if unlisted > 0 {
        println!("{unlisted} folders could not be listed: what is known of their files stays as it was");
    }
    Ok(if count.pending == 0 && unlisted == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_message(format!("{} listed", progress.listed));
    bar.set_length(progress.pending);
    bar.set_position(progress.looked_into);
}

fn failure(message: &str) -> Failure {
    Failure { message: message.to_owned(), status: 1 }
}
