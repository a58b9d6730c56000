//! The engine beside its peers: what sharp (libvips), sharp-phash and npm exif say of the same pictures, as they
//! printed it, and exiftool where it is installed. The project's own pictures are always compared, those of
//! `../shared/data` where that is there.

mod eighth;
mod exif;
mod exiftool;
mod facts;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use imagraph::config::{Config, Given};
use imagraph::error::Result;
use imagraph::metadata::{ExtraSet, Level, Metadata, Question};
use imagraph::source::engine::Engine;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::gateway;

/// A picture, what the peers say of it, and what the engine says.
pub struct Picture {
    pub file: String,
    pub peers: Value,
    pub ours: Result<Metadata>,
}

/// The project's own pictures.
pub fn own() -> &'static [Picture] {
    static OWN: LazyLock<Vec<Picture>> = LazyLock::new(|| described(&gateway::pictures()));
    assert!(OWN.len() > 150, "{}", OWN.len());
    &OWN
}

/// The pictures of `../shared/data`; none where that is not there.
pub fn shared() -> &'static [Picture] {
    static SHARED: LazyLock<Vec<Picture>> =
        LazyLock::new(|| shared_folder().map(|folder| described(&folder)).unwrap_or_default());
    &SHARED
}

pub fn shared_folder() -> Option<PathBuf> {
    Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data")).filter(|folder| folder.is_dir())
}

fn described(folder: &Path) -> Vec<Picture> {
    let given = Given { decoder: Some(gateway::DECODER.into()), ..Given::default() };
    let engine = Engine::new(&Config::load(given).expect("settings")).expect("an engine");
    let runtime = Runtime::new().expect("a runtime");
    let question = Question::from(Level::Pixels).and(ExtraSet::FRAMES).and(ExtraSet::TEXT);
    let describe = |peers: Value| {
        let file = peers["file"].as_str().expect("a file's name").to_owned();
        let ours = runtime.block_on(engine.metadata_of_file(&folder.join(&file), question));
        Picture { file, peers, ours }
    };
    lines(folder.join("expected.jsonl")).into_iter().map(describe).collect()
}

/// The objects of a file with one a line.
pub fn lines(path: PathBuf) -> Vec<Value> {
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}
