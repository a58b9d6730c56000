//! Every command, query and script of the README and of `docs/` is run, and every answer that they show is compared.

mod blocks;
mod commands;
mod mentions;
mod server;

use std::fs;
use std::path::Path;

use serde_json::Value;

use blocks::{Block, blocks};
use commands::Desk;

/// Of the project, as a file of it is read.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_first_ten_minutes_are_true() {
    is_true("README.md", 1);
}

#[test]
fn what_front_ends_are_told_is_true() {
    is_true("docs/front-ends.md", 12);
}

#[test]
fn what_servers_are_told_is_true() {
    is_true("docs/servers.md", 4);
}

#[test]
fn what_those_are_told_who_come_from_imagekit_is_true() {
    is_true("docs/from-imagekit.md", 2);
}

#[test]
fn what_is_told_of_the_command_line_is_true() {
    is_true("docs/command-line.md", 4);
}

#[test]
fn what_operators_are_told_is_true() {
    is_true("docs/operating.md", 0);
}

/// Of a document that shows at least so many answers.
fn is_true(document: &str, answers: usize) {
    let path = root().join(document);
    let blocks = blocks(&fs::read_to_string(&path).expect(document));
    let mut desk = Desk::for_document(&blocks);
    let mut truth = Vec::new();
    for (place, block) in blocks.iter().enumerate() {
        let said = run(block, &mut desk);
        let shown = blocks.get(place + 1).filter(|next| next.is_an_answer());
        truth.extend(shown.cloned().zip(said));
    }
    if std::env::var_os("BLESS").is_some() {
        return bless(&path, &truth);
    }
    assert!(truth.len() >= answers, "only {} answers were compared", truth.len());
    for (shown, said) in truth {
        assert!(same(&shown, &said), "{document} shows:\n{}\nin truth it is:\n{said}", shown.text);
    }
}

/// Runs a block and tells what it printed; none for a block that is not run.
fn run(block: &Block, desk: &mut Desk) -> Option<String> {
    if let Some(file) = &block.file {
        assert_eq!(block.text, fs::read_to_string(root().join(file)).expect(file), "{file}");
        return None;
    }
    match block.language.as_str() {
        "sh" => desk.run(block.text.trim()),
        "graphql" => Some(desk.pictures().ask(&block.text)),
        "js" => Some(desk.pictures().run(&block.text)),
        "toml" => {
            desk.starts_with(&block.text);
            None
        }
        // The proxy is nobody's of ours.
        "json" | "text" | "nginx" => None,
        other => panic!("what is ```{other} ?"),
    }
}

fn same(shown: &Block, said: &str) -> bool {
    match shown.language.as_str() {
        "json" => serde_json::from_str::<Value>(&shown.text).ok() == serde_json::from_str::<Value>(said).ok(),
        _ => shown.text.trim() == said.trim(),
    }
}

/// Writes the answers as they are into the document: read what changed before you commit it.
fn bless(path: &Path, truth: &[(Block, String)]) {
    let mut text = fs::read_to_string(path).expect("the document");
    let mut from = 0;
    for (shown, said) in truth.iter().filter(|(shown, said)| !same(shown, said)) {
        let fenced = |inside: &str| format!("```{}\n{}```", shown.language, inside);
        let old = fenced(&shown.text);
        let place = from + text[from..].find(&old).expect("the block");
        let new = fenced(&(said.trim_end().to_owned() + "\n"));
        text.replace_range(place..place + old.len(), &new);
        from = place + new.len();
    }
    fs::write(path, text).expect("written");
}
