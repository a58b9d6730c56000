//! Several gateways on one Redis, and what they do without it.

use std::thread;
use std::time::{Duration, Instant};

use imagraph::config::{Config, Given, Upstream};
use serde_json::{Value, json};

use crate::account::{Account, Call, Play};
use crate::gateway::{Gateway, pictures};
use crate::redis_server::{RedisServer, until};
use crate::stub::Answer;
use crate::upstream::{A_HANDFUL, at_most, forty_a_second};

fn config(account: &Account, redis: &RedisServer) -> Config {
    let given = Given {
        imagekit_url: Some(account.url("")),
        redis: Some(redis.url().into()),
        allow_hosts: vec![account.address.to_string()],
        ..Given::default()
    };
    let mut config = Config::load(given).expect("settings");
    config.upstream = Upstream::ImageKit;
    config.imagekit.private_key = "private".into();
    config
}

fn replica(account: &Account, redis: &RedisServer) -> Gateway {
    Gateway::with(config(account, redis))
}

fn account() -> Account {
    Account::start(|_, _| Play::Now(Answer::ok(reference().to_string())))
}

fn reference() -> Value {
    serde_json::from_str(include_str!("../imagekit/reference.json")).expect("JSON")
}

fn ask(gateway: &Gateway, id: &str) -> Value {
    gateway.answer(&format!("{{ file(id: \"{id}\") {{ width pHash raw source }} }}"), json!({}))
}

fn answered(gateway: &Gateway, id: &str) {
    let answer = ask(gateway, id);
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    assert_eq!(answer["data"]["file"]["raw"], reference());
}

/// The key of the one image that is stored, as soon as it is.
fn stored(redis: &RedisServer) -> String {
    let key = || redis.cli(&["KEYS", "imagraph:*:metadata:*"]);
    until("it is stored", || !key().is_empty());
    key()
}

/// An account with one file: each replica that looks into it asks for its details and fetches it.
fn account_with_a_file() -> Account {
    let picture = std::fs::read(pictures().join("png/rgba.png")).expect("a picture");
    Account::start(move |call, _| {
        let url = || json!({"url": format!("http://{}/a.png", call.header("host").expect("a host"))});
        Play::Now(match call.target.as_str() {
            "/v1/files/a/metadata" => Answer::ok(reference().to_string()),
            "/v1/files/a/details" => Answer::ok(url().to_string()),
            _ => Answer::ok(picture.clone()),
        })
    })
}

#[test]
fn what_one_replica_found_in_a_file_the_others_tell_and_add_to() {
    let (redis, account) = (RedisServer::start(), account_with_a_file());
    let (one, two) = (replica(&account, &redis), replica(&account, &redis));
    let ask =
        |gateway: &Gateway, fields: &str| gateway.data(&format!("{{ file(id: \"a\") {{ {fields} }} }}"));
    let hash = ask(&one, "blurHash");
    let key = stored(&redis);
    // The second byte says which facts there are: opacity and colours.
    until("colours are stored", || redis.cli(&["BITCOUNT", &key, "1", "1"]) == "2");
    let calls = account.calls().len();
    assert_eq!((ask(&two, "blurHash"), calls), (hash, 3));
    ask(&two, "isOpaque palette(colors: 3) { color share } lqip");
    assert_eq!(account.calls().len(), calls, "the other one has found it");
    ask(&two, "checksum");
    assert_eq!(account.calls().len(), calls + 2, "that nobody knew");
    until("the checksum is stored as well", || redis.cli(&["BITCOUNT", &key, "1", "1"]) == "3");
    ask(&one, "checksum thumbHash");
    assert_eq!(account.calls().len(), calls + 2);
}

#[test]
fn two_replicas_asked_at_once_make_one_call() {
    at_most(1, || {
        let (redis, account) = (RedisServer::start(), account());
        let replicas = [replica(&account, &redis), replica(&account, &redis)];
        thread::scope(|scope| {
            for n in 0..40 {
                let replica = &replicas[n % 2];
                scope.spawn(move || answered(replica, "a"));
            }
        });
        account.calls().len()
    });
}

