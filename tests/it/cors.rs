//! Which pages may ask: none of other sites, but those of the origins that the settings name.

use imagraph::config::{Config, Given};
use reqwest::Method;
use reqwest::blocking::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::gateway::{Gateway, client, pictures};
use crate::stub::Stub;

const SHOP: &str = "https://shop.example";

fn gateway(origins: &[&str]) -> Gateway {
    let cors_origins = origins.iter().map(ToString::to_string).collect();
    Gateway::start(Given { library: Some(pictures()), cors_origins, ..Given::default() })
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().expect("text"))
}

/// What a browser asks before a page of another site may send this.
fn preflight(gateway: &Gateway, origin: &str, method: &str, headers: &str) -> Response {
    let request = client().request(Method::OPTIONS, gateway.url("/graphql")).header("origin", origin);
    let request = request.header("access-control-request-method", method);
    request.header("access-control-request-headers", headers).send().unwrap()
}

fn post(gateway: &Gateway, origin: &str) -> Response {
    let request = client().post(gateway.url("/graphql")).header("origin", origin);
    request.json(&json!({"query": "{ __typename }"})).send().unwrap()
}

#[test]
fn no_page_of_another_site_may_ask_unless_the_settings_say_so() {
    let closed = gateway(&[]);
    let refused = preflight(&closed, SHOP, "POST", "content-type");
    assert!(refused.status().is_client_error() && header(&refused, "access-control-allow-origin").is_none());
    assert!(header(&refused, "access-control-allow-headers").is_none());
    let refused = post(&closed, SHOP);
    assert_eq!((refused.status().as_u16(), header(&refused, "access-control-allow-origin")), (403, None));
}

#[test]
fn pages_of_the_origins_that_are_named_may_ask() {
    let gateway = gateway(&[SHOP, "http://localhost:3000"]);
    for origin in [SHOP, "http://localhost:3000"] {
        let allowed = preflight(&gateway, origin, "POST", "authorization, x-api-key, content-type");
        assert_eq!(allowed.status(), 200);
        assert_eq!(header(&allowed, "access-control-allow-origin"), Some(origin));
        assert_eq!(header(&allowed, "access-control-allow-credentials"), None);
        let answer = post(&gateway, origin);
        assert_eq!(header(&answer, "access-control-allow-origin"), Some(origin));
        let read = header(&answer, "access-control-expose-headers").unwrap_or_default().to_ascii_lowercase();
        assert!(["etag", "retry-after", "x-withheld"].iter().all(|name| read.contains(name)), "{read}");
        assert!(header(&answer, "vary").unwrap().contains("Origin"));
    }
    for (origin, method, headers) in [
        ("https://other.example", "POST", "content-type"),
        ("https://shop.example.evil.example", "POST", "content-type"),
        ("http://shop.example", "POST", "content-type"),
        ("null", "POST", "content-type"),
        (SHOP, "DELETE", "content-type"),
        (SHOP, "POST", "x-other"),
    ] {
        let refused = preflight(&gateway, origin, method, headers);
        assert!(refused.status().is_client_error(), "{origin} {method} {headers}");
    }
    assert_eq!(header(&post(&gateway, "https://other.example"), "access-control-allow-origin"), None);
}

#[test]
fn any_page_may_ask_where_all_are_allowed_and_never_with_credentials() {
    let answer = post(&gateway(&["*"]), "https://other.example");
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"));
    assert_eq!(header(&answer, "access-control-allow-credentials"), None);
}

