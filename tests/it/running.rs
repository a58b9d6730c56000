//! Requests that run: all together they take no more memory than there is room for, and the others wait.

use std::thread;
use std::time::Duration;

use imagraph::config::{Config, Given};
use serde_json::{Value, json};

use crate::gateway::{Gateway, pictures};
use crate::redis_server::until;
use crate::stub::broken;
use crate::subscriptions::socket::Socket;

const DEADLINE: Duration = Duration::from_secs(2);

/// A gateway with room for one large request, and the start of a query for an image that is never answered.
fn gateway() -> (Gateway, String) {
    let hanging = broken(Vec::new(), false);
    let given =
        Given { library: Some(pictures()), allow_hosts: vec![hanging.to_string()], ..Given::default() };
    let mut config = Config::load(given).expect("settings");
    config.limits.deadline = DEADLINE;
    config.limits.max_running_bytes = 4 << 20;
    (Gateway::with(config), format!("slow: remote(url: \"http://{hanging}/a.png\") {{ width }}"))
}

fn count(gateway: &Gateway, metric: &str, pool: &str) -> u64 {
    let metrics = gateway.get("/metrics").text().expect("metrics");
    let start = format!("imagraph_permits_{metric}{{pool=\"{pool}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&start));
    line.expect("the pool").parse().expect("a number")
}

/// The second of two such requests waits, and nobody else does.
fn one_after_the_other(pool: &str, query: impl Fn(&str) -> String, variables: &Value) {
    let (gateway, slow) = gateway();
    let query = query(&slow);
    let ask = || gateway.answer(&query, variables.clone());
    thread::scope(|scope| {
        let first = scope.spawn(ask);
        until("the first one runs", || count(&gateway, "taken", pool) > 2_048);
        let second = scope.spawn(ask);
        until("the second one waits", || count(&gateway, "waiting", pool) > 0);
        let facts = gateway.data("{ file(id: \"cG5nL3JnYi5wbmc\") { width } }");
        assert_eq!(facts["file"]["width"], 72, "a short one does not");
        for asked in [first, second] {
            let answer = asked.join().expect("an answer");
            assert_eq!(answer["errors"][0]["extensions"]["code"], "TIMEOUT", "{answer}");
            assert_eq!(answer["data"]["known"][0]["width"], 72);
        }
    });
    until("all is given back", || count(&gateway, "taken", pool) == 0);
}

#[test]
fn who_asks_for_many_fields_waits_until_there_is_room_for_them() {
    let aliases: String = (0..20).map(|n| format!("a{n}: width ")).collect();
    let query = |slow: &str| {
        format!("query($of: [ImageInput!]!) {{ {slow} known: images(of: $of) {{ width {aliases} }} }}")
    };
    let of = vec![json!({"file": "cG5nL3JnYi5wbmc"}); 100];
    one_after_the_other("field_kibibytes", query, &json!({"of": of}));
}

/// Two operations of one WebSocket, of which there is room for one: the first goes on while the second one waits.
#[test]
fn who_waits_does_not_hold_up_what_the_same_client_asked_before() {
    let (gateway, _) = gateway();
    let mut socket = Socket::ready(&gateway);
    let aliases: String = (0..20).map(|n| format!("a{n}: width ")).collect();
    let query = format!("query($of: [ImageInput!]!) {{ images(of: $of) {{ {aliases} }} }}");
    let padding = " ".repeat(50_000);
    let of = json!({"of": vec![json!({"file": "cG5nL3JnYi5wbmc"}); 100]});
    for query in [&query, &format!("{query}{padding}")] {
        socket.subscribe("a", query, of.clone());
        socket.subscribe("b", query, of.clone());
        for _ in 0..2 {
            let (answer, end) = (socket.hear(), socket.hear());
            assert_eq!(answer["payload"]["data"]["images"][99]["a19"], 72, "{}", answer["payload"]["errors"]);
            assert_eq!((&end["type"], &end["id"]), (&json!("complete"), &answer["id"]));
        }
    }
}

#[test]
fn who_sends_a_long_body_waits_until_there_is_room_for_it() {
    let query = |slow: &str| {
        let padding = " ".repeat(50_000);
        format!("{{ {slow} {padding} known: images(of: {{file: \"cG5nL3JnYi5wbmc\"}}) {{ width }} }}")
    };
    one_after_the_other("body_kibibytes", query, &json!({}));
}
