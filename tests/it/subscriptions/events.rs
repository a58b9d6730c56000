use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use imagraph::config::{Config, Given};
use reqwest::blocking::{RequestBuilder, Response};
use serde_json::{Value, json};
use url::Url;

use super::{IMAGES, account, files, order};
use crate::accounts::{gateway as of_two_accounts, imagekit};
use crate::gateway::{Gateway, client};
use crate::graphql::with_description;
use crate::redis_server::until;
use crate::upstream::{config, gateway};

const EVENTS: &str = "text/event-stream";

fn post(gateway: &Gateway, query: &str, variables: Value) -> RequestBuilder {
    let body = json!({"query": query, "variables": variables});
    client()
        .post(gateway.url("/graphql"))
        .header("accept", EVENTS)
        .header("accept-encoding", "gzip")
        .json(&body)
}

/// Reads an event stream as browsers do.
struct Events(BufReader<Response>);

impl Events {
    fn of(request: RequestBuilder) -> Self {
        let response = request.send().unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        assert_eq!(response.headers().get("content-encoding"), None);
        Self(BufReader::new(response))
    }

    /// The data of the next event; none for the one that ends the stream.
    fn next(&mut self) -> Option<Value> {
        let mut event = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the stream broke off");
            match line.trim_end().split_once(':') {
                Some(("event", name)) => event = name.trim().to_owned(),
                Some(("data", data)) if event == "next" => return Some(serde_json::from_str(data).unwrap()),
                Some(("data", "")) if event == "complete" => return None,
                Some(("", _)) | None => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn rest(mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

#[test]
fn each_image_is_an_event_as_soon_as_it_is_known() {
    let account = account();
    let gateway = gateway(&account);
    let mut events = Events::of(post(&gateway, IMAGES, files(&["slow", "b", "missing"])));
    let mut first = [events.next().unwrap(), events.next().unwrap()];
    first.sort_by_key(|event| event["data"]["images"]["index"].as_u64());
    assert_eq!(order(&first), ["b", "NOT_FOUND"]);
    account.release();
    let last = events.rest();
    assert_eq!(order(&last), ["slow"]);
    assert_eq!(last[0]["extensions"]["cost"]["upstreamCalls"], 3);
}

#[test]
fn a_get_is_answered_as_well() {
    let gateway = Gateway::over_pictures(&[]);
    let variables = json!({"of": [{"file": "cG5nL3JnYi5wbmc"}]}).to_string();
    let asked = [("query", IMAGES), ("variables", &variables)];
    let url = Url::parse_with_params(&gateway.url("/graphql"), asked).unwrap();
    let events = Events::of(client().get(url).header("accept", EVENTS)).rest();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["data"]["images"]["image"]["width"], 72);
    let mutation = client().get(gateway.url("/graphql?query=mutation%7Ba%7D")).header("accept", EVENTS);
    let refused = Events::of(mutation).rest();
    assert_eq!(refused[0]["errors"][0]["message"], "bad request: a mutation has to be sent by POST");
}

#[test]
fn a_query_is_one_event() {
    let gateway = Gateway::over_pictures(&[]);
    let events = Events::of(post(&gateway, "{ __typename }", json!({}))).rest();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["data"], json!({"__typename": "Query"}));
}

#[test]
fn what_cannot_be_run_is_an_event_and_what_cannot_be_read_is_not() {
    let gateway = Gateway::over_pictures(&[]);
    let urls: Vec<_> = (0..65).map(|n| json!({"url": format!("http://a/{n}")})).collect();
    let nested = format!("{{ file(id: {}", "[".repeat(2_000));
    for (query, variables, code) in [
        ("{ nothing }", json!({}), "BAD_REQUEST"),
        ("{", json!({}), "BAD_REQUEST"),
        (IMAGES, json!({"of": urls}), "QUERY_TOO_COSTLY"),
        (&nested, json!({}), "QUERY_TOO_COSTLY"),
    ] {
        let events = Events::of(post(&gateway, query, variables)).rest();
        assert_eq!(events.len(), 1, "{query}");
        assert_eq!(events[0]["errors"][0]["extensions"]["code"], code, "{query}");
        assert_eq!(events[0]["data"], Value::Null);
    }
    let post = |kind: &str, body: String| {
        let request = client().post(gateway.url("/graphql")).header("accept", EVENTS);
        let refused = request.header("content-type", kind).body(body).send().unwrap();
        assert_eq!(refused.headers()["content-type"].to_str().unwrap(), "application/json; charset=utf-8");
        refused.status().as_u16()
    };
    assert_eq!(post("application/json", json!([{"query": "{ __typename }"}, {}]).to_string()), 400);
    assert_eq!(post("text/plain", json!({"query": "{ __typename }"}).to_string()), 415);
    assert_eq!(post("application/json", "{".to_owned()), 400);
    assert_eq!(post("application/json", " ".repeat(300 << 10)), 413);
    let twice = client().get(gateway.url("/graphql?query=a&query=b")).header("accept", EVENTS);
    assert_eq!(twice.send().unwrap().status(), 400);
    let without = Events::of(client().get(gateway.url("/graphql")).header("accept", EVENTS)).rest();
    assert_eq!(without[0]["errors"][0]["message"], "bad request: there is no query");
}

#[test]
fn a_subscription_that_is_asked_for_in_one_piece_is_told_where_it_is_answered() {
    let gateway = Gateway::over_pictures(&[]);
    let query = IMAGES.replace("subscription", "query Q { __typename } subscription S");
    let ask = |name: &str| {
        let variables = json!({"of": [{"file": "cG5nL3JnYi5wbmc"}]});
        let body = json!({"query": query, "variables": variables, "operationName": name});
        gateway.post("application/json", body.to_string()).json::<Value>().unwrap()
    };
    let told = ask("S");
    let message = told["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("graphql-transport-ws") && message.contains(EVENTS), "{message}");
    assert_eq!(told["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    assert_eq!(ask("Q")["data"]["__typename"], "Query");
}

#[test]
fn who_takes_json_as_well_gets_that() {
    let gateway = Gateway::over_pictures(&[]);
    let all = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed";
    let body = json!({"query": "{ __typename }"});
    let answer = client().post(gateway.url("/graphql")).header("accept", all).json(&body).send().unwrap();
    assert_eq!(answer.json::<Value>().unwrap()["data"], json!({"__typename": "Query"}));
}

#[test]
fn strangers_and_pages_of_other_sites_are_refused() {
    let imagekit = imagekit();
    let gateway = of_two_accounts(&imagekit, None);
    let query = "{ file(id: \"a\") { width } }";
    let refused = post(&gateway, query, json!({})).send().unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["www-authenticate"]),
        (401, &"Bearer".parse().unwrap())
    );
    let url = Url::parse_with_params(&gateway.url("/graphql"), [("query", query)]).unwrap();
    let known = || client().get(url.clone()).header("accept", EVENTS).bearer_auth("shop_web");
    assert_eq!(known().header("sec-fetch-site", "cross-site").send().unwrap().status(), 403);
    assert_eq!(imagekit.calls().len(), 0);
    assert_eq!(
        Events::of(known().header("sec-fetch-site", "same-origin")).rest()[0]["data"]["file"]["width"],
        1
    );
}

#[test]
fn a_client_that_goes_away_leaves_its_place() {
    let account = account();
    let mut config = config(&account);
    config.subscriptions.max_connections = 1;
    // The answer itself would end it.
    config.limits.deadline = Duration::from_secs(600);
    let gateway = Gateway::with(config);
    let mut events = Events::of(post(&gateway, IMAGES, files(&["never", "b"])));
    assert_eq!(order(&[events.next().unwrap()]), ["b"]);
    assert_eq!(status(&gateway), 503);
    drop(events);
    wait_for_room(&gateway);
}

/// Of a request that needs a place.
fn status(gateway: &Gateway) -> u16 {
    post(gateway, "{ __typename }", json!({})).send().unwrap().status().as_u16()
}

fn wait_for_room(gateway: &Gateway) {
    let start = Instant::now();
    while status(gateway) != 200 {
        assert!(start.elapsed() < Duration::from_secs(60), "it keeps its place");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_client_that_does_not_read_leaves_its_place() {
    let library = tempfile::tempdir().unwrap();
    fs::write(library.path().join("a.jpg"), with_description(40_000)).unwrap();
    let library = Some(library.path().to_owned());
    let mut config = Config::load(Given { library, ..Given::default() }).unwrap();
    config.subscriptions.max_connections = 1;
    let gateway = Gateway::with(config);
    let exif: String = (0..190).map(|n| format!("e{n}: exif {{ raw }} ")).collect();
    let body = json!({"query": format!("{{ file(id: \"YS5qcGc\") {{ {exif} }} }}")}).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: {EVENTS}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut deaf = TcpStream::connect(gateway.address).unwrap();
    deaf.write_all((head + &body).as_bytes()).unwrap();
    until("its place is taken", || status(&gateway) == 503);
    wait_for_room(&gateway);
}

#[test]
fn a_stream_is_finished_after_the_order_to_stop() {
    let account = account();
    let gateway = gateway(&account);
    let mut events = Events::of(post(&gateway, IMAGES, files(&["slow", "b"])));
    assert_eq!(order(&[events.next().unwrap()]), ["b"]);
    let address = gateway.address;
    thread::scope(|scope| {
        let stopped = scope.spawn(|| drop(gateway));
        until("it stops", || TcpStream::connect(address).is_err());
        account.release();
        assert_eq!(order(&events.rest()), ["slow"]);
        stopped.join().unwrap();
    });
}
