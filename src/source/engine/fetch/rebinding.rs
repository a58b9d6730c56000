//! Names whose addresses change or differ: what was judged is what is dialled, and nothing else.
//!
//! 127.0.0.2 plays the public internet, as an allowed network; 127.0.0.1 is what must not be reached.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

const PUBLIC: [u8; 4] = [127, 0, 0, 2];
const PRIVATE: [u8; 4] = [127, 0, 0, 1];

/// Listeners on the same port of both addresses.
struct Canaries {
    port: u16,
    public: TcpListener,
    private: TcpListener,
}

impl Canaries {
    fn listen() -> Self {
        let listen = |ip: [u8; 4], port| {
            let listener = TcpListener::bind(SocketAddr::from((ip, port)))?;
            listener.set_nonblocking(true).map(|()| listener)
        };
        // What is free of one address may be taken of the other.
        let both = (0..100).find_map(|_| {
            let public = listen(PUBLIC, 0).ok()?;
            let port = public.local_addr().ok()?.port();
            Some(Self { port, private: listen(PRIVATE, port).ok()?, public })
        });
        both.expect("a port that is free of both")
    }

    fn url(&self) -> String {
        format!("http://rebound.example:{}/", self.port)
    }
}

/// Connections that nobody has accepted yet: the system queues them, so that none is missed.
fn connections(listener: &TcpListener) -> usize {
    let accepted = std::iter::from_fn(|| match listener.accept() {
        Ok(connection) => Some(connection),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => panic!("{error}"),
    });
    accepted.count()
}

/// A fetcher to whom a name stands for other addresses every time, the last ones for good; and how often it asked.
fn fetcher(answers: &[&[[u8; 4]]]) -> (Fetcher, Arc<AtomicUsize>) {
    let answers: Vec<Vec<SocketAddr>> =
        answers.iter().map(|ips| ips.iter().map(|ip| SocketAddr::from((*ip, 0))).collect()).collect();
    let asked = Arc::<AtomicUsize>::default();
    let count = asked.clone();
    let look_up = move |_: &str| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        Ok(answers[number.min(answers.len() - 1)].clone())
    };
    let patience = Duration::from_secs(10);
    let (connect_timeout, read_timeout, total_timeout) = (patience, patience, patience);
    let allowed = Allowed { networks: vec![IpAddr::from(PUBLIC).into()], ..Allowed::default() };
    let settings = Settings { max_bytes: 1_000, connect_timeout, read_timeout, total_timeout, allowed };
    (Fetcher::looking_up(Arc::new(look_up), settings).unwrap(), asked)
}

/// Behind the URL's check, which lets names pass on the web's ports only.
async fn ask(fetcher: &Fetcher, reach: Reach, url: &str) -> Result<StatusCode> {
    fetcher.client(reach).get(url).send().await.map(|answer| answer.status()).map_err(client::failure)
}

async fn answer_once(listener: &TcpListener) {
    let listener = tokio::net::TcpListener::from_std(listener.try_clone().unwrap()).unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    stream.read_u8().await.unwrap();
    stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await.unwrap();
}

#[tokio::test]
async fn a_name_that_turns_private_is_looked_up_once_a_connection_and_then_denied() {
    let canaries = Canaries::listen();
    let (fetcher, asked) = fetcher(&[&[PUBLIC], &[PRIVATE]]);
    let url = canaries.url();
    let (first, ()) = tokio::join!(ask(&fetcher, Reach::Public, &url), answer_once(&canaries.public));
    assert_eq!((first, asked.load(Ordering::SeqCst)), (Ok(StatusCode::NO_CONTENT), 1));
    for _ in 0..3 {
        assert_eq!(ask(&fetcher, Reach::Public, &url).await, Err(Error::UrlNotAllowed));
    }
    assert_eq!((connections(&canaries.public), connections(&canaries.private)), (0, 0));
}

#[tokio::test]
async fn a_name_of_a_public_and_a_private_address_reaches_neither() {
    for mixed in [[PUBLIC, PRIVATE], [PRIVATE, PUBLIC]] {
        let canaries = Canaries::listen();
        let (fetcher, _) = fetcher(&[&mixed]);
        assert_eq!(ask(&fetcher, Reach::Public, &canaries.url()).await, Err(Error::UrlNotAllowed));
        assert_eq!((connections(&canaries.public), connections(&canaries.private)), (0, 0));
    }
}

/// The canary would see it.
#[tokio::test]
async fn a_name_that_may_be_anywhere_reaches_its_address() {
    let canaries = Canaries::listen();
    let (fetcher, _) = fetcher(&[&[PRIVATE]]);
    let url = canaries.url();
    let (answer, ()) = tokio::join!(ask(&fetcher, Reach::Anywhere, &url), answer_once(&canaries.private));
    assert_eq!(answer, Ok(StatusCode::NO_CONTENT));
    assert_eq!(connections(&canaries.public), 0);
}

/// A resolver is told no URL's host that is an address, so these are judged before.
#[tokio::test]
async fn an_address_is_no_name_to_look_up() {
    let (fetcher, asked) = fetcher(&[&[PUBLIC]]);
    for url in ["http://127.0.0.1/", "http://0x7f.1/", "http://[::1]/", "http://localhost/"] {
        assert_eq!(fetcher.open(url, Extent::Whole).await.err(), Some(Error::UrlNotAllowed), "{url}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
