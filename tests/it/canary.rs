//! A listener that nobody may connect to.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

pub struct Canary(TcpListener);

impl Canary {
    pub fn listen(address: &str) -> Self {
        Self::try_listen(address).unwrap_or_else(|error| panic!("{address}: {error}"))
    }

    pub fn try_listen(address: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true).map(|()| Self(listener))
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub fn port(&self) -> u16 {
        self.address().port()
    }

    /// Connections since the last look. The system itself queues those that nobody has accepted yet, so none is missed.
    pub fn connections(&self) -> usize {
        let accepted = std::iter::from_fn(|| match self.0.accept() {
            Ok(connection) => Some(connection),
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) => panic!("{error}"),
        });
        accepted.count()
    }

    #[track_caller]
    pub fn assert_untouched(&self) {
        assert_eq!(self.connections(), 0, "somebody has connected to {}", self.address());
    }
}
