//! What is withheld from a caller: in every way of asking, whoever asked before, and without a trace in what is kept.

use std::fs;

use imagraph::config::{Config, Given};
use reqwest::blocking::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::account::{Account, Play};
use crate::callers::gateway;
use crate::gateway::{Gateway, client, pictures};
use crate::redis_server::{RedisServer, until};
use crate::stub::Answer;
use crate::subscriptions::socket::Socket;
use crate::upstream::at_most;

/// URL-safe base64 of `jpeg/exif-camera-le.jpg`.
const CAMERA: &str = "anBlZy9leGlmLWNhbWVyYS1sZS5qcGc";

/// Two who ask over one cache.
const CALLERS: &str = "
[[callers]]
name = \"press\"
key = \"press\"
[[callers]]
name = \"web\"
key = \"web\"
privacy = [\"owner_names\", \"location\", \"serial_numbers\"]
";

/// What the picture says, and the account below of its own, each as it would be printed somewhere.
const SECRETS: [&str; 10] = [
    "54.98",
    "59.38",
    "1.914",
    "GPSLatitude",
    "GPSInfo",
    "WGS-84",
    "SN-0000",
    "000-777",
    "OwnerName",
    "Test Owner",
];

fn secrets(text: &str) -> Vec<&'static str> {
    SECRETS.into_iter().filter(|secret| text.contains(secret)).collect()
}

fn graphql(gateway: &Gateway, key: &str, query: &str) -> RequestBuilder {
    client().post(gateway.url("/graphql")).bearer_auth(key).json(&json!({"query": query}))
}

fn text(request: RequestBuilder) -> String {
    request.send().expect("an answer").text().expect("text")
}

fn json(request: RequestBuilder) -> Value {
    request.send().expect("an answer").json().expect("JSON")
}

/// Whoever may see all of it sees something; the other sees none of it, before and after, from what both have cached.
#[track_caller]
fn withheld(way: &str, ask: impl Fn(&str) -> String) {
    for round in 0..3 {
        let (press, web) = (ask("press"), ask("web"));
        assert_eq!(secrets(&web), [""; 0], "{way}, {round}: {web}");
        assert!(!secrets(&press).is_empty(), "{way}, {round}: {press}");
        assert!(web.contains("\"data\"") || web.contains("\"exif\""), "{way}: {web}");
    }
}

const GPS: &str = "gps { gpsLatitude gpsLatitudeRef gpsAltitude gpsMapDatum gpsVersionId raw }";

#[test]
fn every_field_is_without_what_is_withheld() {
    let gateway = gateway(CALLERS);
    for fields in [
        "location { latitude longitude altitude direction }",
        "raw",
        "exif { raw }",
        &format!("exif {{ {GPS} }}"),
        "exif { exif { raw } image { gpsInfo raw } }",
        "exif { image { raw } makernote gps { raw } }",
        "a: location { latitude } b: raw c: exif { d: gps { e: gpsMapDatum } }",
        "... on Image { exif { ... on Exif { gps { ... on ExifGps { raw } } } } }",
        "similarity(to: { file: \"cG5nL3JnYi5wbmc\" }) { distance } raw",
        &format!(
            "similarity(to: {{ file: \"{CAMERA}\" }}) {{ with {{ location {{ latitude }} exif {{ {GPS} }} raw }} }}"
        ),
    ] {
        let query = format!("{{ file(id: \"{CAMERA}\") {{ {fields} }} }}");
        withheld(fields, |key| text(graphql(&gateway, key, &query)));
        let images =
            format!("{{ images(of: [{{ file: \"{CAMERA}\" }}, {{ file: \"{CAMERA}\" }}]) {{ {fields} }} }}");
        withheld(&images, |key| text(graphql(&gateway, key, &images)));
    }
}

#[test]
fn every_way_of_asking_is_without_what_is_withheld() {
    let gateway = gateway(CALLERS);
    let query = format!(
        "query q {{ file(id: \"{CAMERA}\") {{ ...f }} }} fragment f on Image {{ raw location {{ latitude }} }}"
    );
    withheld("GET", |key| text(client().get(gateway.query_url(&[("query", &query)])).bearer_auth(key)));
    withheld("a list", |key| {
        let body = json!([{"query": query}, {"query": "{ __typename }"}, {"query": query}]);
        text(client().post(gateway.url("/graphql")).bearer_auth(key).json(&body))
    });
    withheld("variables", |key| {
        let document = "query($id: ID!) { file(id: $id) { exif { gps { raw } } } }";
        let body = json!({"query": document, "variables": {"id": CAMERA}});
        text(client().post(gateway.url("/graphql")).bearer_auth(key).json(&body))
    });
    withheld("a directive", |key| {
        text(graphql(&gateway, key, &format!("{{ file(id: \"{CAMERA}\") {{ raw @include(if: true) }} }}")))
    });
    let subscription = format!(
        "subscription {{ images(of: [{{ file: \"{CAMERA}\" }}]) {{ image {{ raw location {{ latitude }} exif {{ {GPS} }} }} }} }}"
    );
    withheld("events", |key| {
        text(graphql(&gateway, key, &subscription).header("accept", "text/event-stream"))
    });
    withheld("a WebSocket", |key| {
        let mut socket = Socket::with(&gateway, &[]);
        socket.say(json!({"type": "connection_init", "payload": {"apiKey": key}}));
        assert_eq!(socket.hear()["type"], "connection_ack");
        socket.subscribe("1", &subscription, json!({}));
        socket.hear().to_string()
    });
    withheld("REST", |key| {
        text(client().get(gateway.url(&format!("/v1/files/{CAMERA}/metadata"))).bearer_auth(key))
    });
}

