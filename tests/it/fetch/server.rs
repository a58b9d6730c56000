//! A server of hand-written answers over plain TCP, which counts what it is asked and what it could send.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::reply::{Reply, Request, Then};

/// No test's request is longer.
const MAX_HEAD: usize = 16 * 1024;

/// No body is endless to the server: more than any client of these tests may read.
const ENDLESS: usize = 1024;

pub struct Server {
    addr: SocketAddr,
    shared: Arc<Shared>,
    closed: mpsc::UnboundedReceiver<()>,
}

struct Shared {
    answer: Box<dyn Fn(&Request) -> Reply + Send + Sync>,
    heads: Mutex<Vec<String>>,
    sent: AtomicU64,
}

impl Server {
    pub async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let shared = Shared { answer: Box::new(answer), heads: Mutex::default(), sent: AtomicU64::default() };
        let shared = Arc::new(shared);
        let (closing, closed) = mpsc::unbounded_channel();
        tokio::spawn(accept(listener, shared.clone(), closing));
        Self { addr, shared, closed }
    }

    pub fn host(&self) -> String {
        self.addr.to_string()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        let heads = self.shared.heads.lock().unwrap().clone();
        heads.into_iter().enumerate().map(|(number, head)| Request { number, head }).collect()
    }

    /// Bytes that the system took from the server.
    pub fn sent(&self) -> u64 {
        self.shared.sent.load(Ordering::SeqCst)
    }

    /// Waits for the end of a connection.
    pub async fn closed(&mut self) {
        timeout(super::PATIENCE, self.closed.recv())
            .await
            .expect("the connection ends")
            .expect("it was open");
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, closing: mpsc::UnboundedSender<()>) {
    while let Ok((stream, _)) = listener.accept().await {
        let connection = Connection { stream, shared: shared.clone() };
        let closing = closing.clone();
        tokio::spawn(async move {
            connection.serve().await;
            closing.send(()).ok();
        });
    }
}

struct Connection {
    stream: TcpStream,
    shared: Arc<Shared>,
}

impl Connection {
    async fn serve(mut self) {
        while let Some(head) = self.read_head().await {
            let number = self.shared.heads.lock().unwrap().len();
            self.shared.heads.lock().unwrap().push(head.clone());
            let reply = (self.shared.answer)(&Request { number, head });
            if !self.send(&reply.bytes).await || !self.go_on(reply.then).await {
                break;
            }
        }
    }

    async fn read_head(&mut self) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") && head.len() < MAX_HEAD {
            head.push(self.stream.read_u8().await.ok()?);
        }
        String::from_utf8(head).ok()
    }

    async fn send(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let Ok(count) = self.stream.write(bytes).await else { return false };
            self.shared.sent.fetch_add(count as u64, Ordering::SeqCst);
            bytes = &bytes[count..];
        }
        true
    }

    /// Whether another request may come.
    async fn go_on(&mut self, then: Then) -> bool {
        match then {
            Then::AwaitNext => return true,
            Then::Close => {}
            Then::Hang => while self.stream.read_u8().await.is_ok() {},
            Then::Drip(pause) => while self.send(b"x").await && still_open(&mut self.stream, pause).await {},
            Then::Repeat(bytes) => {
                for _ in 0..ENDLESS {
                    if !self.send(&bytes).await {
                        break;
                    }
                }
            }
        }
        false
    }
}

/// Waits; false as soon as the client goes away.
async fn still_open(stream: &mut TcpStream, pause: Duration) -> bool {
    timeout(pause, stream.read_u8()).await.is_err()
}
