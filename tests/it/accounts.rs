//! Several accounts behind one gateway, told apart by their callers' keys.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imagraph::config::{Config, Given};
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::account::{Account, Play};
use crate::cli::imagraph;
use crate::gateway::{Gateway, client};
use crate::redis_server::RedisServer;
use crate::stub::Answer;

const SETTINGS: &str = "
upstream = \"imagekit\"
[[accounts]]
name = \"shop\"
private_key = \"private_shop\"
caller_keys = [\"shop_web\", \"shop_jobs\"]
[[accounts]]
name = \"press\"
private_key = \"private_press\"
caller_keys = [\"press_web\"]
[[callers]]
name = \"cms\"
key = \"press_cms\"
account = \"press\"
";

/// ImageKit, where each account has another picture under the same id.
pub fn imagekit() -> Account {
    Account::start(|call, _| {
        let width = match call.header("authorization") {
            Some(shop) if shop == basic("private_shop:") => 1,
            Some(press) if press == basic("private_press:") => 2,
            _ => return Play::Now(Answer::status(403, "{}")),
        };
        Play::Now(Answer::ok(json!({"width": width}).to_string()))
    })
}

fn basic(user_and_password: &str) -> String {
    format!("Basic {}", STANDARD.encode(user_and_password))
}

pub fn gateway(imagekit: &Account, redis: Option<&RedisServer>) -> Gateway {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("imagraph.toml");
    fs::write(&config, SETTINGS).unwrap();
    let redis = redis.map(|redis| redis.url().into());
    let given =
        Given { config: Some(config), imagekit_url: Some(imagekit.url("")), redis, ..Given::default() };
    Gateway::with(Config::load(given).expect("settings"))
}

fn ask(gateway: &Gateway, authorization: &str) -> Response {
    let query = json!({"query": "{ file(id: \"a\") { width } }"});
    let request = client().post(gateway.url("/graphql")).header("authorization", authorization).json(&query);
    request.send().unwrap()
}

fn width(gateway: &Gateway, key: &str) -> Value {
    ask(gateway, &format!("Bearer {key}")).json::<Value>().unwrap()["data"]["file"]["width"].take()
}

#[test]
fn a_callers_key_selects_the_account_and_its_cache() {
    let (imagekit, redis) = (imagekit(), RedisServer::start());
    for redis in [None, Some(&redis)] {
        let before = imagekit.calls().len();
        let gateway = gateway(&imagekit, redis);
        for (key, expected) in [("shop_web", 1), ("press_web", 2), ("shop_jobs", 1), ("press_cms", 2)] {
            assert_eq!(width(&gateway, key), expected, "{key}");
        }
        assert_eq!(imagekit.calls().len(), before + 2, "one call an account");
    }
}

#[test]
fn sdks_send_the_key_as_a_user_name_with_any_password() {
    let imagekit = imagekit();
    let gateway = gateway(&imagekit, None);
    for authorization in [basic("press_web:"), basic("press_web:do_not_set"), "Basic press_web".to_owned()] {
        let request =
            client().get(gateway.url("/v1/files/a/metadata")).header("authorization", authorization);
        assert_eq!(request.send().unwrap().json::<Value>().unwrap()["width"], 2);
    }
}

#[test]
fn what_a_caller_was_told_is_kept_for_that_caller_alone() {
    let imagekit = imagekit();
    let gateway = gateway(&imagekit, None);
    let url = gateway.query_url(&[("query", "{ __typename }")]);
    let answer = client().get(&url).bearer_auth("shop_web").send().unwrap();
    assert_eq!(answer.headers()["cache-control"], "private, max-age=60");
    let stranger = client().get(&url).send().unwrap();
    assert_eq!(
        (stranger.status().as_u16(), &stranger.headers()["cache-control"]),
        (401, &"no-store".parse().unwrap())
    );
}

#[test]
fn strangers_are_refused_before_anything_is_asked() {
    let imagekit = imagekit();
    let gateway = gateway(&imagekit, None);
    for authorization in ["", "Bearer wrong", "Bearer private_shop", "Bearer shop_we", &basic(":shop_web")] {
        let refused = ask(&gateway, authorization);
        assert_eq!(refused.status(), 401, "{authorization}");
        assert_eq!(refused.headers()["www-authenticate"], "Bearer");
        let body: Value = refused.json().unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert_eq!(body["data"], Value::Null);
    }
    for path in ["/v1/files/a/metadata", "/v1/metadata?url=https://a.b/c", "/v1/files", "/v1/files/a/details"]
    {
        let refused = gateway.get(path);
        assert_eq!(refused.status(), 401, "{path}");
        let message = "Your request does not contain private API key.";
        assert_eq!(refused.json::<Value>().unwrap()["message"], message);
        let refused = client().get(gateway.url(path)).bearer_auth("wrong").send().unwrap();
        assert_eq!(refused.status(), 403, "{path}");
        assert!(refused.headers().contains_key("x-ik-requestid"));
    }
    assert_eq!(imagekit.calls().len(), 0);
}

#[test]
fn accounts_that_cannot_be_told_apart_are_a_wrong_setting() {
    let folder = tempfile::tempdir().unwrap();
    let shop =
        "[[accounts]]\nname = \"shop\"\nprivate_key = \"private_canary\"\ncaller_keys = [\"canary\"]\n";
    let press = shop.replace("shop", "press");
    let wrong = [
        (shop.to_owned(), "upstream"),
        (format!("upstream = \"imagekit\"\n{shop}{shop}"), "name"),
        (format!("upstream = \"imagekit\"\n{shop}{press}"), "press"),
        (format!("upstream = \"imagekit\"\n{}", shop.replace("[\"canary\"]", "[]")), "caller_keys"),
        (format!("upstream = \"imagekit\"\n{}", shop.replace("\"canary\"", "\"canary\\n\"")), "caller key"),
        (format!("upstream = \"imagekit\"\n{shop}{}", press.replace("private_canary", "other")), "press"),
        (format!("upstream = \"imagekit\"\n{}", shop.replace("private_canary", "")), "private_key"),
        (format!("upstream = \"imagekit\"\n{}", shop.replace("name", "nam")), "line"),
        (format!("upstream = \"imagekit\"\n{}", shop.replace("[\"canary\"]", "\"canary\"")), "caller_keys"),
    ];
    for (settings, named) in wrong {
        let config = folder.path().join("imagraph.toml");
        fs::write(&config, &settings).unwrap();
        let output = imagraph().arg("serve").arg("--config").arg(&config).output().unwrap();
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), line.lines().count()), (Some(2), 1), "{settings}{line}");
        assert!(line.contains(named) && !line.contains("canary"), "{settings}{line}");
    }
}
