//! ImageKit within its rate limits, played by an account on this machine.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use imagraph::config::{Config, Given, Upstream};
use serde_json::{Value, json};

use crate::account::{Account, Call, Play};
use crate::gateway::Gateway;
use crate::redis_server::until;
use crate::stub::Answer;

pub const SECOND: Duration = Duration::from_secs(1);

pub fn config(account: &Account) -> Config {
    let given = Given { imagekit_url: Some(account.url("")), ..Given::default() };
    let mut config = Config::load(given).expect("settings");
    config.upstream = Upstream::ImageKit;
    config.imagekit.private_key = "private".into();
    config
}

pub fn gateway(account: &Account) -> Gateway {
    Gateway::with(config(account))
}

pub fn image() -> Answer {
    Answer::ok(json!({"width": 100, "height": 68, "exif": {}}).to_string())
}

pub fn outage() -> Answer {
    Answer::status(503, "{}")
}

/// The answers to so many callers at once, the nth asking for `file(n)`.
pub fn ask_at_once(gateway: &Gateway, callers: usize, file: impl Fn(usize) -> String + Sync) -> Vec<Value> {
    thread::scope(|scope| {
        let ask = |n| gateway.answer(&format!("{{ file(id: \"{}\") {{ width }} }}", file(n)), json!({}));
        let callers: Vec<_> = (0..callers).map(|n| scope.spawn(move || ask(n))).collect();
        callers.into_iter().map(|caller| caller.join().expect("an answer")).collect()
    })
}

pub fn answered(answers: &[Value]) -> usize {
    answers.iter().filter(|answer| answer["data"]["file"]["width"] == 100).count()
}

pub fn code(answer: &Value) -> &Value {
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
static ON_TIME: Mutex<()> = Mutex::new(());

/// A scenario counts no more than so many where the machine does nothing else meanwhile: once of three times.
pub fn at_most(bound: usize, scenario: impl Fn() -> usize) {
    let _on_time = ON_TIME.lock();
    let mut counts = Vec::new();
    while counts.len() < 3 {
        counts.push(scenario());
        if counts.last() <= Some(&bound) {
            return;
        }
    }
    panic!("{counts:?}, and never {bound} or less");
}

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
    at_most(A_HANDFUL, || {
        let account = Account::start(forty_a_second);
        let answers = ask_at_once(&gateway(&account), 200, |n| format!("f{n}"));
        let calls = account.calls().len();
        assert_eq!(answered(&answers), 200, "{answers:?}");
        calls - 200
    });
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
fn refusals_are_waited_out_within_the_deadline_and_one_call_tries_after_each() {
    at_most(30 + A_HANDFUL, || {
        let reset = Duration::from_millis(400);
        let account = Account::start(move |call, before| {
            let refused = Answer::status(429, "{}").header("X-RateLimit-Reset", "400");
            let over = before.first().is_some_and(|first| call.at.duration_since(first.at) > 5 * reset);
            Play::Now(if over { image() } else { refused })
        });
        let answers = ask_at_once(&gateway(&account), 30, |n| format!("f{n}"));
        assert_eq!(answered(&answers), 30, "{answers:?}");
        // The first burst, then one after each of some five resets.
        account.calls().len() - 30
    });
}

#[test]
fn a_burst_of_errors_is_not_seen_by_the_caller() {
    let account = Account::start(|_, before| Play::Now(if before.is_empty() { outage() } else { image() }));
    let answers = ask_at_once(&gateway(&account), 1, |_| "a".to_owned());
    assert_eq!((answered(&answers), account.calls().len()), (1, 2));
}

#[test]
fn who_waits_for_a_permit_when_the_account_refuses_waits_for_the_reset_too() {
    let account = Account::start(|_, before| match before.len() {
        0 => Play::Now(image().header("X-RateLimit-Limit", "1000").header("X-RateLimit-Interval", "1000")),
        64 => Play::Now(Answer::status(429, "{}").header("X-RateLimit-Reset", "1500")),
        65.. => Play::Now(image()),
        _ => Play::Held(image()),
    });
    let gateway = gateway(&account);
    ask_at_once(&gateway, 1, |_| "first".to_owned());
    // All 64 permits are taken, one of them by the call that is refused.
    let answers = ask_at_once(&gateway, 90, |n| {
        if n == 89 {
            until("the account refuses", || account.calls().len() > 64);
            account.release();
        }
        format!("f{n}")
    });
    assert_eq!(answered(&answers), 90);
    let calls = account.calls();
    let early = calls[65..].iter().filter(|call| (call.at - calls[64].at).as_millis() < 1_500);
    assert_eq!(early.count(), 0);
}
