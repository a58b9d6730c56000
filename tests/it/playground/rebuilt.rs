//! What is embedded is what its sources make.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

fn npm(arguments: &[&str], folder: &Path) {
    let output = Command::new("npm").args(arguments).current_dir(folder).output().expect("npm");
    assert!(output.status.success(), "npm {arguments:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// All but what is built or installed.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name");
        match path.is_dir() {
            true if name == "node_modules" || name == "dist" => {}
            true => copy(&path, &to.join(name)),
            false => drop(fs::copy(&path, to.join(name)).expect("copied")),
        }
    }
}

/// Each file by its path below the folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    let mut all: BTreeMap<_, _> =
        files.iter().map(|path| (name(path), fs::read(path).expect("a file"))).collect();
    for path in folders {
        let inside = self::files(&path);
        all.extend(inside.into_iter().map(|(below, bytes)| (format!("{}/{below}", name(&path)), bytes)));
    }
    all
}

#[test]
fn its_sources_make_what_is_checked_in() {
    let playground = Path::new(env!("CARGO_MANIFEST_DIR")).join("playground");
    let copied = tempfile::tempdir().expect("a folder");
    copy(&playground, copied.path());
    npm(&["ci", "--silent"], copied.path());
    npm(&["run", "--silent", "build"], copied.path());
    let (built, checked_in) = (files(&copied.path().join("dist")), files(&playground.join("dist")));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&built), names(&checked_in), "run npm run build in playground, and commit dist");
    for (name, bytes) in &built {
        assert!(checked_in[name] == *bytes, "{name}: run npm run build in playground, and commit dist");
    }
}
