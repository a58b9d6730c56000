//! An ImageKit account that plays what it is told to: each call is answered by a function of the test's.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use tokio::sync::watch;

use crate::stub::{Answer, respond};

/// One call as it came.
#[derive(Debug, Clone)]
pub struct Call {
    /// Path and query.
    pub target: String,
    pub at: Instant,
    headers: HashMap<String, String>,
    pub body: Bytes,
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

pub enum Play {
    Now(Answer),
    /// Not before [`Account::release`].
    Held(Answer),
    Never,
}

pub struct Account {
    pub address: SocketAddr,
    stage: Data<Stage>,
    released: watch::Sender<bool>,
}

/// What to do with a call and all those before it.
type Script = dyn Fn(&Call, &[Call]) -> Play + Send + Sync;

struct Stage {
    script: Box<Script>,
    calls: Mutex<Vec<Call>>,
    released: watch::Receiver<bool>,
}

impl Account {
    /// Runs until the test process ends.
    pub fn start(script: impl Fn(&Call, &[Call]) -> Play + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let (released, wait) = watch::channel(false);
        let stage = Stage { script: Box::new(script), calls: Mutex::default(), released: wait };
        let stage = Data::from(Arc::new(stage));
        let shared = stage.clone();
        thread::spawn(move || {
            let app = move || App::new().app_data(shared.clone()).default_service(web::to(answer));
            let server =
                HttpServer::new(app).workers(1).disable_signals().listen(listener).expect("a server");
            actix_web::rt::System::new().block_on(server.run()).expect("the account runs");
        });
        Self { address, stage, released }
    }

    pub fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    /// All calls so far.
    pub fn calls(&self) -> Vec<Call> {
        self.stage.calls.lock().expect("calls").clone()
    }

    /// Answers what was held, and holds nothing any more.
    pub fn release(&self) {
        self.released.send_replace(true);
    }
}

async fn answer(request: HttpRequest, body: Bytes, stage: Data<Stage>) -> HttpResponse {
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = request.headers().iter().map(header).collect();
    let call = Call { target: request.uri().to_string(), at: Instant::now(), headers, body };
    let play = {
        let mut calls = stage.calls.lock().expect("calls");
        let play = (stage.script)(&call, &calls);
        calls.push(call);
        play
    };
    match play {
        Play::Now(answer) => respond(answer.status, &answer.headers, answer.body),
        Play::Held(answer) => {
            let _ = stage.released.clone().wait_for(|released| *released).await;
            respond(answer.status, &answer.headers, answer.body)
        }
        Play::Never => std::future::pending().await,
    }
}
