//! The index of a library: filled, kept up, asked, in SQLite and in PostgreSQL.

mod alike;
mod asked;
mod duplicates;
mod faults;
mod moved;
mod pictures;
mod replicas;
mod scan;

use std::path::Path;
use std::sync::Arc;

use imagraph::config::{Config, Given};
use imagraph::index::Index;
use imagraph::source::engine::Engine;
use tokio::runtime::Runtime;

use crate::gateway::DECODER;

/// An index without a gateway.
struct Indexed {
    index: Arc<Index>,
    runtime: Runtime,
}

impl Indexed {
    fn new(library: &Path, url: &str) -> Self {
        let given = Given {
            library: Some(library.to_owned()),
            index: Some(url.to_owned().into()),
            decoder: Some(DECODER.into()),
            ..Given::default()
        };
        let config = Config::load(given).expect("settings");
        let engine = Arc::new(Engine::new(&config).expect("an engine"));
        let runtime = Runtime::new().expect("threads");
        let within = runtime.enter();
        let index = Index::of_library(&config, &engine).expect("an index").expect("one");
        drop(within);
        Self { index, runtime }
    }

    fn wait<T>(&self, work: impl Future<Output = imagraph::error::Result<T>>) -> T {
        self.runtime.block_on(work).expect("the index answers")
    }
}

/// A database of SQLite's in a folder.
fn sqlite(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("index.sqlite").display())
}
