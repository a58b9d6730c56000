//! A server that plays ImageKit or any host with pictures, and counts what it is asked.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use actix_web::http::StatusCode;
use actix_web::http::header::RANGE;
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};

/// What the stub answers to a path with its query.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub authorization: Option<String>,
    pub range: Option<String>,
}

pub struct Stub {
    pub address: SocketAddr,
    state: Data<State>,
}

#[derive(Default)]
struct State {
    answers: Mutex<HashMap<String, Answer>>,
    asked: Mutex<Vec<Asked>>,
}

impl Answer {
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into() }
    }

    pub fn status(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, ..Self::ok(body) }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl Stub {
    /// Runs until the test process ends.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let state = Data::from(Arc::<State>::default());
        let shared = state.clone();
        thread::spawn(move || {
            let app = move || App::new().app_data(shared.clone()).default_service(web::to(answer));
            let server =
                HttpServer::new(app).workers(1).disable_signals().listen(listener).expect("a server");
            actix_web::rt::System::new().block_on(server.run()).expect("the stub runs");
        });
        Self { address, state }
    }

    /// Sets the answer to a path, its query included.
    pub fn put(&self, target: &str, answer: Answer) {
        self.state.answers.lock().expect("answers").insert(target.to_owned(), answer);
    }

    pub fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    /// All that was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().expect("asked").clone()
    }
}

async fn answer(request: HttpRequest, state: Data<State>) -> HttpResponse {
    let target = request.uri().to_string();
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let range = header(RANGE.as_str());
    let asked = Asked { authorization: header("authorization"), range: range.clone() };
    state.asked.lock().expect("asked").push(asked);
    let answer = state.answers.lock().expect("answers").get(&target).cloned();
    let Some(answer) = answer else { return HttpResponse::NotFound().finish() };
    match range.filter(|_| answer.status == 200) {
        Some(range) => part(&answer, &range),
        None => respond(answer.status, &answer.headers, answer.body.clone()),
    }
}

fn part(answer: &Answer, range: &str) -> HttpResponse {
    let (first, last) = range.trim_start_matches("bytes=").split_once('-').expect("a range");
    let first: usize = first.parse().expect("a first byte");
    let last = last.parse().unwrap_or(usize::MAX).min(answer.body.len().saturating_sub(1));
    let total = answer.body.len();
    if first >= total {
        return respond(416, &[("content-range", format!("bytes */{total}"))], Vec::new());
    }
    let mut headers = answer.headers.clone();
    headers.push(("content-range", format!("bytes {first}-{last}/{total}")));
    respond(206, &headers, answer.body[first..=last].to_vec())
}

pub fn respond(status: u16, headers: &[(&'static str, String)], body: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::build(StatusCode::from_u16(status).expect("a status"));
    for (name, value) in headers {
        response.insert_header((*name, value.as_str()));
    }
    response.body(body)
}

/// A server that answers every connection with these bytes; it hangs up then, or never.
pub fn broken(answer: Vec<u8>, hangs_up: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&answer);
            if !hangs_up {
                open.push(stream);
            }
        }
    });
    address
}
