//! A gateway that a command of a document started.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Once;

use serde_json::{Value, json};

use super::blocks::is_of_the_index;
use super::commands::printed;
use super::root;
use crate::gateway::{client, take_cost};
use crate::redis_server::until;

/// What the documents say that the first one listens on; here any port that is free takes its place.
pub const ADDRESS: &str = "127.0.0.1:8080";

pub struct Server {
    child: Child,
    url: String,
}

impl Server {
    pub fn start(mut program: Command) -> Self {
        program.env("IMAGRAPH_LOG", "off").args(["--listen", "127.0.0.1:0"]);
        let mut child = program.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("listening on ").expect("where it listens").to_owned();
        Self { child, url }
    }

    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub fn ask(&self, query: &str) -> String {
        if is_of_the_index(query) {
            self.index();
        }
        let request = client().post(format!("{}/graphql", self.url)).json(&json!({"query": query}));
        let mut answer: Value = request.send().expect("an answer").json().expect("JSON");
        take_cost(&mut answer);
        serde_json::to_string_pretty(&answer).expect("JSON")
    }

    /// A script of a page or a server, in Node, which lacks what browsers have of their own. WebSockets are at the address too.
    pub fn run(&self, script: &str) -> String {
        let script = script.replace(ADDRESS, self.address());
        printed(node().args(["--import", "./browser.js", "--input-type=module", "--eval", &script]))
    }

    /// What they say happens in the background.
    fn index(&self) {
        until("the library is indexed", || {
            let metrics = client().get(format!("{}/metrics", self.url)).send().expect("an answer");
            let metrics = metrics.text().expect("metrics");
            let files = |part: &str, none: bool| {
                let gauge = format!("imagraph_index_files{{part=\"{part}\"}} ");
                let line = metrics.lines().find_map(|line| line.strip_prefix(&gauge)).expect("the gauge");
                (line == "0") == none
            };
            files("files", false) && files("pending", true)
        });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the clients are installed that the documents use.
fn node() -> Command {
    static INSTALLED: Once = Once::new();
    let folder: &Path = &root().join("tests/clients");
    INSTALLED.call_once(|| {
        printed(Command::new("npm").args(["ci", "--silent"]).current_dir(folder));
    });
    let mut node = Command::new("node");
    node.current_dir(folder);
    node
}