#[test]
fn a_replica_knows_what_another_has_learnt() {
    let (redis, account) = (RedisServer::start(), account());
    let first = replica(&account, &redis);
    let expected = ask(&first, "a");
    stored(&redis);
    drop(first);
    let second = replica(&account, &redis);
    assert_eq!(ask(&second, "a"), expected);
    assert_eq!(account.calls().len(), 1);
}

#[test]
fn what_is_missing_is_missing_for_all() {
    let redis = RedisServer::start();
    let account = Account::start(|_, _| Play::Now(Answer::status(404, "{}")));
    for _ in 0..2 {
        let answer = ask(&replica(&account, &redis), "a");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
        stored(&redis);
    }
    assert_eq!(account.calls().len(), 1);
}

#[test]
fn a_replica_that_died_while_it_was_loading_is_not_waited_for_long() {
    let (redis, account) = (RedisServer::start(), account());
    answered(&replica(&account, &redis), "a");
    let value = stored(&redis);
    redis.cli(&["DEL", &value]);
    // As it leaves the lead behind.
    assert_eq!(redis.cli(&["SET", &value.replace(":metadata:", ":lead4:"), "token", "PX", "700"]), "OK");
    answered(&replica(&account, &redis), "a");
    assert_eq!(account.calls().len(), 2);
    assert_eq!(stored(&redis), value, "the other has taken over");
}

#[test]
fn accounts_do_not_see_each_others_images() {
    let (redis, account) = (RedisServer::start(), account());
    answered(&replica(&account, &redis), "a");
    let mut other = config(&account, &redis);
    other.imagekit.private_key = "another".into();
    answered(&Gateway::with(other), "a");
    assert_eq!(account.calls().len(), 2);
    assert!(!redis.cli(&["KEYS", "*"]).contains("private"), "keys say nothing of the account's");
}

#[test]
fn what_one_engine_may_fetch_another_does_not_get_from_the_cache() {
    let redis = RedisServer::start();
    let picture = std::fs::read(pictures().join("png/rgb.png")).expect("a picture");
    let host = Account::start(move |_, _| Play::Now(Answer::ok(picture.clone())));
    let config = |allow_hosts| {
        let redis = Some(redis.url().into());
        Config::load(Given { redis, allow_hosts, ..Given::default() }).expect("settings")
    };
    let engine = |allow_hosts| Gateway::with(config(allow_hosts));
    let in_network = |network: &str| {
        let mut config = config(Vec::new());
        config.remote.allow_networks = vec![network.parse().expect("a network")];
        config.remote.ports = vec![host.address.port()];
        Gateway::with(config)
    };
    let query = format!("{{ remote(url: \"{}\") {{ width }} }}", host.url("/a.png"));
    let allowed = vec![host.address.to_string()];
    assert_eq!(engine(allowed.clone()).data(&query), json!({"remote": {"width": 72}}));
    stored(&redis);
    let refused = engine(Vec::new()).answer(&query, json!({}));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "URL_NOT_ALLOWED");
    assert_eq!(engine(allowed).data(&query), json!({"remote": {"width": 72}}));
    assert_eq!(host.calls().len(), 1);
    assert_eq!(in_network("127.0.0.0/8").data(&query), json!({"remote": {"width": 72}}));
    assert_eq!(host.calls().len(), 2, "what is allowed otherwise is another's");
    until("both are stored", || redis.cli(&["DBSIZE"]) == "2");
    let refused = in_network("10.0.0.0/8").answer(&query, json!({}));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "URL_NOT_ALLOWED");
}

#[test]
fn replicas_go_on_when_redis_is_killed_and_share_again_when_it_is_back() {
    let (mut redis, account) = (RedisServer::start(), account());
    let replicas = [replica(&account, &redis), replica(&account, &redis)];
    answered(&replicas[0], "before");
    redis.kill();
    replicas.iter().for_each(|replica| answered(replica, "without"));
    assert_eq!(account.calls().len(), 3);
    redis.start_again();
    until("one call is enough for both", || {
        let before = account.calls().len();
        replicas.iter().for_each(|replica| answered(replica, &format!("again{before}")));
        account.calls().len() == before + 1
    });
}

