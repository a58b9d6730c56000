//! A server behind a line on which each answer takes its time.

use std::io::{Read, Write, copy};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

pub struct SlowLine {
    pub address: SocketAddr,
    delay_ms: Arc<AtomicU64>,
    connections: Arc<AtomicUsize>,
}

impl SlowLine {
    /// To a server on this port of this machine. Takes no time at first.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let line = Self { address, delay_ms: Arc::default(), connections: Arc::default() };
        let (delay_ms, connections) = (Arc::clone(&line.delay_ms), Arc::clone(&line.connections));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::Relaxed);
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                join(&client, &server, Arc::clone(&delay_ms));
            }
        });
        line
    }

    pub fn takes(&self, delay: Duration) {
        self.delay_ms.store(delay.as_millis() as u64, Ordering::Relaxed);
    }

    /// That were opened up to now.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

fn join(client: &TcpStream, server: &TcpStream, delay_ms: Arc<AtomicU64>) {
    let twice =
        |stream: &TcpStream| (stream.try_clone().expect("a stream"), stream.try_clone().expect("a stream"));
    let ((mut asked, mut told), (mut asks, mut tells)) = (twice(client), twice(server));
    thread::spawn(move || copy(&mut asked, &mut asks));
    thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = tells.read(&mut piece) {
            thread::sleep(Duration::from_millis(delay_ms.load(Ordering::Relaxed)));
            if told.write_all(&piece[..length]).is_err() {
                break;
            }
        }
    });
}
