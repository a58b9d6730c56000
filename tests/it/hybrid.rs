//! Facts that ImageKit does not state, which the engine finds in the file itself.

use std::fs;
use std::time::{Duration, Instant};

use imagraph::config::{Config, Given, Upstream};
use serde_json::{Value, json};

use crate::account::{Account, Call, Play};
use crate::gateway::{Gateway, pictures};
use crate::redis_server::until;
use crate::stub::Answer;

const QUERY: &str = "{ file(id: \"a\") { source width hasTransparency isOpaque } }";

/// Facts that ImageKit does not state, whatever the picture is.
const EXTRAS: &str = "{ file(id: \"a\") { source width frames checksum dominantColor isOpaque } }";

/// An account whose file is this picture, which ImageKit says has an alpha channel or has not.
fn account(picture: &str, has_alpha: bool) -> Account {
    let bytes = fs::read(pictures().join(picture)).expect("a picture");
    Account::start(move |call, _| Play::Now(answer(call, &bytes, has_alpha)))
}

fn answer(call: &Call, picture: &[u8], has_alpha: bool) -> Answer {
    match call.target.as_str() {
        "/v1/files/a/metadata" => Answer::ok(json!({"width": 7, "hasTransparency": has_alpha}).to_string()),
        "/v1/files/a/details" => {
            let host = call.header("host").expect("a host");
            Answer::ok(json!({"url": format!("http://{host}/shop/a.png?updatedAt=1")}).to_string())
        }
        "/shop/a.png?updatedAt=1&tr=orig-true" => Answer::ok(picture),
        _ => Answer::status(404, "{}"),
    }
}

fn config(account: &Account) -> Config {
    let allow_hosts = vec![account.address.to_string()];
    let given = Given { imagekit_url: Some(account.url("")), allow_hosts, ..Given::default() };
    let mut config = Config::load(given).expect("settings");
    config.upstream = Upstream::ImageKit;
    config.imagekit.private_key = "private".into();
    config
}

fn ask(config: Config) -> Value {
    Gateway::with(config).answer(QUERY, json!({}))
}

fn file(has_alpha: bool, is_opaque: Value) -> Value {
    json!({"source": "IMAGEKIT", "width": 7, "hasTransparency": has_alpha, "isOpaque": is_opaque})
}

#[test]
fn pixels_are_looked_at_in_the_original_file() {
    let clear = account("png/rgba.png", true);
    assert_eq!(ask(config(&clear)), json!({"data": {"file": file(true, json!(false))}}));
    let targets: Vec<_> = clear.calls().into_iter().map(|call| call.target).collect();
    let expected = ["/v1/files/a/metadata", "/v1/files/a/details", "/shop/a.png?updatedAt=1&tr=orig-true"];
    assert_eq!(targets, expected, "one call each");
    let opaque = account("png/rgb.png", true);
    assert_eq!(ask(config(&opaque)), json!({"data": {"file": file(true, json!(true))}}));
    assert!(
        opaque.calls().iter().skip(2).all(|call| call.header("authorization").is_none()),
        "no key leaves the API"
    );
}

#[test]
fn what_has_no_alpha_channel_is_not_fetched() {
    let account = account("png/rgb.png", false);
    assert_eq!(ask(config(&account)), json!({"data": {"file": file(false, json!(true))}}));
    assert_eq!(account.calls().len(), 1);
}

#[test]
fn the_answer_is_kept_and_serves_who_asks_for_less() {
    let account = account("png/rgba.png", true);
    let gateway = Gateway::with(config(&account));
    for query in [QUERY, QUERY, "{ file(id: \"a\") { width } }", "{ file(id: \"a\") { raw isOpaque } }"] {
        gateway.data(query);
    }
    assert_eq!(account.calls().len(), 3);
}