#[test]
fn a_gateway_starts_without_redis_and_takes_it_when_it_comes() {
    let (mut redis, account) = (RedisServer::start(), account());
    redis.kill();
    let gateway = replica(&account, &redis);
    answered(&gateway, "a");
    redis.start_again();
    until("something is stored", || {
        answered(&gateway, &format!("b{}", account.calls().len()));
        redis.cli(&["DBSIZE"]) != "0"
    });
}

#[test]
fn a_redis_that_hangs_is_a_miss() {
    let (redis, account) = (RedisServer::start(), account());
    let gateway = replica(&account, &redis);
    answered(&gateway, "a");
    redis.signal("-STOP");
    for id in ["b", "c", "a"] {
        answered(&gateway, id);
    }
    redis.signal("-CONT");
    assert_eq!(account.calls().len(), 3);
}

#[test]
fn a_redis_that_is_full_is_a_miss() {
    let (redis, account) = (RedisServer::start(), account());
    assert_eq!(redis.cli(&["CONFIG", "SET", "maxmemory", "1"]), "OK");
    let gateway = replica(&account, &redis);
    answered(&gateway, "a");
    answered(&gateway, "b");
    assert_eq!(redis.cli(&["DBSIZE"]), "0");
}

#[test]
fn what_nobody_of_ours_has_written_is_a_miss() {
    let (redis, account) = (RedisServer::start(), account());
    answered(&replica(&account, &redis), "a");
    let keys = stored(&redis);
    for (calls, value) in [(2, ""), (3, "\u{1}\u{2}\u{3}"), (4, &"x".repeat(100_000))] {
        assert_eq!(redis.cli(&["SET", &keys, value, "PX", "100000000"]), "OK");
        answered(&replica(&account, &redis), "a");
        assert_eq!(account.calls().len(), calls, "{} bytes", value.len());
    }
    redis.cli(&["DEL", &keys]);
    assert_eq!(redis.cli(&["LPUSH", &keys, "of another type"]), "1");
    answered(&replica(&account, &redis), "a");
}

#[test]
fn what_another_replica_knew_is_answered_during_an_outage() {
    let redis = RedisServer::start();
    let account = Account::start(|_, before| {
        let well = Answer::ok(reference().to_string());
        Play::Now(if before.is_empty() { well } else { Answer::status(503, "{}") })
    });
    let short_lived = || {
        let mut config = config(&account, &redis);
        config.cache.ttl = Duration::from_millis(300);
        Gateway::with(config)
    };
    let first = short_lived();
    answered(&first, "a");
    stored(&redis);
    until("it is too old", || ask(&first, "a")["extensions"]["stale"].is_array());
    let second = short_lived();
    answered(&second, "a");
    assert!(ask(&second, "a")["extensions"]["stale"].is_array());
}

#[test]
fn a_slow_answer_is_waited_for_by_all_replicas() {
    at_most(1, || {
        let redis = RedisServer::start();
        let account = Account::start(|_, _| Play::Held(Answer::ok(reference().to_string())));
        let replicas = [replica(&account, &redis), replica(&account, &redis)];
        let lead = || redis.cli(&["KEYS", "imagraph:*:lead*"]);
        thread::scope(|scope| {
            scope.spawn(|| answered(&replicas[0], "a"));
            until("it is asked for", || account.calls().len() == 1);
            scope.spawn(|| answered(&replicas[1], "a"));
            // Longer than it would last by itself.
            let start = Instant::now();
            until("the lead is kept, or lost", || {
                lead().is_empty() || start.elapsed() > Duration::from_millis(3_500)
            });
            account.release();
        });
        account.calls().len()
    });
}

/// An account with a file that is not opaque.
fn with_an_original() -> Account {
    let picture = std::fs::read(pictures().join("png/rgba.png")).expect("a picture");
    Account::start(move |call, _| {
        let host = call.header("host").expect("a host");
        Play::Now(match call.target.as_str() {
            target if target.ends_with("/metadata") => {
                Answer::ok(json!({"width": 7, "hasTransparency": true}).to_string())
            }
            target if target.ends_with("/details") => {
                Answer::ok(json!({"url": format!("http://{host}/a.png")}).to_string())
            }
            _ => Answer::ok(picture.clone()),
        })
    })
}

