//! The commands of the documents, run as they stand there, at a desk of their own.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::blocks::Block;
use super::root;
use super::server::{ADDRESS, Server};
use crate::cli::imagraph;
use crate::gateway::{pictures, take_cost};

const PROGRAM: &str = env!("CARGO_BIN_EXE_imagraph");
/// How the program is run where it is not installed.
const UNINSTALLED: &str = "cargo run -- ";
/// What the first command of the documents serves.
const PICTURES: &str = "tests/images";
/// For what may not be run here: administrators' commands, and those that need images from the web.
const STAND_INS: &str = r#"
sudo() { "$@"; }
systemctl() { test -x bin/imagraph && grep -q "^library = " etc/imagraph.toml && test -s "etc/systemd/system/${!#}.service"; }
docker() { test "$1" = build && test -s Dockerfile; }
"#;

/// A folder from which this project looks as it does from its root, with a home in which there are pictures, and the places of an
/// operator's machine.
pub struct Desk {
    folder: tempfile::TempDir,
    /// By the address that the documents give them.
    servers: HashMap<String, Server>,
    asks_the_index: bool,
}

impl Desk {
    pub fn for_document(blocks: &[Block]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for name in ["tests", "packaging", "Dockerfile"] {
            std::os::unix::fs::symlink(root().join(name), at(name)).expect("a link");
        }
        for name in ["target", "bin", "etc/systemd/system", "photos", "Pictures", "old/photos", "new"] {
            fs::create_dir_all(at(name)).expect("a folder");
        }
        for name in ["Pictures", "old/photos"] {
            fs::copy(pictures().join("similar/original.jpg"), at(name).join("one.jpg")).expect("a picture");
        }
        let asks_the_index = blocks.iter().any(Block::asks_the_index);
        Self { folder, servers: HashMap::new(), asks_the_index }
    }

    /// The gateway that serves the pictures of this project.
    pub fn pictures(&self) -> &Server {
        self.servers.get(ADDRESS).expect("a gateway")
    }

    /// What a block prints; none where its last command serves, or is not run.
    pub fn run(&mut self, block: &str) -> Option<String> {
        // The one is running, the others need Docker and images from the web.
        if block == "tests/run" || block == "docker compose up --build" {
            return None;
        }
        if block.contains("--moved-from /old/photos") {
            self.move_the_library();
        }
        let block = self.here(block);
        let (before, last) = block.rsplit_once('\n').unwrap_or(("", &block));
        let Some((environment, arguments)) = last.split_once("imagraph serve") else {
            return Some(without_cost(&printed(&mut self.bash(&block))));
        };
        printed(&mut self.bash(before));
        if environment.starts_with("docker run ") {
            self.serve("", &arguments.replace("/library", "photos"));
        } else {
            self.serve(environment, arguments);
        }
        None
    }

    /// A settings file that a document shows is one that the gateway starts with.
    pub fn starts_with(&self, settings: &str) {
        fs::write(self.folder.path().join("shown.toml"), settings).expect("written");
        drop(Server::start(self.program(&["serve", "--config", "shown.toml"])));
    }

    fn serve(&mut self, environment: &str, arguments: &str) {
        let (arguments, at) = arguments.split_once(" --listen ").unwrap_or((arguments, ADDRESS));
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        let mut program = self.program(&[&["serve"], &arguments[..]].concat());
        program
            .envs(environment.split_whitespace().map(|setting| setting.split_once('=').expect("NAME=VALUE")));
        if self.asks_the_index {
            let url = format!("sqlite://{}", self.folder.path().join("served.sqlite").display());
            // The most of it beforehand, on all cores, as other tests run beside this one. What is not known in time then
            // the gateway looks into.
            if arguments == ["--library", PICTURES] {
                self.program(&["index", "--library", PICTURES, "--index", &url]).output().expect("it runs");
            }
            program.env("IMAGRAPH_INDEX", url);
        }
        let started = Server::start(program);
        self.servers.entry(at.to_owned()).or_insert(started);
    }

    /// From the old place to the new one, when it has been indexed.
    fn move_the_library(&self) {
        let index = "imagraph index --library /old/photos --index sqlite:///var/lib/imagraph/photos.sqlite";
        printed(&mut self.bash(&self.here(index)));
        printed(&mut self.bash(&self.here("mv /old/photos /new/photos")));
    }

    /// With the places that it names below this folder, and the gateways where they are.
    fn here(&self, command: &str) -> String {
        let below = |path: &str| self.folder.path().join(path).display().to_string();
        let mut places = vec![
            (UNINSTALLED, "imagraph ".to_owned()),
            ("target/release/imagraph", PROGRAM.to_owned()),
            ("/usr/local/bin", below("bin")),
            ("/etc/", below("etc/")),
            ("/new/photos", below("new/photos")),
            ("/old/photos", below("old/photos")),
            ("/var/lib/imagraph", below("target")),
        ];
        places.extend(self.servers.iter().map(|(at, server)| (at.as_str(), server.address().to_owned())));
        places.iter().fold(command.to_owned(), |command, (there, here)| command.replace(there, here))
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut program = imagraph();
        program.args(arguments).current_dir(&self.folder);
        program
    }

    /// With the environment that the program has in all tests, and the program where the shell finds it.
    fn bash(&self, commands: &str) -> Command {
        let mut bash = Command::new("bash");
        for (name, value) in imagraph().get_envs() {
            match value {
                Some(value) => bash.env(name, value),
                None => bash.env_remove(name),
            };
        }
        let programs = Path::new(PROGRAM).parent().expect("its folder").display();
        let path = format!("{programs}:{}", std::env::var("PATH").expect("PATH"));
        bash.env("PATH", path).env("HOME", self.folder.path()).current_dir(&self.folder);
        bash.args(["-euo", "pipefail", "-c", &format!("{STAND_INS}\n{commands}")]);
        bash
    }
}

pub fn printed(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Server-sent events, like all other answers, are shown without what they cost.
fn without_cost(said: &str) -> String {
    let line = |line: &str| match line.strip_prefix("data: ").map(serde_json::from_str::<Value>) {
        Some(Ok(mut data)) => {
            take_cost(&mut data);
            format!("data: {data}\n")
        }
        _ => format!("{line}\n"),
    };
    match serde_json::from_str::<Value>(said) {
        Ok(mut whole) if whole.get("extensions").is_some() => {
            take_cost(&mut whole);
            whole.to_string()
        }
        _ => said.lines().map(line).collect(),
    }
}
