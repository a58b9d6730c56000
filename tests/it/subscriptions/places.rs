use std::io::Write;
use std::net::Shutdown;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::Message;

use super::frames::head;
use super::socket::{PROTOCOL, Socket, handshake};
use super::{account, hasty};
use crate::callers::gateway as limited;
use crate::cli::imagraph;
use crate::footprint::Process;
use crate::gateway::{Gateway, client, pictures};
use crate::redis_server::until;
use crate::upstream::config;

const QUERY: &str = "{ __typename }";

/// Of callers with the keys `web` and `jobs`.
fn of_two_callers(settings: &str) -> Gateway {
    let caller = |name| format!("[[callers]]\nname = \"{name}\"\nkey = \"{name}\"\n");
    limited(&format!("[subscriptions]\n{settings}\n{}{}", caller("web"), caller("jobs")))
}

/// The status of the answer to a handshake with this key.
fn opening(gateway: &Gateway, key: &str) -> u16 {
    handshake(gateway, &[PROTOCOL, ("x-api-key", key)]).status().as_u16()
}

/// The status of the answer to a request for events with this key.
fn events(gateway: &Gateway, key: &str) -> u16 {
    let request = client().post(gateway.url("/graphql")).header("accept", "text/event-stream");
    let request = request.header("x-api-key", key).json(&json!({"query": QUERY}));
    request.send().unwrap().status().as_u16()
}

/// Says with the first message whose key it has.
fn initialise(mut socket: Socket, key: &str) -> Socket {
    socket.say(json!({"type": "connection_init", "payload": {"apiKey": key}}));
    socket
}

fn admitted(socket: Socket, key: &str) -> Socket {
    let mut socket = initialise(socket, key);
    assert_eq!(socket.hear(), json!({"type": "connection_ack"}));
    socket
}

#[test]
fn who_does_not_say_who_it_is_takes_no_callers_place() {
    let gateway = of_two_callers("max_connections = 2\nmax_strangers = 3");
    let strangers: Vec<_> = (0..3).map(|_| Socket::open(&gateway)).collect();
    let refused = handshake(&gateway, &[PROTOCOL]);
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    assert_eq!((opening(&gateway, "wrong"), events(&gateway, "jobs")), (503, 200));
    let _web = admitted(Socket::with(&gateway, &[("x-api-key", "web")]), "web");
    for stranger in strangers {
        assert_eq!(stranger.closed().0, 4408);
    }
    until("they are gone", || opening(&gateway, "wrong") == 101);
}

#[test]
fn who_has_said_who_it_is_makes_room_for_the_next_stranger() {
    let gateway = of_two_callers("max_connections = 2\nmax_strangers = 1");
    let _web = admitted(Socket::open(&gateway), "web");
    let _jobs = admitted(Socket::open(&gateway), "jobs");
    let late = initialise(Socket::open(&gateway), "web");
    assert_eq!(late.closed(), (1013, "Try again later".to_owned()));
}

#[test]
fn a_caller_leaves_half_of_all_places_to_the_others() {
    let gateway = of_two_callers("max_connections = 4");
    let web = [Socket::open(&gateway), Socket::open(&gateway)].map(|socket| admitted(socket, "web"));
    assert_eq!((opening(&gateway, "web"), events(&gateway, "web")), (503, 503));
    assert_eq!(initialise(Socket::open(&gateway), "web").closed().0, 1013);
    assert_eq!(events(&gateway, "jobs"), 200);
    let _jobs = admitted(Socket::open(&gateway), "jobs");
    drop(web);
    until("there is room again", || opening(&gateway, "web") == 101);
}

#[test]
fn how_many_places_a_caller_may_take_can_be_set() {
    let gateway = of_two_callers("max_connections = 4\nmax_connections_per_caller = 1");
    // Whom the headers name leaves its place to whom the first message names.
    let _jobs = admitted(Socket::with(&gateway, &[("x-api-key", "web")]), "jobs");
    assert_eq!(opening(&gateway, "jobs"), 503);
    let _web = admitted(Socket::open(&gateway), "web");
    assert_eq!(opening(&gateway, "web"), 503);
}

#[test]
fn each_opening_counts_towards_the_callers_rate() {
    let caller = "[[callers]]\nname = \"web\"\nkey = \"web\"\nrequests_per_second = 1\nburst = 2\n";
    // Each says who it is with the first message, or with the headers too: that is one request.
    for headers in [&[][..], &[("x-api-key", "web")]] {
        let gateway = limited(caller);
        let started = Instant::now();
        let _open = [(); 2].map(|()| admitted(Socket::with(&gateway, headers), "web"));
        let third = handshake(&gateway, &[PROTOCOL, ("x-api-key", "web")]);
        assert!(third.status() == 429 || started.elapsed() > Duration::from_secs(1), "{third:?}");
        let closed = (0..50).find(|_| first_word(initialise(Socket::open(&gateway), "web")) == 1013);
        assert!(closed.is_some());
    }
}

