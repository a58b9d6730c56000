//! The file of all settings is complete, changes nothing, and is what the documentation shows.

use std::fs;
use std::path::Path;

use imagraph::config::{Config, Given};
use tempfile::NamedTempFile;

use crate::cli::imagraph;

fn printed(arguments: &[&str]) -> String {
    let output = imagraph().arg("settings").args(arguments).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn load(text: &str) -> Result<Config, String> {
    let file = NamedTempFile::new().unwrap();
    fs::write(&file, text).unwrap();
    let given = Given { config: Some(file.path().to_owned()), ..Given::default() };
    Config::load(given).map_err(|error| error.to_string())
}

#[test]
fn everything_is_set_to_what_it_is_anyway() {
    let set = load(&printed(&[])).unwrap();
    assert_eq!(format!("{set:#?}"), format!("{:#?}", load("").unwrap()));
}

/// A key that there is not is told together with those that there are.
fn keys(section: &str) -> Vec<String> {
    let told = load(&format!("{section}\nzzz = 1\n")).unwrap_err();
    let (_, keys) = told.split_once(", expected ").unwrap_or_else(|| panic!("{told}"));
    keys.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The keys that stand in each section, set or as a comment.
fn sections(file: &str) -> Vec<(String, Vec<String>)> {
    let mut sections = vec![(String::new(), Vec::new())];
    for line in file.lines().map(|line| line.trim_start_matches("# ")) {
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        };
        if let Some(section) = line.strip_prefix('[') {
            let name = section.trim_start_matches('[').split(']').next().unwrap();
            sections.push((name.to_owned(), Vec::new()));
        } else if let Some((name, _)) = line.split_once(" = ").filter(|(name, _)| is_name(name)) {
            sections.last_mut().unwrap().1.push(name.to_owned());
        }
    }
    sections
}

#[test]
fn no_setting_is_missing() {
    let sections = sections(&printed(&[]));
    let lists = ["accounts", "callers"];
    for (name, named) in &sections {
        let known = match name.as_str() {
            "" => keys(""),
            list if lists.contains(&list) => keys(&format!("[[{list}]]")),
            table => keys(&format!("[{table}]")),
        };
        for key in known {
            // Of a caller either its key or the hash of it.
            let is_there =
                named.contains(&key) || sections.iter().any(|(name, _)| *name == key) || key == "key";
            assert!(is_there, "[{name}] {key}");
        }
    }
}

#[test]
fn the_documentation_shows_it() {
    let page = printed(&["--markdown"]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    if std::env::var_os("BLESS").is_some() {
        return fs::write(path, page).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), page, "imagraph settings --markdown > docs/settings.md");
}
