//! Many who overwrite the same files at the same time, through two gateways.

use std::fs;
use std::path::Path;
use std::thread;

use image::ImageFormat;
use serde_json::{Value, json};

use super::{Form, picture, post};
use crate::cli::imagraph;
use crate::process::Process;

const NAMES: [&str; 3] = ["a.jpg", "b.jpg", "c.jpg"];

fn serve(library: &Path, index: &str) -> Process {
    let library = library.to_str().expect("a path");
    Process::serve(&["--library", library, "--index", index], &[], "[index]\nrescan_seconds = 3600\n")
}

fn overwrite(gateway: &Process, name: &str, bytes: &[u8]) {
    let fields = [("fileName", name), ("useUniqueFileName", "false"), ("overwriteFile", "true")];
    let sent = post(gateway, "/api/v1/files/upload").body(Form::rest(&fields, bytes).body()).send();
    assert_eq!(sent.expect("an answer").status(), 200);
}

/// What the index tells of a file belongs to the file that is there, or the next scan sees that it does not.
#[test]
fn the_index_is_never_wrong_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("images");
    fs::create_dir(&library).unwrap();
    let index = format!("sqlite://{}", folder.path().join("index.sqlite").display());
    let gateways = [serve(&library, &index), serve(&library, &index)];
    let pictures: Vec<_> = (0..5).map(|seed| picture(seed, 40, ImageFormat::Png)).collect();
    thread::scope(|scope| {
        for thread in 0..8 {
            let (gateways, pictures) = (&gateways, &pictures);
            scope.spawn(move || {
                let mut rng = fastrand::Rng::with_seed(thread);
                for _ in 0..12 {
                    let picture = &pictures[rng.usize(..pictures.len())];
                    overwrite(&gateways[rng.usize(..2)], NAMES[rng.usize(..NAMES.len())], picture);
                }
            });
        }
    });
    let scan = imagraph().args(["index", "--index", &index, "--library"]).arg(&library).output().unwrap();
    assert!(scan.status.success(), "{}", String::from_utf8_lossy(&scan.stderr));
    for name in NAMES {
        let hash = inspected(&library.join(name));
        let query =
            format!("{{ similar(to: {{pHash: \"{hash}\"}}, within: 0) {{ edges {{ node {{ path }} }} }} }}");
        let alike = gateways[0].answer(&query)["data"]["similar"]["edges"].clone();
        let found = alike.as_array().unwrap().iter().any(|edge| edge["node"]["path"] == name);
        assert!(found, "{name} {hash}: {alike}");
    }
}

fn inspected(file: &Path) -> String {
    let output = imagraph().args(["inspect", "--json"]).arg(file).output().unwrap();
    let known: Value = serde_json::from_slice(&output.stdout).unwrap();
    json!(known["pHash"]).as_str().unwrap().to_owned()
}