#[test]
fn a_url_of_the_accounts_own_endpoint_is_asked_for_its_original_and_others_as_they_are() {
    let picture = fs::read(pictures().join("png/rgba.png")).expect("a picture");
    let account = Account::start(move |call, _| {
        let metadata = || Answer::ok(json!({"hasTransparency": true}).to_string());
        Play::Now(if call.target.starts_with("/v1/") { metadata() } else { Answer::ok(picture.clone()) })
    });
    let mut config = config(&account);
    config.imagekit.url_endpoint = Some(account.url("/shop").parse().expect("a URL"));
    let gateway = Gateway::with(config);
    for path in ["/shop/a.png", "/shop/tr:w-9/a.png", "/shopping/a.png"] {
        gateway.data(&format!("{{ remote(url: \"{}\") {{ isOpaque }} }}", account.url(path)));
    }
    let targets = account.calls().into_iter().map(|call| call.target);
    let fetched: Vec<_> = targets.filter(|target| !target.starts_with("/v1/")).collect();
    assert_eq!(fetched, ["/shop/a.png?tr=orig-true", "/shop/tr:w-9/a.png", "/shopping/a.png"]);
}

#[test]
fn what_completes_an_answer_makes_it_no_younger() {
    let account = account("png/rgba.png", true);
    let mut config = config(&account);
    config.cache.ttl = Duration::from_secs(2);
    let gateway = Gateway::with(config);
    let start = Instant::now();
    gateway.data("{ file(id: \"a\") { width } }");
    until("it has aged", || start.elapsed() > Duration::from_millis(1_200));
    gateway.data(QUERY);
    until("its time is over", || start.elapsed() > Duration::from_millis(2_100));
    gateway.data("{ file(id: \"a\") { width } }");
    let metadata = account.calls().into_iter().filter(|call| call.target.ends_with("/metadata"));
    assert_eq!(metadata.count(), 2);
}

#[test]
fn a_file_that_nobody_is_to_keep_is_looked_at_each_time() {
    let picture = fs::read(pictures().join("png/rgba.png")).expect("a picture");
    let account = Account::start(move |call, _| {
        Play::Now(answer(call, &picture, true).header("cache-control", "no-store"))
    });
    let gateway = Gateway::with(config(&account));
    (0..2).for_each(|_| drop(gateway.data(QUERY)));
    let files = account.calls().into_iter().filter(|call| call.target.starts_with("/shop"));
    assert_eq!(files.count(), 2);
}

#[test]
fn a_file_that_cannot_be_had_costs_that_fact_alone() {
    let account = Account::start(|call, _| match call.target.as_str() {
        "/v1/files/a/details" => Play::Now(Answer::status(404, "{}")),
        _ => Play::Now(answer(call, b"", true)),
    });
    let answer = ask(config(&account));
    assert_eq!(answer["data"]["file"], file(true, Value::Null));
    assert_eq!(answer["errors"][0]["path"], json!(["file", "isOpaque"]));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
}

#[test]
fn a_file_that_never_comes_costs_that_fact_alone() {
    let account = Account::start(|call, _| match call.target.as_str() {
        "/v1/files/a/details" => Play::Never,
        _ => Play::Now(answer(call, b"", true)),
    });
    let mut config = config(&account);
    config.limits.deadline = Duration::from_secs(1);
    let answer = ask(config);
    assert_eq!(answer["data"]["file"], file(true, Value::Null));
    assert_eq!(answer["errors"][0]["path"], json!(["file", "isOpaque"]));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TIMEOUT");
}

#[test]
fn an_address_that_is_not_public_is_not_fetched_for_imagekit_either() {
    let account = account("png/rgba.png", true);
    let mut config = config(&account);
    config.remote.allow_hosts.clear();
    let answer = ask(config);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "URL_NOT_ALLOWED");
    assert_eq!(account.calls().len(), 2);
}

