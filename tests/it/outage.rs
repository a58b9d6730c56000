//! ImageKit when it is broken, hangs or lies: the fault table, played by an account on this machine.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use imagraph::config::{Config, Given, Upstream};
use serde_json::{Value, json};

use crate::account::{Account, Play};
use crate::gateway::{Gateway, client};
use crate::redis_server::until;
use crate::stub::Answer;
use crate::upstream::{SECOND, answered, ask_at_once, code, config, gateway, image, outage};

#[test]
fn an_outage_is_not_made_worse_and_ends_within_seconds() {
    let well = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&well);
    let account =
        Account::start(move |_, _| Play::Now(if told.load(Ordering::Relaxed) { image() } else { outage() }));
    let gateway = gateway(&account);
    let answers = ask_at_once(&gateway, 100, |n| format!("f{n}"));
    assert!(answers.iter().all(|answer| code(answer) == "UPSTREAM_UNAVAILABLE"), "{answers:?}");
    let calls = account.calls().len();
    assert!(calls <= 160, "{calls} calls");
    well.store(true, Ordering::Relaxed);
    let start = Instant::now();
    while answered(&ask_at_once(&gateway, 1, |_| "f0".to_owned())) == 0 {
        assert!(start.elapsed() < 5 * SECOND, "no recovery");
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(answered(&ask_at_once(&gateway, 30, |n| format!("g{n}"))), 30);
}

#[test]
fn an_account_that_hangs_is_a_timeout_at_that_image_only() {
    let account =
        Account::start(
            |call, _| {
                if call.target.contains("hangs") { Play::Never } else { Play::Now(image()) }
            },
        );
    let mut config = config(&account);
    config.limits.deadline = SECOND;
    let query = "{ a: file(id: \"hangs\") { width } b: file(id: \"b\") { width } }";
    let answer = Gateway::with(config).answer(query, json!({}));
    assert_eq!(answer["data"], json!({"a": null, "b": {"width": 100}}));
    assert_eq!((code(&answer), &answer["errors"][0]["path"]), (&json!("TIMEOUT"), &json!(["a"])));
    assert_eq!(account.calls().len(), 3, "what hangs is tried twice");
}

#[test]
fn many_that_hang_are_timeouts_until_the_upstream_is_left_alone() {
    let account = Account::start(|_, _| Play::Never);
    let mut config = config(&account);
    config.limits.deadline = SECOND;
    let gateway = Gateway::with(config);
    let hanging = ask_at_once(&gateway, 20, |n| format!("f{n}"));
    assert!(hanging.iter().all(|answer| code(answer) == "TIMEOUT"), "{hanging:?}");
    assert_eq!(code(&ask_at_once(&gateway, 1, |_| "g".to_owned())[0]), "UPSTREAM_UNAVAILABLE");
}

#[test]
fn an_answer_that_drips_is_a_timeout() {
    let given = Given { imagekit_url: Some(format!("http://{}", dripping())), ..Given::default() };
    let mut config = Config::load(given).expect("settings");
    config.upstream = Upstream::ImageKit;
    config.imagekit.private_key = "private".into();
    config.limits.deadline = SECOND;
    let answers = ask_at_once(&Gateway::with(config), 4, |n| format!("f{n}"));
    assert!(answers.iter().all(|answer| code(answer) == "TIMEOUT"), "{answers:?}");
}

/// A server that sends a byte of an endless answer every 20 ms.
fn dripping() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            thread::spawn(move || {
                // An answer that comes before the request is none.
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{");
                while stream.write_all(b" ").is_ok() {
                    thread::sleep(Duration::from_millis(20));
                }
            });
        }
    });
    address
}

#[test]
fn what_broken_answers_say_is_not_kept() {
    let account = Account::start(|_, before| {
        Play::Now(if before.len() < 3 { Answer::ok("{\"width\": 1") } else { image() })
    });
    let gateway = gateway(&account);
    let ask = || ask_at_once(&gateway, 1, |_| "a".to_owned()).remove(0);
    assert_eq!(code(&ask()), "UPSTREAM_UNAVAILABLE");
    assert_eq!((answered(&[ask()]), account.calls().len()), (1, 4), "three tries, and one that is new");
}

#[test]
fn images_that_hang_cost_the_others_nothing() {
    let account = Account::start(|call, _| {
        if call.target.contains("hangs") { Play::Never } else { Play::Now(unlimited(image())) }
    });
    let mut config = config(&account);
    config.limits.deadline = 2 * SECOND;
    let gateway = Gateway::with(config);
    ask_at_once(&gateway, 1, |_| "first".to_owned());
    thread::scope(|scope| {
        let hanging = scope.spawn(|| ask_at_once(&gateway, 12, |n| format!("hangs{n}")));
        let mut asked = 0;
        while !hanging.is_finished() {
            asked += 5;
            let others = ask_at_once(&gateway, 5, |n| format!("f{}", asked + n));
            assert_eq!(answered(&others), 5, "{others:?}");
        }
        assert!(asked >= 50, "{asked}");
        let hanging = hanging.join().expect("answers");
        assert!(hanging.iter().all(|answer| code(answer) == "TIMEOUT"), "{hanging:?}");
    });
}