fn opacity(gateway: &Gateway) -> Value {
    gateway.answer("{ file(id: \"a\") { width isOpaque } }", json!({}))
}

#[test]
fn what_the_engine_adds_is_shared_among_those_whose_engines_may_do_the_same() {
    let (redis, account) = (RedisServer::start(), with_an_original());
    let known = json!({"data": {"file": {"width": 7, "isOpaque": false}}});
    assert_eq!(opacity(&replica(&account, &redis)), known);
    until("it is stored", || redis.cli(&["DBSIZE"]) != "0");
    let mut off = config(&account, &redis);
    off.hybrid = false;
    assert_eq!(opacity(&Gateway::with(off))["data"]["file"]["isOpaque"], Value::Null);
    let mut stricter = config(&account, &redis);
    stricter.remote.allow_hosts.clear();
    let refused = opacity(&Gateway::with(stricter));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "URL_NOT_ALLOWED");
}

#[test]
fn what_completes_an_answer_is_found_out_once_for_all() {
    let (redis, account) = (RedisServer::start(), with_an_original());
    let replicas = [replica(&account, &redis), replica(&account, &redis)];
    replicas[0].data("{ file(id: \"a\") { width } }");
    stored(&redis);
    thread::scope(|scope| {
        for n in 0..10 {
            let replica = &replicas[n % 2];
            scope.spawn(move || assert_eq!(opacity(replica)["data"]["file"]["isOpaque"], false));
        }
    });
    let targets: Vec<_> = account.calls().into_iter().map(|call| call.target).collect();
    assert_eq!(targets, ["/v1/files/a/metadata", "/v1/files/a/details", "/a.png?tr=orig-true"]);
}

#[test]
fn without_a_memory_of_its_own_a_replica_asks_once_all_the_same() {
    let (redis, account) = (RedisServer::start(), with_an_original());
    let mut config = config(&account, &redis);
    config.cache.max_bytes = 0;
    let gateway = Gateway::with(config);
    let calls = || account.calls().len();
    gateway.data("{ file(id: \"a\") { width } }");
    stored(&redis);
    opacity(&gateway);
    until("what completes it is stored", || {
        let before = calls();
        opacity(&gateway);
        calls() == before
    });
    gateway.data("{ file(id: \"a\") { width } }");
    let metadata = account.calls().into_iter().filter(|call| call.target.ends_with("/metadata"));
    assert_eq!(metadata.count(), 1);
}

/// Settings of a gateway over a Redis that speaks TLS, which trusts the public authorities and those of a file.
fn over_tls(account: &Account, redis: &RedisServer, ca_file: &str) -> Gateway {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("imagraph.toml");
    let url = redis.url().replace("redis://", "rediss://");
    std::fs::write(&file, format!("[redis]\nurl = {url:?}\n{ca_file}\n")).expect("a file");
    let given = Given { config: Some(file), imagekit_url: Some(account.url("")), ..Given::default() };
    let mut config = Config::load(given).expect("settings");
    config.upstream = Upstream::ImageKit;
    config.imagekit.private_key = "private".into();
    Gateway::with(config)
}

#[test]
fn a_redis_with_a_certificate_of_ones_own_authority_is_trusted_where_that_is_named() {
    let (redis, account) = (RedisServer::over_tls(), account());
    let ca_file = format!("ca_file = {:?}", redis.folder.path().join("ca.pem"));
    answered(&over_tls(&account, &redis, &ca_file), "a");
    stored(&redis);
    answered(&over_tls(&account, &redis, &ca_file), "a");
    assert_eq!(account.calls().len(), 1);
    answered(&over_tls(&account, &redis, ""), "a");
    assert_eq!(account.calls().len(), 2, "a stranger is not asked");
}

/// Asks for so many files at each replica, all at once.
fn ask_each_at_once(replicas: &[Gateway], files: usize) {
    thread::scope(|scope| {
        for (name, replica) in replicas.iter().enumerate() {
            for n in 0..files {
                scope.spawn(move || {
                    let answer =
                        replica.answer(&format!("{{ file(id: \"r{name}f{n}\") {{ width }} }}"), json!({}));
                    assert_eq!(answer["data"]["file"]["width"], 100, "{answer}");
                });
            }
        }
    });
}

