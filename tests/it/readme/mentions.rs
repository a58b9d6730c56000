//! Commands, flags and settings that the documents mention between their blocks are there.

use std::fs;
use std::path::PathBuf;

use super::commands::printed;
use super::root;
use crate::cli::imagraph;

fn documents() -> Vec<PathBuf> {
    let guides =
        fs::read_dir(root().join("docs")).expect("docs/").map(|entry| entry.expect("an entry").path());
    let guides = guides.filter(|file| file.extension().is_some_and(|end| end == "md"));
    guides.chain([root().join("README.md")]).collect()
}

/// What stands between single backquotes, on one line.
fn mentions() -> Vec<String> {
    let of = |file: PathBuf| {
        let text = fs::read_to_string(file).expect("a document");
        let prose: String = text.split("\n```").step_by(2).collect();
        prose.split('`').skip(1).step_by(2).map(|code| code.replace('\n', " ")).collect::<Vec<_>>()
    };
    documents().into_iter().flat_map(of).collect()
}

fn help(of: &[&str]) -> String {
    printed(imagraph().args(of).arg("--help"))
}

fn flags(of: &str) -> impl Iterator<Item = &str> {
    of.split_whitespace().filter(|word| word.starts_with("--"))
}

fn has(help: &str, flag: &str) -> bool {
    help.split([' ', '\n', '=', '[', ',']).any(|word| word == flag)
}

#[test]
fn commands_that_are_mentioned_are_there_with_their_flags() {
    let mentions = mentions();
    let mut commands: Vec<_> = mentions.iter().filter_map(|code| code.strip_prefix("imagraph ")).collect();
    commands.sort_unstable();
    commands.dedup();
    for told in &commands {
        let help = help(&[told.split(' ').next().expect("a command")]);
        assert!(flags(told).all(|flag| has(&help, flag)), "imagraph {told}\n{help}");
    }
    assert!(commands.len() > 5, "{commands:?}");
}

#[test]
fn flags_that_are_mentioned_are_some_commands() {
    let commands = ["serve", "inspect", "compare", "duplicates", "index", "schema", "settings"];
    let helps: String = commands.iter().map(|command| help(&[command])).collect();
    let mentions = mentions();
    let told: Vec<_> = mentions.iter().filter(|code| code.starts_with("--")).collect();
    for flag in told.iter().flat_map(|code| flags(code)) {
        assert!(has(&helps, flag), "{flag}");
    }
    assert!(told.len() > 10, "{told:?}");
}

/// Written as `section.key`.
#[test]
fn settings_that_are_mentioned_are_there() {
    let file = printed(imagraph().arg("settings"));
    // Without what says that it is only a default, and what explains it.
    let bare =
        |line: &str| line.trim_start_matches("# ").split('#').next().unwrap_or_default().trim().to_owned();
    let lines: Vec<_> = file.lines().map(bare).collect();
    let sections: Vec<_> =
        lines.iter().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')).collect();
    let mut judged = 0;
    for code in mentions() {
        let Some((section, key)) = code.split_once('.') else { continue };
        if !sections.contains(&section) {
            continue;
        }
        let key = key.split([' ', '=']).next().expect("a key");
        let within = lines.iter().skip_while(|line| **line != format!("[{section}]")).skip(1);
        let mut within = within.take_while(|line| !line.starts_with('['));
        assert!(within.any(|line| line.split([' ', '=']).next() == Some(key)), "{code}");
        judged += 1;
    }
    assert!(judged > 10, "{judged}");
}