/// The gateway may call as often as it wants to.
fn unlimited(answer: Answer) -> Answer {
    answer.header("X-RateLimit-Limit", "10000").header("X-RateLimit-Interval", "1000")
}

#[test]
fn a_try_that_hangs_does_not_keep_the_outage_going() {
    let account = Account::start(|call, before| {
        let well = |call: &crate::account::Call| !call.target.contains("broken");
        match well(call) {
            false => Play::Now(outage()),
            true if !before.iter().any(well) => Play::Never,
            true => Play::Now(image()),
        }
    });
    let gateway = gateway(&account);
    ask_at_once(&gateway, 30, |n| format!("broken{n}"));
    thread::scope(|scope| {
        let start = Instant::now();
        scope.spawn(|| {
            let tries = || account.calls().iter().any(|call| call.target.contains("first"));
            while !tries() {
                ask_at_once(&gateway, 1, |_| "first".to_owned());
            }
        });
        until("the first try hangs", || account.calls().iter().any(|call| call.target.contains("first")));
        while answered(&ask_at_once(&gateway, 1, |_| "others".to_owned())) == 0 {
            assert!(start.elapsed() < 5 * SECOND, "no recovery");
            thread::sleep(Duration::from_millis(20));
        }
    });
}

#[test]
fn files_that_are_broken_are_no_outage_however_often_they_are_asked_for() {
    let account = Account::start(|call, _| {
        Play::Now(if call.target.contains("broken") { outage() } else { unlimited(image()) })
    });
    let gateway = gateway(&account);
    for page in 0..4 {
        let broken = |n: usize| n.is_multiple_of(3);
        let file = |n| if broken(n) { format!("broken{n}") } else { format!("f{page}x{n}") };
        let answers = ask_at_once(&gateway, 30, file);
        for (n, answer) in answers.iter().enumerate() {
            assert_eq!(answered(std::slice::from_ref(answer)) == 0, broken(n), "{n}: {answer}");
        }
    }
}

#[test]
fn an_endpoint_that_fails_is_left_alone_by_itself() {
    let account = Account::start(|call, _| {
        Play::Now(if call.target.ends_with("/details") { outage() } else { image() })
    });
    let gateway = gateway(&account);
    for n in 0..12 {
        assert_eq!(gateway.get(&format!("/v1/files/f{n}/details")).status(), 502);
    }
    let calls = account.calls().len();
    assert_eq!(gateway.get("/v1/files/g/details").status(), 502);
    assert_eq!(account.calls().len(), calls, "it is left alone");
    assert_eq!(answered(&ask_at_once(&gateway, 1, |_| "a".to_owned())), 1);
}

#[test]
fn a_list_that_is_too_long_is_no_outage() {
    let account = Account::start(|call, _| {
        let long = || Answer::ok(vec![b' '; 9 << 20]);
        Play::Now(if call.target.ends_with("/metadata") { image() } else { long() })
    });
    let gateway = gateway(&account);
    for _ in 0..12 {
        assert_eq!(gateway.get("/v1/files").status(), 502);
    }
    assert_eq!(account.calls().len(), 12, "none is asked for again");
    assert_eq!(answered(&ask_at_once(&gateway, 1, |_| "a".to_owned())), 1);
}

#[test]
fn calls_of_a_request_that_runs_go_on_when_the_workers_that_opened_their_connections_end() {
    let account = Account::start(|call, _| {
        let slow = call.target.contains("slow");
        if slow { Play::Held(unlimited(image())) } else { Play::Now(unlimited(image())) }
    });
    let gateway = gateway(&account);
    let url = gateway.url("/graphql");
    let ask = |name: &str| {
        let field = |n| format!("f{n}: file(id: \"{name}{n}\") {{ width }}");
        let query: String = (0..38).map(field).collect();
        // A client of its own: each connection comes to the next worker.
        let request = client().post(&url).json(&json!({"query": format!("{{ {query} }}")}));
        request.send().expect("an answer").json::<Value>().expect("JSON")
    };
    assert_eq!(ask("fast")["errors"], Value::Null);
    thread::scope(|scope| {
        let slow = scope.spawn(|| ask("slow"));
        until("all are asked for", || account.calls().len() == 2 * 38);
        let address = gateway.address;
        let stop = scope.spawn(move || drop(gateway));
        until("it listens no more", || std::net::TcpStream::connect(address).is_err());
        account.release();
        let answer = slow.join().expect("an answer");
        assert_eq!(answer["errors"], Value::Null, "{answer}");
        stop.join().expect("it has stopped");
    });
    assert_eq!(account.calls().len(), 2 * 38, "none was asked for again");
}
