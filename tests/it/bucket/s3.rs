//! A real S3 server, moto's, on a free port; gone with the test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::process::Process;
use crate::python;

/// Nobody checks them here, but they are to be nowhere.
pub const KEY_ID: &str = "AKIAKEYOFTHETESTS";
pub const SECRET: &str = "secret-of-the-tests";

pub struct S3 {
    port: u16,
    child: Child,
}

impl S3 {
    /// With a bucket of this name.
    pub fn with(bucket: &str) -> Self {
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let mut server = Command::new(python::with("tests/s3/requirements.txt", "s3-venv"));
        server.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
        let child = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("moto starts");
        let server = Self { port, child };
        server.wait();
        assert_eq!(server.send("PUT", bucket, b""), 200);
        server
    }

    fn wait(&self) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(60), "moto does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn put(&self, bucket: &str, key: &str, bytes: &[u8]) {
        let status = self.send("PUT", &object(bucket, key), bytes);
        assert_eq!(status, 200, "{key:?}");
    }

    pub fn delete(&self, bucket: &str, key: &str) {
        assert_eq!(self.send("DELETE", &object(bucket, key), b""), 204, "{key}");
    }

    /// Every file of a folder, below a prefix.
    pub fn put_folder(&self, bucket: &str, prefix: &str, folder: &Path) {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
        {
            let key =
                format!("{prefix}/{}", entry.file_name().and_then(|name| name.to_str()).expect("a name"));
            match entry.is_dir() {
                true => self.put_folder(bucket, &key, &entry),
                false => self.put(bucket, &key, &std::fs::read(&entry).expect("a file")),
            }
        }
    }

    /// Every key, as few as a list has at once.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let list = self.answer("GET", &format!("{bucket}?list-type=2"), b"");
        let list = String::from_utf8(list).expect("XML");
        list.split("<Key>").skip(1).filter_map(|key| Some(key.split_once('<')?.0.to_owned())).collect()
    }

    /// An object, behind the head of its answer.
    pub fn get(&self, bucket: &str, key: &str) -> Vec<u8> {
        self.answer("GET", &object(bucket, key), b"")
    }

    fn send(&self, method: &str, target: &str, body: &[u8]) -> u16 {
        let answer = self.answer(method, target, body);
        let head = String::from_utf8_lossy(&answer[..answer.len().min(64)]).into_owned();
        head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }

    /// A client would make another URL of some keys: written down as they are.
    fn answer(&self, method: &str, target: &str, body: &[u8]) -> Vec<u8> {
        let mut server = TcpStream::connect(("127.0.0.1", self.port)).expect("moto");
        let credential = format!("{KEY_ID}/20260101/us-east-1/s3/aws4_request");
        let head = format!(
            "{method} /{target} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nContent-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0\r\n\r\n",
            self.port,
            body.len()
        );
        server.write_all(&[head.as_bytes(), body].concat()).expect("sent");
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).expect("an answer");
        answer
    }
}

fn object(bucket: &str, key: &str) -> String {
    let parts = key.split('/').map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string());
    format!("{bucket}/{}", parts.collect::<Vec<_>>().join("/"))
}

/// A gateway whose library this is, at whatever answers at that port.
pub fn gateway(port: u16, library: &str, arguments: &[&str], settings: &str) -> Process {
    let endpoint = format!("http://127.0.0.1:{port}");
    let environment = [
        ("AWS_ENDPOINT", endpoint.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
    ];
    Process::serve(&[&["--library", library], arguments].concat(), &environment, settings)
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
