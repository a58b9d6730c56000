//! Modules import downwards only, in the order of `lib.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn modules_import_downwards_only() {
    let order = order();
    assert!(order.len() >= 9, "{order:?}");
    let mut imports = 0;
    for (place, module) in order.iter().enumerate() {
        for other in imported_by(module) {
            let found = order.iter().position(|name| *name == other);
            let below =
                found.unwrap_or_else(|| panic!("{module} imports {other}, which lib.rs does not list"));
            assert!(below >= place, "{module} imports {other}, which stands above it in lib.rs");
            imports += usize::from(below > place);
        }
    }
    assert!(imports >= 15, "only {imports} imports were found: is the test looking?");
}

/// The modules as `lib.rs` lists them, top to bottom.
fn order() -> Vec<String> {
    let map = fs::read_to_string(source().join("lib.rs")).expect("lib.rs");
    map.lines()
        .filter_map(|line| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned()))
        .collect()
}

/// Top-level modules that the files of one name, in `use` or in the middle of a line.
fn imported_by(module: &str) -> BTreeSet<String> {
    let files = files_of(module);
    assert!(!files.is_empty(), "{module} has no file");
    let text: String = files.iter().map(|file| fs::read_to_string(file).expect("a source file")).collect();
    let mut imported: BTreeSet<String> = text.split("crate::").skip(1).flat_map(first_names).collect();
    imported.remove(module);
    imported
}

/// The first name of a path, or all of a group: `error::Error` or `{schema, telemetry}`.
fn first_names(path: &str) -> Vec<String> {
    let group = path.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let names = group.map_or_else(|| vec![path], |(inside, _)| inside.split(',').collect());
    let name = |path: &str| {
        path.trim().chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect::<String>()
    };
    names.into_iter().map(name).filter(|name| !name.is_empty()).collect()
}

fn files_of(module: &str) -> Vec<PathBuf> {
    let file = source().join(format!("{module}.rs"));
    let mut files = vec![file];
    let mut folders = vec![source().join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.retain(|file| file.is_file());
    files
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}
