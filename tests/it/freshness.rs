//! How long answers are kept, and what is done when their time is over.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use imagraph::config::{Config, Given, Upstream};
use serde_json::{Value, json};

use crate::account::{Account, Call, Play};
use crate::gateway::{Gateway, pictures};
use crate::redis_server::until;
use crate::stub::Answer;

/// Settings under which no answer is given twice without asking anew.
fn never_fresh(given: Given) -> Config {
    let mut config = Config::load(given).expect("settings");
    config.cache.ttl = Duration::ZERO;
    config
}

fn remote(account: &Account) -> Given {
    Given { allow_hosts: vec![account.address.to_string()], ..Given::default() }
}

fn imagekit(account: &Account) -> Config {
    let mut config = never_fresh(Given { imagekit_url: Some(account.url("")), ..Given::default() });
    config.upstream = Upstream::ImageKit;
    config.limits.deadline = Duration::from_secs(4);
    config
}

fn picture(name: &str) -> Vec<u8> {
    fs::read(pictures().join(name)).expect("a picture")
}

/// Answers well until it is broken.
fn account_that_breaks() -> (Account, Arc<AtomicBool>) {
    let broken = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&broken);
    let account = Account::start(move |_, _| {
        let outage = told.load(Ordering::Relaxed);
        Play::Now(if outage { Answer::status(503, "{}") } else { Answer::ok("{\"width\": 1}") })
    });
    (account, broken)
}

#[test]
fn during_an_outage_what_was_known_is_answered_and_called_stale() {
    let (account, broken) = account_that_breaks();
    let gateway = Gateway::with(imagekit(&account));
    let query = "{ file(id: \"a\") { width } }";
    assert_eq!(gateway.answer(query, json!({})), json!({"data": {"file": {"width": 1}}}));
    broken.store(true, Ordering::Relaxed);
    let answer = gateway.answer(query, json!({}));
    assert_eq!((&answer["data"]["file"]["width"], &answer["errors"]), (&json!(1), &Value::Null));
    assert_eq!(answer["extensions"]["stale"][0]["id"], "a");
    assert!(answer["extensions"]["stale"][0]["ageSeconds"].is_u64());
    let rest = gateway.get("/v1/files/a/metadata");
    assert_eq!(
        (rest.status().as_u16(), &rest.headers()["cache-status"]),
        (200, &"imagraph; hit; detail=stale".parse().unwrap())
    );
    assert!(rest.headers().contains_key("age"));
}

#[test]
fn who_can_be_told_something_old_does_not_wait_for_an_upstream_that_hangs() {
    let account = Account::start(|_, before| {
        let answer = Answer::ok(format!("{{\"width\": {}}}", before.len()));
        if before.is_empty() { Play::Now(answer) } else { Play::Held(answer) }
    });
    let gateway = Gateway::with(imagekit(&account));
    let ask = || {
        let answer = gateway.answer("{ file(id: \"a\") { width } }", json!({}));
        (answer["data"]["file"]["width"].clone(), answer["extensions"]["stale"].is_array())
    };
    assert_eq!(ask(), (json!(0), false));
    assert_eq!((ask(), ask()), ((json!(0), true), (json!(0), true)));
    account.release();
    until("there is an answer again", || !ask().1);
}

#[test]
fn what_was_known_by_a_key_that_is_refused_is_not_answered() {
    let account = Account::start(|_, before| {
        let well = Answer::ok("{\"width\": 1}");
        Play::Now(if before.is_empty() { well } else { Answer::status(403, "{}") })
    });
    let gateway = Gateway::with(imagekit(&account));
    gateway.data("{ file(id: \"a\") { width } }");
    let answer = gateway.answer("{ file(id: \"a\") { width } }", json!({}));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_UNAUTHORIZED");
}

#[test]
fn what_is_too_old_is_not_answered() {
    let (account, broken) = account_that_breaks();
    let mut config = imagekit(&account);
    config.cache.stale = Duration::ZERO;
    let gateway = Gateway::with(config);
    gateway.data("{ file(id: \"a\") { width } }");
    broken.store(true, Ordering::Relaxed);
    let answer = gateway.answer("{ file(id: \"a\") { width } }", json!({}));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_UNAVAILABLE");
}

#[test]
fn an_image_that_is_gone_is_not_answered_from_what_was_known() {
    let account = Account::start(|_, before| {
        Play::Now(if before.is_empty() { Answer::ok("{\"width\": 1}") } else { Answer::status(404, "{}") })
    });
    let gateway = Gateway::with(imagekit(&account));
    gateway.data("{ file(id: \"a\") { width } }");
    let answer = gateway.answer("{ file(id: \"a\") { width } }", json!({}));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
}

