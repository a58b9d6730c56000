//! The gateway as a test sees it: built as `serve` builds it, on a port of its own, asked over HTTP.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use imagraph::config::{Config, Given, IndexPlace};
use imagraph::http;
use imagraph::http::auth::Callers;
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use url::Url;

/// The program that decodes in a process of its own.
pub const DECODER: &str = env!("CARGO_BIN_EXE_imagraph");

pub struct Gateway {
    pub address: SocketAddr,
    client: Client,
    stop: mpsc::Sender<()>,
    thread: Option<JoinHandle<()>>,
}

/// The project's own pictures.
pub fn pictures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images")
}

/// A client that asks this machine only.
pub fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().expect("a client")
}

/// Takes `extensions.cost` out of an answer; null where the request was refused.
pub fn take_cost(answer: &mut Value) -> Value {
    let Some(extensions) = answer.get_mut("extensions").and_then(Value::as_object_mut) else {
        return Value::Null;
    };
    let cost = extensions.remove("cost").unwrap_or_default();
    if extensions.is_empty() {
        answer.as_object_mut().map(|answer| answer.remove("extensions"));
    }
    cost
}

impl Gateway {
    /// Over the project's own pictures; `hosts` may be fetched from.
    pub fn over_pictures(hosts: &[SocketAddr]) -> Self {
        let allow_hosts = hosts.iter().map(ToString::to_string).collect();
        Self::start(Given { library: Some(pictures()), allow_hosts, ..Given::default() })
    }

    pub fn start(given: Given) -> Self {
        Self::with(Config::load(given).expect("settings"))
    }

    pub fn with(mut config: Config) -> Self {
        config.shutdown.drain = Duration::ZERO;
        if matches!(config.index.place, IndexPlace::Default) {
            config.index.place = IndexPlace::Off;
        }
        config.decoder = Some(DECODER.into());
        let tasks = Runtime::new().expect("threads");
        let callers = Callers::new(&config, tasks.handle()).expect("a catalog");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let (stop, mut stopped) = mpsc::channel(1);
        let thread = thread::spawn(move || {
            let told = async || stopped.recv().await.unwrap_or_default();
            let served = http::run(listener, Arc::new(callers), &config, told);
            let served = actix_web::rt::System::new().block_on(served);
            served.expect("the gateway runs until it is stopped");
            tasks.shutdown_background();
        });
        Self { address, client: client(), stop, thread: Some(thread) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().expect("an answer")
    }

    pub fn post(&self, content_type: &str, body: impl Into<String>) -> Response {
        let request = self.client.post(self.url("/graphql")).header("content-type", content_type);
        request.body(body.into()).send().expect("an answer")
    }

    /// Asks by GET, with these parameters.
    pub fn get_graphql(&self, parameters: &[(&str, &str)]) -> Response {
        self.client.get(self.query_url(parameters)).send().expect("an answer")
    }

    /// What is asked by GET.
    pub fn query_url(&self, parameters: &[(&str, &str)]) -> String {
        Url::parse_with_params(&self.url("/graphql"), parameters).expect("a URL").into()
    }

    /// The whole answer to a query, but for what it cost.
    pub fn answer(&self, query: &str, variables: Value) -> Value {
        self.answer_and_cost(query, variables).0
    }

    /// The answer to a query, and its `extensions.cost`.
    pub fn answer_and_cost(&self, query: &str, variables: Value) -> (Value, Value) {
        let body = json!({"query": query, "variables": variables});
        let response = self.post("application/json", body.to_string());
        let mut answer = response.json().expect("JSON");
        let cost = take_cost(&mut answer);
        (answer, cost)
    }

    /// The data of an answer that has no errors.
    pub fn data(&self, query: &str) -> Value {
        let mut answer = self.answer(query, json!({}));
        assert_eq!(answer.get("errors"), None, "{query}");
        answer["data"].take()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.stop.try_send(());
        let ended = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "the gateway ended badly");
        }
    }
}
