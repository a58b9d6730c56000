//! Every command, query and script of the README and of `docs/` is run, and every answer that they show is compared.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Once;

use serde_json::{Value, json};

use crate::cli::imagraph;
use crate::gateway::{client, take_cost};
use crate::redis_server::until;

/// What the documents say the gateway listens on; here any port that is free takes its place.
const ADDRESS: &str = "http://127.0.0.1:8080";
/// And where one listens that may be added to, whose folder is made within one of the test's.
const WRITABLE: &str = "http://127.0.0.1:8081";
const WRITABLE_ARGUMENTS: &str = "serve --library photos --listen 127.0.0.1:8081";
/// The first command of each document that asks.
const SERVES_PICTURES: &str = "serve --library tests/images";
const RUN: &str = "cargo run --release -- ";

/// A fenced block: its language, behind it the file that it shows, and its text.
#[derive(Debug, Clone)]
struct Block {
    language: String,
    file: Option<String>,
    text: String,
}

/// The gateways that are asked.
#[derive(Default)]
struct Servers {
    /// The first one, which serves the pictures.
    first: Option<Server>,
    writable: Option<Server>,
    asks_the_index: bool,
}

/// A gateway that a command of a document started.
struct Server {
    child: Child,
    url: String,
    _index: tempfile::TempDir,
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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let blocks = blocks(&fs::read_to_string(&path).expect(document));
    let asks_the_index =
        blocks.iter().any(|block| block.language == "graphql" && is_of_the_index(&block.text));
    let mut servers = Servers { asks_the_index, ..Servers::default() };
    let mut compared = 0;
    let mut truth = Vec::new();
    for (place, block) in blocks.iter().enumerate() {
        let Some(said) = run(block, &mut servers) else { continue };
        let Some(shown) =
            blocks.get(place + 1).filter(|next| ["json", "text"].contains(&next.language.as_str()))
        else {
            continue;
        };
        truth.push((shown.clone(), said.clone()));
        compared += 1;
    }
    if std::env::var_os("BLESS").is_some() {
        return bless(&path, &truth);
    }
    for (shown, said) in truth {
        assert!(same(&shown, &said), "{document} shows:\n{}\nin truth it is:\n{said}", shown.text);
    }
    assert!(compared >= answers, "only {compared} answers were compared");
}

/// Runs a block and tells what it printed; none for a block that is not run.
fn run(block: &Block, servers: &mut Servers) -> Option<String> {
    if let Some(file) = &block.file {
        let shown = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect(file);
        assert_eq!(block.text, shown, "{file}");
        return None;
    }
    match block.language.as_str() {
        "sh" => run_command(block.text.trim(), servers),
        "graphql" => Some(servers.first().ask(&block.text)),
        "js" => Some(servers.first().run(&block.text)),
        "toml" => {
            settings(&block.text);
            None
        }
        // The proxy is nobody's of ours.
        "json" | "text" | "nginx" => None,
        other => panic!("what is ```{other} ?"),
    }
}

fn run_command(command: &str, servers: &mut Servers) -> Option<String> {
    if command == "tests/run" {
        return None;
    }
    if let Some((making, serving)) = command.split_once('\n')
        && serving.strip_prefix(RUN) == Some(WRITABLE_ARGUMENTS)
    {
        let folder = tempfile::tempdir().expect("a folder");
        printed(Command::new("sh").args(["-c", making]).current_dir(&folder));
        let mut program = imagraph();
        program.args(["serve", "--library"]).arg(folder.path().join("photos"));
        servers.writable = Some(Server::start(program, folder));
        return None;
    }
    if let Some((environment, arguments)) = command.split_once(RUN) {
        let mut program = imagraph();
        program.args(arguments.split_whitespace());
        program
            .envs(environment.split_whitespace().map(|setting| setting.split_once('=').expect("NAME=VALUE")));
        if arguments.starts_with("serve") {
            let index = tempfile::tempdir().expect("a folder");
            let url = format!("sqlite://{}", index.path().join("i.sqlite").display());
            if servers.asks_the_index {
                // The most of it beforehand, on all cores, as other tests run beside this one. What is not known in time then
                // the gateway looks into.
                if arguments == SERVES_PICTURES {
                    let index = ["index", "--library", "tests/images", "--index", &url];
                    imagraph().args(index).output().expect("it runs");
                }
                program.env("IMAGRAPH_INDEX", url);
            }
            let started = Server::start(program, index);
            servers.first.get_or_insert(started);
            return None;
        }
        return Some(printed(&mut program));
    }
    assert!(command.starts_with("curl "), "how is this run: {command}");
    let command = command.replace(ADDRESS, &servers.first().url);
    let command = match &servers.writable {
        Some(writable) => command.replace(WRITABLE, &writable.url),
        None => command,
    };
    Some(without_cost(&printed(Command::new("sh").args(["-c", &command]))))
}

impl Servers {
    fn first(&self) -> &Server {
        self.first.as_ref().expect("a gateway")
    }
}

fn is_of_the_index(query: &str) -> bool {
    query.contains("similar(") || query.contains("duplicateGroups")
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

/// Where the clients are installed that the documents use.
fn node() -> Command {
    static INSTALLED: Once = Once::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    INSTALLED.call_once(|| {
        printed(Command::new("npm").args(["ci", "--silent"]).current_dir(&folder));
    });
    let mut node = Command::new("node");
    node.current_dir(folder);
    node
}

fn printed(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A settings file that a document shows is one that the gateway starts with.
fn settings(text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("imagraph.toml");
    fs::write(&file, text).expect("written");
    let mut program = imagraph();
    program.arg("serve").arg("--config").arg(&file);
    drop(Server::start(program, folder));
}

impl Server {
    fn start(mut program: Command, index: tempfile::TempDir) -> Self {
        program.env("IMAGRAPH_LOG", "off").args(["--listen", "127.0.0.1:0"]);
        let mut child = program.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("listening on ").expect("where it listens").to_owned();
        Self { child, url, _index: index }
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

    fn ask(&self, query: &str) -> String {
        if is_of_the_index(query) {
            self.index();
        }
        let request = client().post(format!("{}/graphql", self.url)).json(&json!({"query": query}));
        let mut answer: Value = request.send().expect("an answer").json().expect("JSON");
        take_cost(&mut answer);
        serde_json::to_string_pretty(&answer).expect("JSON")
    }

    /// A script of a page or a server, in Node, which lacks what browsers have of their own.
    fn run(&self, script: &str) -> String {
        let script = script.replace(ADDRESS.trim_start_matches("http"), self.url.trim_start_matches("http"));
        printed(node().args(["--import", "./browser.js", "--input-type=module", "--eval", &script]))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
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

fn blocks(markdown: &str) -> Vec<Block> {
    let fences = markdown.split("\n```").skip(1).step_by(2);
    let block = |fence: &str| {
        let (head, text) = fence.split_once('\n')?;
        let (language, file) =
            head.split_once(' ').map_or((head, None), |(language, file)| (language, Some(file)));
        Some(Block {
            language: language.to_owned(),
            file: file.map(str::to_owned),
            text: text.to_owned() + if text.is_empty() { "" } else { "\n" },
        })
    };
    fences.filter_map(block).collect()
}