#[test]
fn a_link_or_picture_of_another_site_runs_nothing() {
    let stub = Stub::start();
    let given = Given {
        allow_hosts: vec![stub.address.to_string()],
        cors_origins: vec![SHOP.to_owned()],
        ..Given::default()
    };
    let gateway = Gateway::start(given);
    let url =
        gateway.query_url(&[("query", &format!("{{ remote(url: {}) {{ width }} }}", json!(stub.url("/a"))))]);
    let rest = gateway.url(&format!("/v1/metadata?url={}", stub.url("/b")));
    let send = |url: &str, site: &str, origin: Option<&str>| {
        let request = client().get(url).header("sec-fetch-site", site);
        let request = origin.into_iter().fold(request, |request, origin| request.header("origin", origin));
        request.send().unwrap().status().as_u16()
    };
    for (site, origin) in
        [("cross-site", None), ("same-site", None), ("cross-site", Some("https://other.example"))]
    {
        assert_eq!(send(&url, site, origin), 403, "{site} {origin:?}");
        assert_eq!(send(&rest, site, origin), 403, "{site} {origin:?}");
    }
    assert_eq!(stub.asked().len(), 0);
    for (site, origin) in [("cross-site", Some(SHOP)), ("same-origin", None), ("none", None)] {
        assert_eq!(send(&url, site, origin), 200, "{site} {origin:?}");
        // It is asked for, and is not there.
        assert_eq!(send(&rest, site, origin), 404, "{site} {origin:?}");
    }
    assert!(stub.asked().len() >= 2);
}

/// Browsers that do not say which site a page is of name its origin all the same, but for links and pictures.
#[test]
fn an_origin_alone_is_enough_to_be_refused_wherever_something_is_told() {
    let stub = Stub::start();
    let given = Given {
        library: Some(pictures()),
        allow_hosts: vec![stub.address.to_string()],
        cors_origins: vec![SHOP.to_owned()],
        ..Given::default()
    };
    let gateway = Gateway::start(given);
    let remote = format!("{{ remote(url: {}) {{ width }} }}", json!(stub.url("/a")));
    let asked = [
        client().get(gateway.query_url(&[("query", &remote)])),
        client().post(gateway.url("/graphql")).json(&json!({"query": remote})),
        client().get(gateway.url(&format!("/v1/metadata?url={}", stub.url("/b")))),
        client().get(gateway.url("/v1/files")),
        client().get(gateway.url("/schema.graphql")),
        client().get(gateway.url("/metrics")),
    ];
    let statuses = |origin: &str| {
        let ask = |request: &RequestBuilder| request.try_clone().unwrap().header("origin", origin).send();
        asked.iter().map(|request| ask(request).unwrap().status().as_u16()).collect::<Vec<_>>()
    };
    let port = gateway.address.port();
    for foreign in
        ["https://other.example", "null", "", "http://127.0.0.1", &format!("http://localhost:{port}")]
    {
        assert_eq!(statuses(foreign), [403; 6], "{foreign}");
    }
    assert_eq!(stub.asked().len(), 0);
    for own in [&gateway.url(""), SHOP] {
        // What is asked for is not there.
        assert_eq!(statuses(own), [200, 200, 404, 200, 200, 200], "{own}");
    }
    for open in ["/", "/health/live"] {
        let linked = client().get(gateway.url(open)).header("sec-fetch-site", "cross-site").send().unwrap();
        assert_eq!(linked.status(), 200, "{open}");
    }
    let refused = post(&gateway, "https://other.example").json::<Value>().unwrap();
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[test]
fn an_origin_is_taken_as_browsers_write_it() {
    for (written, origin) in [
        ("HTTPS://Shop.example/", SHOP),
        ("https://shop.example:443", SHOP),
        ("http://shop.example:80/", "http://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("https://b\u{fc}cher.example", "https://xn--bcher-kva.example"),
    ] {
        let answer = post(&gateway(&[written]), origin);
        assert_eq!(header(&answer, "access-control-allow-origin"), Some(origin), "{written}");
    }
}

#[test]
fn what_is_no_origin_is_a_wrong_setting() {
    for wrong in
        ["shop.example", "https://shop.example/a", "https://shop.example?", "https://a@shop.example", "null"]
    {
        let given = Given { cors_origins: vec![wrong.to_owned()], ..Given::default() };
        let error = Config::load(given).expect_err(wrong).to_string();
        assert!(error.contains("cors_origins") && error.contains(wrong), "{error}");
    }
}
