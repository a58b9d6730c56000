//! ImageKit when it is slow, limited or broken: the fault table, played by an account on this machine.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use imagraph::config::{Config, Given, Upstream};
use serde_json::{Value, json};

use crate::account::{Account, Call, Play};
use crate::gateway::Gateway;
use crate::stub::Answer;

const SECOND: Duration = Duration::from_secs(1);

fn config(account: &Account) -> Config {
    let given = Given { imagekit_url: Some(account.url("")), ..Given::default() };
    let mut config = Config::load(given).expect("settings");
    config.upstream = Upstream::ImageKit;
    config.imagekit.private_key = "private".into();
    config
}

fn gateway(account: &Account) -> Gateway {
    Gateway::with(config(account))
}

fn image() -> Answer {
    Answer::ok(json!({"width": 100, "height": 68, "exif": {}}).to_string())
}

fn outage() -> Answer {
    Answer::status(503, "{}")
}

/// The answers to so many callers at once, the nth asking for `file(n)`.
fn ask_at_once(gateway: &Gateway, callers: usize, file: impl Fn(usize) -> String + Sync) -> Vec<Value> {
    thread::scope(|scope| {
        let ask = |n| gateway.answer(&format!("{{ file(id: \"{}\") {{ width }} }}", file(n)), json!({}));
        let callers: Vec<_> = (0..callers).map(|n| scope.spawn(move || ask(n))).collect();
        callers.into_iter().map(|caller| caller.join().expect("an answer")).collect()
    })
}

fn answered(answers: &[Value]) -> usize {
    answers.iter().filter(|answer| answer["data"]["file"]["width"] == 100).count()
}

fn code(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["code"]
}

#[test]
fn two_hundred_callers_of_one_file_are_one_call() {
    let account = Account::start(|_, _| Play::Now(image()));
    let answers = ask_at_once(&gateway(&account), 200, |_| "same".to_owned());
    assert_eq!((answered(&answers), account.calls().len()), (200, 1));
}

/// Calls that may be refused although turns were taken: where all tests share two cores, calls that leave at their turn may
/// arrive some tens of milliseconds late. By itself each of these tests sees none.
pub const A_HANDFUL: usize = 10;

/// Held by tests whose calls have to arrive when they are sent: one at a time.
pub static ON_TIME: Mutex<()> = Mutex::new(());

/// Forty calls in each second of its own clock, as ImageKit counts them.
pub fn forty_a_second(call: &Call, before: &[Call]) -> Play {
    let window = |call: &Call| call.at.duration_since(before[0].at).as_secs();
    let in_window = before.iter().rev().take_while(|earlier| window(earlier) == window(call)).count();
    let answer = if before.is_empty() || in_window < 40 { image() } else { Answer::status(429, "{}") };
    let left = before.first().map_or(SECOND, |first| {
        SECOND - Duration::from_nanos(call.at.duration_since(first.at).subsec_nanos().into())
    });
    let answer = answer.header("X-RateLimit-Limit", "40").header("X-RateLimit-Interval", "1000");
    Play::Now(answer.header("X-RateLimit-Reset", &left.as_millis().to_string()))
}

#[test]
fn two_hundred_files_pass_through_forty_calls_a_second() {
    let _on_time = ON_TIME.lock();
    let account = Account::start(forty_a_second);
    let answers = ask_at_once(&gateway(&account), 200, |n| format!("f{n}"));
    let calls = account.calls().len();
    assert_eq!(answered(&answers), 200, "{answers:?}");
    assert!(calls <= 200 + A_HANDFUL, "{} calls were refused", calls - 200);
}

#[test]
fn whoever_cannot_have_a_turn_in_time_is_told_at_once() {
    let account = Account::start(|_, before| {
        let limited = Answer::status(429, "{}").header("X-RateLimit-Reset", "60000");
        Play::Now(if before.is_empty() { limited } else { image() })
    });
    let gateway = gateway(&account);
    for answer in [ask_at_once(&gateway, 1, |_| "a".to_owned()), ask_at_once(&gateway, 1, |_| "b".to_owned())]
    {
        assert_eq!(code(&answer[0]), "UPSTREAM_RATE_LIMITED");
        let wait = answer[0]["errors"][0]["extensions"]["retryAfterMs"].as_u64().expect("milliseconds");
        assert!((50_000..=60_270).contains(&wait), "{wait}");
    }
    assert_eq!(account.calls().len(), 1);
}

#[test]
fn nothing_is_sent_before_the_reset_and_everything_after_it() {
    let account = Account::start(|call, before| {
        let limited = Answer::status(429, "{}").header("X-RateLimit-Reset", "1500");
        let over = before.first().is_some_and(|first| call.at.duration_since(first.at).as_millis() >= 1_500);
        Play::Now(if over { image() } else { limited })
    });
    let gateway = gateway(&account);
    let first = ask_at_once(&gateway, 1, |_| "first".to_owned());
    let others = ask_at_once(&gateway, 20, |n| format!("f{n}"));
    assert_eq!((answered(&first), answered(&others)), (1, 20));
    assert_eq!(account.calls().len(), 22, "one was refused");
}

#[test]
fn a_burst_of_errors_is_not_seen_by_the_caller() {
    let account = Account::start(|_, before| Play::Now(if before.is_empty() { outage() } else { image() }));
    let answers = ask_at_once(&gateway(&account), 1, |_| "a".to_owned());
    assert_eq!((answered(&answers), account.calls().len()), (1, 2));
}

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
fn an_answer_that_drips_is_a_timeout_and_holds_nobody_up() {
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
fn what_a_broken_answer_says_is_not_kept() {
    let account = Account::start(|_, before| {
        Play::Now(if before.is_empty() { Answer::ok("{\"width\": 1") } else { image() })
    });
    assert_eq!(answered(&ask_at_once(&gateway(&account), 1, |_| "a".to_owned())), 1);
}
