//! A WebSocket as a client holds it that says what it likes.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use reqwest::blocking::Response;
use serde_json::{Value, json};
use tungstenite::client::ClientRequestBuilder;
use tungstenite::http::Uri;
use tungstenite::protocol::frame::Frame;
use tungstenite::{Message, WebSocket};

use crate::gateway::{Gateway, client};

/// The header that names the sub-protocol.
pub const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

/// The answer to an opening handshake.
pub fn handshake(gateway: &Gateway, headers: &[(&str, &str)]) -> Response {
    let request = client()
        .get(gateway.url("/graphql"))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value))
        .send()
        .expect("an answer")
}

pub struct Socket(pub WebSocket<TcpStream>);

impl Socket {
    /// Opened, and nothing said yet.
    pub fn open(gateway: &Gateway) -> Self {
        Self::with(gateway, &[])
    }

    pub fn with(gateway: &Gateway, headers: &[(&str, &str)]) -> Self {
        Self::to(gateway.address, headers)
    }

    pub fn to(address: SocketAddr, headers: &[(&str, &str)]) -> Self {
        let uri: Uri = format!("ws://{address}/graphql").parse().expect("a URI");
        let request = ClientRequestBuilder::new(uri).with_sub_protocol("graphql-transport-ws");
        let request =
            headers.iter().fold(request, |request, (name, value)| request.with_header(*name, *value));
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        let (socket, response) = tungstenite::client(request, stream).expect("a WebSocket");
        assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
        Self(socket)
    }

    /// Ready for operations.
    pub fn ready(gateway: &Gateway) -> Self {
        let mut socket = Self::open(gateway);
        socket.say(json!({"type": "connection_init"}));
        assert_eq!(socket.hear(), json!({"type": "connection_ack"}));
        socket
    }

    pub fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string()));
    }

    pub fn send(&mut self, message: Message) {
        self.0.send(message).expect("it is sent");
    }

    pub fn send_frame(&mut self, frame: Frame) {
        self.send(Message::Frame(frame));
    }

    pub fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({"query": query, "variables": variables});
        self.say(json!({"type": "subscribe", "id": id, "payload": payload}));
    }

    /// The next message.
    pub fn hear(&mut self) -> Value {
        loop {
            match self.0.read().expect("a message") {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The payloads of an operation up to its end.
    pub fn hear_all(&mut self, id: &str) -> Vec<Value> {
        let mut payloads = Vec::new();
        loop {
            let mut message = self.hear();
            assert_eq!(message["id"], id, "{message}");
            match message["type"].as_str() {
                Some("next") => payloads.push(message["payload"].take()),
                Some("complete") => return payloads,
                _ => panic!("{message}"),
            }
        }
    }

    /// Why it is closed, after whatever else is said.
    pub fn closed(mut self) -> (u16, String) {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(60) {
            match self.0.read() {
                Ok(Message::Close(Some(close))) => return (close.code.into(), close.reason.to_string()),
                Ok(Message::Close(None)) => return (1005, String::new()),
                Ok(_) => {}
                Err(error) => panic!("it is not closed but broken: {error}"),
            }
        }
        panic!("it is not closed");
    }
}
