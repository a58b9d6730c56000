//! A real redis-server on a free port, or three of them as a cluster, gone with the test.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fmt, thread};

pub struct RedisServer {
    pub port: u16,
    options: Vec<&'static str>,
    /// How `redis-cli` reaches it.
    reach: Vec<&'static str>,
    child: Child,
    /// Where it writes what a cluster's node has to remember.
    pub folder: tempfile::TempDir,
}

impl RedisServer {
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Over TLS alone, with a certificate that `ca.pem` in its folder has signed.
    pub fn over_tls() -> Self {
        let options = [
            ["--tls-port", "PORT"],
            ["--tls-cert-file", "server.pem"],
            ["--tls-key-file", "server.key"],
            ["--tls-ca-cert-file", "ca.pem"],
            ["--tls-auth-clients", "no"],
        ];
        Self::reached(options.as_flattened(), &["--tls", "--insecure"])
    }

    /// For those who know the password.
    pub fn with_password(password: &'static str) -> Self {
        Self::reached(&["--requirepass", password], &["--no-auth-warning", "-a", password])
    }

    fn with(options: &[&'static str]) -> Self {
        Self::reached(options, &[])
    }

    fn reached(options: &[&'static str], reach: &[&'static str]) -> Self {
        let port = free_port();
        let folder = tempfile::tempdir().expect("a folder");
        if options.contains(&"--tls-port") {
            certify(folder.path());
        }
        let child = spawn(port, options, &folder);
        let server = Self { port, options: options.to_vec(), reach: reach.to_vec(), child, folder };
        server.wait();
        server
    }

    /// Three nodes that share the slots.
    pub fn cluster() -> Vec<Self> {
        let node = || Self::with(&["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"]);
        let nodes: Vec<_> = (0..3).map(|_| node()).collect();
        let addresses = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port));
        let mut create = Command::new("redis-cli");
        create.args(["--cluster", "create"]).args(addresses).arg("--cluster-yes").stdout(Stdio::null());
        assert!(create.status().expect("redis-cli").success());
        for node in &nodes {
            until("the cluster is formed", || node.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok"));
        }
        nodes
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What `redis-cli` prints.
    pub fn cli(&self, command: &[&str]) -> String {
        let mut cli = Command::new("redis-cli");
        let output = cli.args(["-p", &self.port.to_string()]).args(&self.reach).args(command).output();
        String::from_utf8_lossy(&output.expect("redis-cli").stdout).trim().to_owned()
    }

    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    pub fn kill(&mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it has ended");
    }

    /// After [`RedisServer::kill`].
    pub fn start_again(&mut self) {
        self.child = spawn(self.port, &self.options, &self.folder);
        self.wait();
    }

    fn wait(&self) {
        until("redis-server answers", || self.cli(&["PING"]) == "PONG");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for what is bound to happen, however busy the machine is.
pub fn until(what: impl fmt::Display, happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        thread::sleep(Duration::from_millis(10));
    }
}

fn spawn(port: u16, options: &[&str], folder: &tempfile::TempDir) -> Child {
    let port = port.to_string();
    let mut server = Command::new("redis-server");
    let tls = options.contains(&"--tls-port");
    server.args(["--port", if tls { "0" } else { &port }]);
    server.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    server.args(options.iter().map(|option| if *option == "PORT" { port.as_str() } else { option }));
    server.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
    server.spawn().expect("redis-server, of Debian's package of that name")
}

/// An authority of its own, and a certificate for this machine by it.
fn certify(folder: &Path) {
    let openssl = |command: &str| {
        let mut openssl = Command::new("openssl");
        let made = openssl.args(command.split(' ')).current_dir(folder).output().expect("openssl");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=authority");
    openssl("req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=redis");
    std::fs::write(folder.join("names"), "subjectAltName = IP:127.0.0.1").expect("a file");
    let sign =
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out server.pem";
    openssl(sign);
}

/// Its bus listens 10,000 above a cluster's port. Both are below those that Linux gives to whoever asks for any (32768 and
/// more), and so to every connection that goes out meanwhile.
pub fn free_port() -> u16 {
    let is_free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let mut ports = (0..1_000).map(|_| fastrand::u16(10_000..22_000));
    ports.find(|port| is_free(*port) && is_free(port + 10_000)).expect("a free port")
}
