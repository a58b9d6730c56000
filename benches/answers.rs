//! What an answer costs without HTTP, where the image is known: `cargo bench --bench answers`.

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use async_graphql::Request;
use divan::{Bencher, black_box};
use image::{ImageFormat, RgbImage};
use imagraph::catalog::{Catalog, View};
use imagraph::config::{Config, Given};
use imagraph::metadata::{ImageRef, Level};
use imagraph::schema::{Operations, Rooms, Schema, guard};
use imagraph::source::Source;
use imagraph::source::engine::Engine;
use imagraph::source::engine::library::id_of;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// One file that is asked for once, or a hundred times over.
const ALIASES: [usize; 2] = [1, 100];

struct Gateway {
    config: Config,
    schema: Schema,
    catalog: Arc<View>,
    image: ImageRef,
    runtime: Runtime,
    _library: TempDir,
}

static GATEWAY: LazyLock<Gateway> = LazyLock::new(|| {
    let library = tempfile::tempdir().expect("a folder");
    let picture = RgbImage::from_fn(240, 180, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]));
    picture.save_with_format(library.path().join("a.png"), ImageFormat::Png).expect("a picture");
    let settings = library.path().join("imagraph.toml");
    fs::write(&settings, "[cache]\nttl_seconds = 3600\n").expect("a file");
    let given =
        Given { config: Some(settings), library: Some(library.path().to_owned()), ..Given::default() };
    let config = Config::load(given).expect("settings");
    let runtime = Runtime::new().expect("a runtime");
    let engine = Arc::new(Engine::new(&config).expect("an engine"));
    let source = Source::new(&config, None, &engine).expect("a source");
    let catalog = Arc::new(Catalog::new(source, None, None, &config, runtime.handle().clone()));
    let catalog = Arc::new(View::new(&catalog, &[]));
    let schema = Schema::new(config.documents.clone(), Rooms::new(&config.limits));
    let image = ImageRef::File(id_of(Path::new("a.png")));
    Gateway { config, schema, catalog, image, runtime, _library: library }
});

fn document(aliases: usize) -> String {
    let id = GATEWAY.image.id();
    let fields = (0..aliases).map(|alias| {
        format!("a{alias}: file(id: \"{id}\") {{ width height format size hasTransparency exif {{ image {{ make }} }} }}")
    });
    format!("{{ {} }}", fields.collect::<Vec<_>>().join(" "))
}

/// A look into the cache. What is kept of a file of this machine is good for a second, and then found out anew.
#[divan::bench]
fn cache_hit(bencher: Bencher<'_, '_>) {
    let Gateway { catalog, image, runtime, .. } = &*GATEWAY;
    let know = || runtime.block_on(catalog.metadata(image, Level::Exif, catalog.until())).is_ok();
    bencher.with_inputs(know).bench_values(|_| catalog.at_hand(black_box(image), Level::Exif));
}

/// What a document may be, before it is parsed and validated.
#[divan::bench(args = ALIASES)]
fn guard(bencher: Bencher<'_, '_>, aliases: usize) {
    let text = document(aliases);
    let documents = &GATEWAY.config.documents;
    bencher
        .with_inputs(|| [Ok(Request::new(&text))])
        .bench_values(|mut requests| guard::check(black_box(&mut requests), documents));
}

/// The guard, the document found parsed, the image found in the cache, its fields.
#[divan::bench(args = ALIASES)]
fn execute(bencher: Bencher<'_, '_>, aliases: usize) {
    let Gateway { schema, catalog, runtime, .. } = &*GATEWAY;
    let text = document(aliases);
    let run = || {
        let requests = vec![Ok(Request::new(&text))];
        runtime.block_on(schema.execute(catalog, catalog.until(), requests, Operations::Queries))
    };
    let answer = run().expect("it is run").remove(0).expect("it is answered");
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    bencher.bench(run);
}

fn main() {
    divan::main();
}
