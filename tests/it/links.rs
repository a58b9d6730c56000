//! What the documents point to is there.

use std::fs;
use std::path::{Path, PathBuf};

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.to_owned(), root.join("docs"), root.join("docs/decisions")];
    let files =
        folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|end| end == "md")).collect()
}

/// Of text in parentheses behind text in brackets, and of pictures in HTML.
fn links(markdown: &str) -> Vec<String> {
    let behind = |start: &'static str, end: char| {
        markdown.split(start).skip(1).filter_map(move |rest| rest.split_once(end))
    };
    let targets = behind("](", ')').chain(behind("src=\"", '"')).chain(behind("srcset=\"", '"'));
    targets.map(|(target, _)| target.to_owned()).filter(|target| !target.contains("://")).collect()
}

/// As GitHub names the places of headings.
fn places(markdown: &str) -> Vec<String> {
    let headings = markdown.lines().filter_map(|line| line.trim_start_matches('#').strip_prefix(' '));
    let place = |heading: &str| {
        let kept = heading.chars().filter(|sign| sign.is_alphanumeric() || [' ', '-', '_'].contains(sign));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    headings.map(place).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut followed = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text) {
            let (path, place) = link.split_once('#').unwrap_or((&link, ""));
            let target =
                if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            assert!(target.exists(), "{}: {link}", document.display());
            if !place.is_empty() {
                let places = places(&fs::read_to_string(&target).unwrap());
                assert!(
                    places.iter().any(|known| known == place),
                    "{}: {link}\n{places:?}",
                    document.display()
                );
            }
            followed += 1;
        }
    }
    assert!(followed > 20, "{followed}");
}

#[test]
fn servers_are_told_of_every_error_when_to_ask_again() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let told = fs::read_to_string(root.join("docs/servers.md")).unwrap();
    let schema = fs::read_to_string(root.join("schema.graphql")).unwrap();
    let (_, codes) = schema.split_once("enum ErrorCode {").unwrap();
    let codes = codes.split('}').next().unwrap().lines().map(str::trim).filter(|line| !line.starts_with('"'));
    for code in codes.filter(|code| !code.is_empty()) {
        assert!(told.contains(&format!("`{code}`")), "{code}");
    }
}