#[test]
fn colours_frames_and_checksums_are_found_in_the_original_file() {
    let account = account("png/rgb.png", false);
    let gateway = Gateway::with(config(&account));
    let (answer, cost) = gateway.answer_and_cost(EXTRAS, json!({}));
    let file = &answer["data"]["file"];
    assert_eq!((&file["source"], &file["width"]), (&json!("IMAGEKIT"), &json!(7)), "{answer}");
    assert_eq!((&file["frames"], &file["isOpaque"]), (&json!(1), &json!(true)));
    assert!(
        file["checksum"].as_str().is_some_and(|sum| sum.len() == 64) && file["dominantColor"].is_string()
    );
    assert_eq!((&cost["decoded"], account.calls().len()), (&json!(1), 3));
    gateway.data("{ file(id: \"a\") { raw palette(colors: 2) { color } lqip isOpaque frames } }");
    assert_eq!(account.calls().len(), 3, "all of it is kept");
}

#[test]
fn what_is_asked_later_is_added_to_what_was_found() {
    let account = account("png/rgba.png", true);
    let gateway = Gateway::with(config(&account));
    for (fields, calls, decoded) in [
        ("frames", 3, 0),
        ("thumbHash", 5, 1),
        ("frames isOpaque", 5, 0),
        ("checksum", 7, 0),
        ("lqip checksum", 7, 0),
    ] {
        let (answer, cost) =
            gateway.answer_and_cost(&format!("{{ file(id: \"a\") {{ {fields} }} }}"), json!({}));
        assert_eq!(answer["errors"], Value::Null, "{answer}");
        assert_eq!((account.calls().len(), &cost["decoded"]), (calls, &json!(decoded)), "{fields}");
    }
}

#[test]
fn of_a_video_nothing_is_found_out() {
    let account = Account::start(|_, _| {
        Play::Now(Answer::ok("{\"width\": 7, \"duration\": 5.5, \"videoCodec\": \"h264\"}"))
    });
    let nothing = json!({"source": "IMAGEKIT", "width": 7, "frames": null, "checksum": null, "dominantColor": null,
        "isOpaque": null});
    let answer = Gateway::with(config(&account)).answer(EXTRAS, json!({}));
    assert_eq!(answer, json!({"data": {"file": nothing}}));
    assert_eq!(account.calls().len(), 1);
}

#[test]
fn each_fact_that_cannot_be_had_says_so_for_itself() {
    let account = Account::start(|call, _| match call.target.as_str() {
        "/v1/files/a/details" => Play::Now(Answer::status(404, "{}")),
        _ => Play::Now(answer(call, b"", true)),
    });
    let answer = Gateway::with(config(&account)).answer(EXTRAS, json!({}));
    assert_eq!(answer["data"]["file"]["width"], 7);
    let mut fields: Vec<_> =
        answer["errors"].as_array().unwrap().iter().map(|error| error["path"][1].clone()).collect();
    fields.sort_by_key(Value::to_string);
    assert_eq!(fields, ["checksum", "dominantColor", "frames", "isOpaque"]);
}

#[test]
fn it_can_be_switched_off() {
    let account = account("png/rgba.png", true);
    let mut config = config(&account);
    config.hybrid = false;
    let gateway = Gateway::with(config);
    assert_eq!(gateway.answer(QUERY, json!({})), json!({"data": {"file": file(true, Value::Null)}}));
    let extras = gateway.data(EXTRAS)["file"].take();
    assert_eq!(
        (&extras["frames"], &extras["checksum"], &extras["dominantColor"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(account.calls().len(), 1);
}

#[test]
fn the_engine_by_itself_says_the_same() {
    let gateway = Gateway::over_pictures(&[]);
    let data = gateway.data(
        "{ clear: file(id: \"cG5nL3JnYmEucG5n\") { isOpaque } opaque: file(id: \"cG5nL3JnYi5wbmc\") { isOpaque } }",
    );
    assert_eq!(data, json!({"clear": {"isOpaque": false}, "opaque": {"isOpaque": true}}));
}