#[test]
fn what_is_missing_is_asked_for_once_and_a_fault_again() {
    let account = Account::start(|call, _| {
        let status = if call.target.contains("missing") { 404 } else { 403 };
        Play::Now(Answer::status(status, "{}"))
    });
    let mut config = imagekit(&account);
    config.cache.ttl = Duration::from_secs(60);
    let gateway = Gateway::with(config);
    for code in ["NOT_FOUND", "UPSTREAM_UNAUTHORIZED"] {
        let id = if code == "NOT_FOUND" { "missing" } else { "denied" };
        for wanted in ["width", "pHash", "width"] {
            let answer = gateway.answer(&format!("{{ file(id: \"{id}\") {{ {wanted} }} }}"), json!({}));
            assert_eq!(answer["errors"][0]["extensions"]["code"], code);
        }
    }
    assert_eq!(account.calls().len(), 1 + 3);
}

/// A file with a tag, which is not sent again to whoever has it.
fn tagged(call: &Call, tag: &str, body: Vec<u8>) -> Play {
    let known = call.header("if-none-match") == Some(tag);
    let answer = if known { Answer::status(304, "") } else { Answer::ok(body) };
    Play::Now(answer.header("etag", tag))
}

#[test]
fn a_remote_file_that_has_not_changed_is_not_sent_again() {
    let account = Account::start(|call, _| tagged(call, "\"v1\"", picture("png/rgb.png")));
    let gateway = Gateway::with(never_fresh(remote(&account)));
    let ask = |wanted: &str| {
        gateway.data(&format!("{{ remote(url: \"{}\") {{ {wanted} }} }}", account.url("/a.png")))
    };
    let first = ask("width pHash");
    assert_eq!(ask("width pHash"), first);
    assert_eq!(ask("width")["remote"]["width"], first["remote"]["width"]);
    let tags: Vec<_> =
        account.calls().iter().map(|call| call.header("if-none-match").map(str::to_owned)).collect();
    assert_eq!(tags, [None, Some("\"v1\"".to_owned()), Some("\"v1\"".to_owned())]);
}

#[test]
fn a_remote_file_that_has_changed_is_read_anew() {
    let account = Account::start(|call, before| match before.len() {
        0 => tagged(call, "\"v1\"", picture("png/rgb.png")),
        _ => tagged(call, "\"v2\"", picture("jpeg/700x500.jpg")),
    });
    let gateway = Gateway::with(never_fresh(remote(&account)));
    let query = format!("{{ remote(url: \"{}\") {{ width }} }}", account.url("/a"));
    assert_eq!(gateway.data(&query), json!({"remote": {"width": 72}}));
    assert_eq!(gateway.data(&query), json!({"remote": {"width": 700}}));
}

#[test]
fn a_date_stands_in_for_a_tag() {
    let date = "Tue, 24 Nov 2026 12:00:00 GMT";
    let account = Account::start(move |call, _| {
        let known = call.header("if-modified-since") == Some(date);
        let answer = if known { Answer::status(304, "") } else { Answer::ok(picture("png/rgb.png")) };
        Play::Now(answer.header("last-modified", date))
    });
    let gateway = Gateway::with(never_fresh(remote(&account)));
    let query = format!("{{ remote(url: \"{}\") {{ width pHash }} }}", account.url("/a"));
    assert_eq!(gateway.data(&query), gateway.data(&query));
    assert_eq!(account.calls()[1].header("if-modified-since"), Some(date));
}

#[test]
fn what_its_server_wants_nobody_to_keep_is_not_kept() {
    let account = Account::start(|_, _| {
        Play::Now(Answer::ok(picture("png/rgb.png")).header("cache-control", "no-store"))
    });
    let gateway = Gateway::start(remote(&account));
    let query = format!("{{ remote(url: \"{}\") {{ width }} }}", account.url("/a"));
    assert_eq!(gateway.data(&query), gateway.data(&query));
    assert_eq!(account.calls().len(), 2);
}

#[test]
fn a_library_file_that_is_overwritten_is_seen() {
    let library = tempfile::tempdir().unwrap();
    let put = |name| fs::write(library.path().join("a"), picture(name)).unwrap();
    let gateway =
        Gateway::with(never_fresh(Given { library: Some(library.path().to_owned()), ..Given::default() }));
    let width = || gateway.data("{ file(id: \"YQ\") { width pHash } }")["file"]["width"].take();
    put("png/rgb.png");
    assert_eq!((width(), width()), (json!(72), json!(72)));
    put("jpeg/700x500.jpg");
    assert_eq!(width(), 700);
    fs::remove_file(library.path().join("a")).unwrap();
    assert_eq!(
        gateway.answer("{ file(id: \"YQ\") { width } }", json!({}))["errors"][0]["extensions"]["code"],
        "NOT_FOUND"
    );
}