#[test]
fn replicas_keep_the_accounts_limit_together() {
    at_most(A_HANDFUL, || {
        let (redis, account) = (RedisServer::start(), Account::start(forty_a_second));
        let replicas = [replica(&account, &redis), replica(&account, &redis)];
        ask_each_at_once(&replicas, 60);
        account.calls().len() - 120
    });
}

#[test]
fn without_redis_each_replica_takes_its_share_of_the_limit() {
    at_most(A_HANDFUL, || {
        let (mut redis, account) = (RedisServer::start(), Account::start(forty_a_second));
        let replicas = [replica(&account, &redis), replica(&account, &redis)];
        // The first to come learns of the other when it comes again.
        ask_each_at_once(&replicas, 1);
        ask_each_at_once(&replicas, 2);
        redis.kill();
        let before = account.calls().len();
        ask_each_at_once(&replicas, 60);
        account.calls().len() - before - 2 * 58
    });
}

#[test]
fn when_one_replica_is_told_to_wait_all_do() {
    let redis = RedisServer::start();
    let account = Account::start(|call, before| {
        let limited = Answer::status(429, "{}").header("X-RateLimit-Reset", "1500");
        let over = before.first().is_some_and(|first| call.at.duration_since(first.at).as_millis() >= 1_500);
        Play::Now(if over { Answer::ok(reference().to_string()) } else { limited })
    });
    let replicas = [replica(&account, &redis), replica(&account, &redis)];
    thread::scope(|scope| {
        scope.spawn(|| answered(&replicas[0], "a"));
        until("the first is told", || account.calls().len() == 1);
        until("so is Redis", || !redis.cli(&["KEYS", "imagraph:*:pause:*"]).is_empty());
        answered(&replicas[1], "b");
    });
    assert_eq!(account.calls().len(), 3, "only one call was refused");
}

#[test]
fn after_a_refusal_no_replica_uses_a_turn_that_another_was_given() {
    at_most(20 + A_HANDFUL / 2, || {
        let redis = RedisServer::start();
        let account = Account::start(|call, _| {
            let refusal = Answer::status(429, "{}").header("X-RateLimit-Reset", "300");
            if call.target.contains("refused") { Play::Held(refusal) } else { Play::Now(twenty_a_second()) }
        });
        let [a, b] = &[replica(&account, &redis), replica(&account, &redis)];
        ask(a, "learns");
        ask(b, "learns too");
        let calls = || account.calls();
        thread::scope(|scope| {
            scope.spawn(|| ask(a, "refused"));
            until("it is asked for", || calls().len() == 3);
            (0..30).for_each(|n| drop(scope.spawn(move || ask(b, &format!("b{n}")))));
            until("others wait for their turns", || calls().len() >= 20);
            account.release();
            until("all replicas are told", || !redis.cli(&["KEYS", "imagraph:*:plan:*"]).is_empty());
            (0..30).for_each(|n| drop(scope.spawn(move || ask(a, &format!("a{n}")))));
        });
        let calls = calls();
        let of_a_second = |first: &Call| {
            calls
                .iter()
                .filter(|call| call.at >= first.at && call.at < first.at + Duration::from_secs(1))
                .count()
        };
        calls.iter().map(of_a_second).max().expect("calls")
    });
}

fn twenty_a_second() -> Answer {
    let answer = Answer::ok(json!({"width": 100}).to_string());
    answer.header("X-RateLimit-Limit", "20").header("X-RateLimit-Interval", "1000")
}

#[test]
fn a_cluster_is_found_out_and_shared() {
    let (nodes, account) = (RedisServer::cluster(), account());
    let replicas = [replica(&account, &nodes[0]), replica(&account, &nodes[2])];
    for n in 0..20 {
        replicas.iter().for_each(|replica| answered(replica, &format!("f{n}")));
    }
    assert_eq!(account.calls().len(), 20);
    let stored = nodes.iter().map(|node| node.cli(&["DBSIZE"]));
    assert!(
        stored.clone().all(|entries| entries != "0"),
        "each node has some: {:?}",
        stored.collect::<Vec<_>>()
    );
}
