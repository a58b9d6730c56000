//! The gateway as a process of its own: started as a user starts it, and watched from outside.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::gateway::client;

pub struct Process {
    child: Child,
    /// Kept, so that nothing it prints meets a closed pipe.
    _stdout: BufReader<ChildStdout>,
    url: String,
    client: Client,
}

/// What the process took for something.
#[derive(Debug)]
pub struct Spent {
    pub cpu: Duration,
    /// Bytes of memory at the worst moment, above those before.
    pub growth: u64,
}

impl Process {
    /// `command` has all but the port.
    pub fn serve(command: &mut Command) -> Self {
        let command =
            command.env("IMAGRAPH_LISTEN", "127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        let url = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).trim().to_owned();
        Self { child, _stdout: stdout, url, client: client() }
    }

    pub fn address(&self) -> SocketAddr {
        self.url.trim_start_matches("http://").parse().expect("an address")
    }

    pub fn ask(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let request = self.client.post(format!("{}/graphql", self.url)).json(&body);
        request.timeout(Duration::from_secs(60)).send().expect("an answer").json().expect("JSON")
    }

    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    pub fn spent_on<T>(&self, action: impl FnOnce() -> T) -> (T, Spent) {
        // proc(5): 5 resets the peak to what is held now.
        fs::write(self.proc("clear_refs"), "5").expect("Linux 4.0 or later");
        let (held, cpu) = (self.bytes("VmRSS:"), self.cpu());
        let result = action();
        let growth = self.bytes("VmHWM:").saturating_sub(held);
        (result, Spent { cpu: self.cpu().saturating_sub(cpu), growth })
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.id())
    }

    /// A line of `/proc/PID/status`, in kB there.
    fn bytes(&self, field: &str) -> u64 {
        let status = fs::read_to_string(self.proc("status")).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect(field);
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
    }

    /// Fields 14 to 17 of `/proc/PID/stat`: in user and kernel mode, and those of processes that it has waited for, in ticks
    /// of 10 ms.
    fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(self.proc("stat")).expect("it runs");
        let fields = stat.rsplit_once(") ").expect("a name").1.split(' ');
        let ticks: u64 = fields.skip(11).take(4).map(|ticks| ticks.parse::<u64>().expect("a number")).sum();
        Duration::from_millis(10 * ticks)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