#[test]
fn an_answer_says_what_is_withheld() {
    let gateway = gateway(CALLERS);
    let ask = |key: &str, fields: &str| {
        let query = format!(
            "{{ file(id: \"{CAMERA}\") {{ {fields} }} none: file(id: \"cG5nL3JnYi5wbmc\") {{ {fields} }} }}"
        );
        json(graphql(&gateway, key, &query))
    };
    let all = json!(["LOCATION", "SERIAL_NUMBERS", "OWNER_NAMES"]);
    for _ in 0..2 {
        let web =
            ask("web", "withheld location { latitude } exif { image { artist copyright } exif { iso } }");
        assert_eq!((&web["data"]["file"]["withheld"], &web["extensions"]["withheld"]), (&all, &all));
        assert_eq!(
            (&web["data"]["none"]["withheld"], &web["data"]["file"]["location"]),
            (&json!([]), &Value::Null)
        );
        let exif =
            json!({"image": {"artist": "Nobody At All", "copyright": "Photographer"}, "exif": {"iso": 100}});
        assert_eq!(web["data"]["file"]["exif"], exif, "credits stay");
        let press = ask("press", "withheld location { latitude }");
        assert_eq!(
            (&press["data"]["file"]["withheld"], press["extensions"].get("withheld")),
            (&json!([]), None)
        );
        assert!(press["data"]["file"]["location"]["latitude"].is_f64());
        let width = ask("web", "width format");
        assert_eq!(width["extensions"].get("withheld"), None, "what is known by chance is not told");
    }
    let rest = |key: &str| -> Response {
        let url = gateway.url(&format!("/v1/files/{CAMERA}/metadata"));
        client().get(url).bearer_auth(key).send().expect("an answer")
    };
    assert_eq!(rest("web").headers()["x-withheld"], "location, serial_numbers, owner_names");
    assert_eq!(rest("press").headers().get("x-withheld"), None);
    let object: Value = rest("web").json().expect("JSON");
    assert_eq!(object["exif"]["gps"], json!({}), "the six groups stay");
}

#[test]
fn a_caller_may_be_kept_from_one_thing_and_see_the_others() {
    let settings = "[[callers]]\nname = \"web\"\nkey = \"web\"\nprivacy = [\"serial_numbers\"]";
    let gateway = gateway(settings);
    let told = text(graphql(&gateway, "web", &format!("{{ file(id: \"{CAMERA}\") {{ raw }} }}")));
    assert_eq!(secrets(&told), ["59.38", "GPSLatitude", "GPSInfo", "WGS-84", "OwnerName", "Test Owner"]);
    assert!(told.contains("\"withheld\":[\"SERIAL_NUMBERS\"]"), "{told}");
}

/// Who asks from this machine runs it; strangers see where pictures were taken only where that is said.
#[test]
fn strangers_are_not_shown_what_is_private_unless_the_settings_say_so() {
    let shown = |public: &str, settings: &str| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), settings).expect("settings");
        let given = Given {
            config: Some(file.path().to_owned()),
            library: Some(pictures()),
            public: Some(public.to_owned()),
            ..Given::default()
        };
        let gateway = Gateway::start(given);
        let told = gateway.get_graphql(&[("query", &format!("{{ file(id: \"{CAMERA}\") {{ raw }} }}"))]);
        secrets(&told.text().expect("text")).len()
    };
    assert_eq!(shown("false", ""), 8);
    assert_eq!(shown("true", ""), 0);
    assert_eq!(shown("true", "[anonymous]\nprivacy = []"), 8);
    assert_eq!(
        shown("false", "[anonymous]\nprivacy = [\"location\", \"serial_numbers\", \"owner_names\"]"),
        0
    );
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let refused = |settings: &str| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), settings).expect("settings");
        Config::load(Given { config: Some(file.path().to_owned()), ..Given::default() })
            .expect_err("refused")
            .to_string()
    };
    let wrong = "\"gps\" is not `location`, `serial_numbers` or `owner_names`";
    assert_eq!(refused("[anonymous]\nprivacy = [\"gps\"]"), format!("anonymous.privacy: {wrong}"));
    let caller = "[[callers]]\nname = \"a\"\nkey = \"a\"\n";
    assert_eq!(refused(&format!("{caller}privacy = [\"gps\"]")), format!("callers.privacy: {wrong}"));
    assert!(refused(&format!("{caller}[anonymous]\nprivacy = []")).starts_with("anonymous: "));
}

