//! `imagraph compare`: two hashes, their distance and score.

use std::process::ExitCode;

use tokio::runtime::Runtime;

use super::target::Target;
use super::{CompareArgs, Failure, report};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::metadata::{Level, PHash};
use crate::source::engine::Engine;

pub fn run(args: CompareArgs) -> std::result::Result<ExitCode, Failure> {
    let config = Config::load(args.common.into())?;
    let engine = Engine::new(&config)?;
    let runtime = Runtime::new()?;
    let hash = |name: &str| {
        let hash = runtime.block_on(hash(&engine, &Target::named(name)));
        hash.map_err(|error| Failure { message: format!("{name}: {error}"), status: 1 })
    };
    let (a, b) = (hash(&args.a)?, hash(&args.b)?);
    report::print(&comparison(a, b))
}

async fn hash(engine: &Engine, target: &Target) -> Result<PHash> {
    let metadata = target.metadata(engine, Level::Pixels).await?;
    metadata.p_hash.unwrap_or(Err(Error::UnsupportedFormat("pHash")))
}

fn comparison(a: PHash, b: PHash) -> String {
    let flat =
        if a.is_low_entropy() || b.is_low_entropy() { "one picture is too flat to compare\n" } else { "" };
    format!("{a}\n{b}\ndistance {}\nscore {}\n{flat}", a.distance(b), a.score(b))
}
