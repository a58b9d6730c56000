//! The gateway as a process of its own: what it writes, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use crate::cli::imagraph;
use crate::gateway::client;

pub struct Process {
    pub url: String,
    child: Child,
    client: Client,
    logs: Arc<Mutex<String>>,
    reading: Option<JoinHandle<()>>,
}

impl Process {
    /// `imagraph serve` with these arguments and settings, on a port of its own. The settings are a file's.
    pub fn serve(arguments: &[&str], environment: &[(&str, &str)], settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("imagraph.toml");
        let quick = if settings.contains("[shutdown]") { "" } else { "[shutdown]\ndrain_seconds = 0\n" };
        std::fs::write(&file, format!("{settings}\n{quick}")).expect("written");
        let mut command = imagraph();
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(&file);
        command.args(arguments).envs(environment.iter().copied());
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let logs = Arc::<Mutex<String>>::default();
        let (written, stderr) = (Arc::clone(&logs), child.stderr.take().expect("its logs"));
        let reading = thread::spawn(move || read(stderr, &written));
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let url = url.unwrap_or_else(|| panic!("{line:?} {}", logs.lock().expect("logs")));
        Self { url, child, client: client(), logs, reading: Some(reading) }
    }

    pub fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url)).send().expect("an answer")
    }

    pub fn answer(&self, query: &str) -> Value {
        self.ask(query).json().expect("JSON")
    }

    pub fn ask(&self, query: &str) -> Response {
        let request = self.client.post(format!("{}/graphql", self.url)).json(&json!({"query": query}));
        request.send().expect("an answer")
    }

    /// What is written up to now.
    pub fn logs(&self) -> String {
        self.logs.lock().expect("logs").clone()
    }

    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a status").is_some()
    }

    /// How it ended, and all that it has written.
    pub fn wait(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("it ends");
        self.reading.take().map(JoinHandle::join);
        (status, self.logs())
    }

    /// Tells it to stop.
    pub fn stop(self) -> String {
        self.signal("-TERM");
        let (status, logs) = self.wait();
        assert!(status.success(), "{status} {logs}");
        logs
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(mut from: impl Read, to: &Mutex<String>) {
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        to.lock().expect("logs").push_str(&String::from_utf8_lossy(&piece[..length]));
    }
}
