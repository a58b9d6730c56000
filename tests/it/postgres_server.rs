//! A real PostgreSQL on a free port, gone with the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::redis_server::{free_port, until};

pub struct PostgresServer {
    port: u16,
    child: Child,
    folder: tempfile::TempDir,
}

impl PostgresServer {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, port) = (folder.path().join("data"), free_port());
        fs::create_dir(&data).expect("a folder");
        give_to_postgres(&[folder.path(), &data]);
        let mut make = command("initdb");
        make.args(["--auth", "trust", "--username", "imagraph", "--no-sync", "--pgdata"]);
        assert!(make.arg(&data).stdout(Stdio::null()).status().expect("initdb").success());
        let server = Self { port, child: spawn(folder.path(), port), folder };
        server.wait();
        server
    }

    /// Ends it at once, with all its connections.
    pub fn kill(&mut self) {
        // To its first process, which ends the others.
        let _ = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }

    /// The same databases, where it was.
    pub fn start_again(&mut self) {
        self.child = spawn(self.folder.path(), self.port);
        self.wait();
    }

    fn wait(&self) {
        until("PostgreSQL is ready", || self.psql("postgres", "SELECT 1"));
    }

    /// The address of a database that is made.
    pub fn database(&self, name: &str) -> String {
        assert!(self.psql("postgres", &format!("CREATE DATABASE {name}")), "{name} is made");
        format!("postgres://imagraph@127.0.0.1:{}/{name}", self.port)
    }

    fn psql(&self, database: &str, statement: &str) -> bool {
        let mut psql = Command::new(program("psql"));
        psql.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "imagraph", "-d", database, "-c"]);
        let ran = psql.arg(statement).stdout(Stdio::null()).stderr(Stdio::null()).status();
        ran.expect("psql").success()
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(folder: &Path, port: u16) -> Child {
    let mut server = command("postgres");
    server.arg("-D").arg(folder.join("data")).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
    server.args(["-c", "fsync=off", "-k"]).arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
    server.spawn().expect("postgres")
}

/// Debian keeps it beside those of other versions.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|version| version.path().join("bin").join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| name.into())
}

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// PostgreSQL does not run as root.
fn command(name: &str) -> Command {
    if !is_root() {
        return Command::new(program(name));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]).arg(program(name));
    command
}

fn give_to_postgres(folders: &[&Path]) {
    if is_root() {
        let given = Command::new("chown").arg("postgres").args(folders).status();
        assert!(given.expect("chown").success());
    }
}