/// ImageKit as it might answer: with a maker's note, and with what is embedded in the file among its details.
fn imagekit() -> Account {
    Account::start(|call, _| {
        let details = json!({
            "fileId": "a", "name": "a.jpg", "customMetadata": {"City": "Oslo"},
            "embeddedMetadata": {"GPSLatitude": 54.98, "City": "Hexham", "BodySerialNumber": "SN-000042", "Title": "Boat"},
        });
        Play::Now(Answer::ok(match call.target.as_str() {
            "/v1/files/a/details" => details.to_string(),
            list if list.starts_with("/v1/files?") || list == "/v1/files" => json!([details]).to_string(),
            _ => {
                let note = json!({"InternalSerialNumber": "SN-000042", "OwnerName": "Test Owner", "Kept": 1});
                let gps = json!({"GPSLatitudeRef": "N", "GPSLatitude": [54, 59.38, 0], "GPSLongitudeRef": "W",
                    "GPSLongitude": [1, 54.85, 0], "GPSMapDatum": "WGS-84"});
                let exif = json!({"image": {"GPSInfo": 7}, "exif": {}, "gps": gps, "makernote": note});
                json!({"width": 7, "pHash": "f06830ca9f1e3e90", "exif": exif}).to_string()
            }
        }))
    })
}

fn in_front_of(imagekit: &Account, redis: Option<&RedisServer>) -> Gateway {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("imagraph.toml");
    let private = "upstream = \"imagekit\"\n[imagekit]\nprivate_key = \"private\"";
    fs::write(&config, format!("{private}{CALLERS}")).expect("settings");
    let redis = redis.map(|redis| redis.url().into());
    let given =
        Given { config: Some(config), imagekit_url: Some(imagekit.url("")), redis, ..Given::default() };
    Gateway::with(Config::load(given).expect("settings"))
}

#[test]
fn imagekits_own_words_are_without_it_too() {
    let imagekit = imagekit();
    let gateway = in_front_of(&imagekit, None);
    for fields in
        ["raw", "exif { raw }", "exif { makernote }", "location { latitude }", &format!("exif {{ {GPS} }}")]
    {
        let query = format!("{{ file(id: \"a\") {{ {fields} }} }}");
        withheld(fields, |key| text(graphql(&gateway, key, &query)));
    }
    assert_eq!(imagekit.calls().len(), 1, "both are told from one answer");
    let get = |path: &str, key: &str| client().get(gateway.url(path)).bearer_auth(key);
    withheld("REST", |key| text(get("/v1/files/a/metadata", key)));
    withheld("REST by URL", |key| text(get("/v1/metadata?url=https%3A%2F%2Fa.b%2Fc.jpg", key)));
    let press: Value = json(get("/v1/files/a/metadata", "press"));
    assert_eq!(press["exif"]["makernote"]["OwnerName"], "Test Owner", "word for word");
    for path in ["/v1/files/a/details", "/v1/files"] {
        let (press, web) = (text(get(path, "press")), get(path, "web").send().expect("an answer"));
        assert!(press.contains("Hexham") && press.contains("SN-000042"), "{press}");
        assert_eq!(web.headers()["x-withheld"], "location, serial_numbers", "{path}");
        let web = web.text().expect("text");
        assert!(!web.contains("Hexham") && secrets(&web).is_empty(), "{web}");
        assert!(web.contains("Oslo") && web.contains("Boat"), "{web}");
    }
}

/// Redis is not waited for, so on a busy machine each may have to ask for itself.
#[test]
fn replicas_share_what_is_whole() {
    at_most(1, || {
        let (imagekit, redis) = (imagekit(), RedisServer::start());
        let replica = || in_front_of(&imagekit, Some(&redis));
        let (one, two) = (replica(), replica());
        until("both are connected", || redis.cli(&["CLIENT", "LIST"]).lines().count() > 2);
        let query = "{ file(id: \"a\") { raw } }";
        assert_eq!(secrets(&text(graphql(&one, "web", query))), [""; 0]);
        let press = text(graphql(&two, "press", query));
        assert!(press.contains("WGS-84") && press.contains("Test Owner"), "{press}");
        assert_eq!(secrets(&text(graphql(&two, "web", query))), [""; 0]);
        imagekit.calls().len()
    });
}