/// 0 where it is admitted, else the code by which it is closed.
fn first_word(mut socket: Socket) -> u16 {
    match socket.0.read().unwrap() {
        Message::Text(_) => 0,
        Message::Close(Some(close)) => close.code.into(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_operation_counts_towards_the_callers_rate() {
    let rate = "[anonymous]\nrequests_per_second = 1\nburst = 4\n";
    let gateway = limited(rate);
    let mut socket = Socket::ready(&gateway);
    let mut answered = 0;
    let refused = loop {
        socket.subscribe("a", QUERY, json!({}));
        let message = socket.hear();
        if message["type"] == "error" {
            break message;
        }
        assert_eq!(socket.hear()["type"], "complete");
        answered += 1;
    };
    assert!(answered >= 3, "{answered}");
    let extensions = &refused["payload"][0]["extensions"];
    assert_eq!(extensions["code"], "TOO_MANY_REQUESTS");
    assert!(extensions["retryAfterMs"].as_u64().is_some_and(|wait| wait <= 1_000), "{refused}");
}

#[test]
fn who_begins_nothing_is_closed_and_who_does_stays() {
    let account = account();
    let mut config = hasty(&account);
    config.subscriptions.idle = Duration::from_secs(1);
    let gateway = Gateway::with(config);
    let mut busy = Socket::ready(&gateway);
    let start = Instant::now();
    let idle = Socket::ready(&gateway);
    // Longer than the deadline and the time to be idle.
    while start.elapsed() < Duration::from_secs(4) {
        busy.subscribe("a", QUERY, json!({}));
        assert_eq!(busy.hear_all("a").len(), 1);
    }
    assert_eq!(idle.closed(), (1001, "Going away".to_owned()));
    assert_eq!(busy.closed(), (1001, "Going away".to_owned()));
}

#[test]
fn connections_beyond_the_bound_are_refused_until_another_ends() {
    let account = account();
    let mut config = config(&account);
    config.subscriptions.max_connections = 2;
    let gateway = Gateway::with(config);
    let mut first = Socket::ready(&gateway);
    let second = Socket::ready(&gateway);
    let refused = handshake(&gateway, &[PROTOCOL]);
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    let told = refused.json::<Value>().unwrap()["errors"][0]["extensions"].take();
    assert_eq!(told, json!({"code": "OVERLOADED", "retryAfterMs": 1_000}));
    drop(second);
    until("there is room again", || handshake(&gateway, &[PROTOCOL]).status() == 101);
    first.subscribe("a", QUERY, json!({}));
    assert_eq!(first.hear_all("a").len(), 1);
}

#[test]
fn a_client_that_does_not_read_is_given_up() {
    let library = tempfile::tempdir().unwrap();
    std::fs::write(library.path().join("a.jpg"), crate::graphql::with_description(40_000)).unwrap();
    let mut config = hasty(&account());
    config.upstream = imagraph::config::Upstream::Engine;
    config.library = Some(imagraph::config::Library::Folder(library.path().to_owned()));
    config.subscriptions.max_connections = 1;
    let gateway = Gateway::with(config);
    let exif: String = (0..190).map(|n| format!("e{n}: exif {{ raw }} ")).collect();
    let query = format!("{{ file(id: \"YS5qcGc\") {{ {exif} }} }}");
    let mut socket = Socket::ready(&gateway);
    // 7.6 MB each, more than the kernel keeps for both sides.
    for id in ["a", "b", "c"] {
        socket.subscribe(id, &query, json!({}));
    }
    until("its place is free", || handshake(&gateway, &[PROTOCOL]).status() == 101);
}

#[test]
fn who_answers_pings_stays_and_who_does_not_goes() {
    let mut config = config(&account());
    config.subscriptions.max_connections = 2;
    let gateway = Gateway::with(config);
    let _silent = Socket::ready(&gateway);
    let mut alive = Socket::ready(&gateway);
    let mut pings = 0;
    // tungstenite answers a ping when it is read again.
    while pings < 2 {
        pings += usize::from(matches!(alive.0.read().unwrap(), Message::Ping(_)));
    }
    until("the other's place is free", || handshake(&gateway, &[PROTOCOL]).status() == 101);
    alive.subscribe("a", QUERY, json!({}));
    assert_eq!(alive.hear_all("a").len(), 1);
}

#[test]
fn who_begins_and_completes_without_end_keeps_nobody_waiting() {
    let gateway = Gateway::over_pictures(&[]);
    let mut flood = Socket::ready(&gateway);
    let mut stream = flood.0.get_mut().try_clone().unwrap();
    let query = "subscription { images(of: [{file: \"cG5nL3JnYi5wbmc\"}]) { image { width } } }";
    let both = begin_and_complete(query).repeat(100);
    let flooding = thread::spawn(move || while stream.write_all(&both).is_ok() {});
    // New connections, so that some are of the worker that has the flood.
    for _ in 0..8 {
        let start = Instant::now();
        let body = json!({"query": "{ file(id: \"cG5nL3JnYi5wbmc\") { width } }"});
        let answer = client().post(gateway.url("/graphql")).json(&body).send().unwrap();
        assert_eq!(answer.json::<Value>().unwrap()["data"]["file"]["width"], 72);
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }
    flood.0.get_mut().shutdown(Shutdown::Both).unwrap();
    flooding.join().unwrap();
}

#[test]
fn what_is_completed_is_let_go() {
    let gateway = Process::serve(imagraph().args(["serve", "--library"]).arg(pictures()));
    let mut socket = Socket::to(gateway.address(), &[]);
    socket.say(json!({"type": "connection_init"}));
    assert_eq!(socket.hear()["type"], "connection_ack");
    let ((), spent) = gateway.spent_on(|| {
        let both = begin_and_complete(&format!("{QUERY}{}", " ".repeat(8 << 10)));
        for _ in 0..40 {
            (0..100).for_each(|_| socket.0.get_mut().write_all(&both).unwrap());
            // Who never reads is taken for gone.
            socket.say(json!({"type": "ping"}));
            while socket.hear()["type"] != "pong" {}
        }
    });
    assert!(spent.growth < 16 << 20, "{spent:?}");
}

/// The frames of an operation that is begun, and not wanted any more.
fn begin_and_complete(query: &str) -> Vec<u8> {
    let begin = json!({"type": "subscribe", "id": "a", "payload": {"query": query}});
    let messages = [begin, json!({"type": "complete", "id": "a"})].map(|message| message.to_string());
    messages.iter().flat_map(|text| [head(text.len() as u64), text.clone().into_bytes()].concat()).collect()
}
