use std::path::Path;
use std::process::Command;
use std::sync::Once;

use serde_json::{Value, json};

use super::{IMAGES, files, order};
use crate::accounts::{gateway, imagekit};
use crate::gateway::Gateway;

/// Node, where the clients are installed.
pub fn node() -> Command {
    static INSTALLED: Once = Once::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/subscriptions");
    INSTALLED.call_once(|| {
        let installed = Command::new("npm").args(["ci", "--silent"]).current_dir(&folder).status();
        assert!(installed.expect("npm").success());
    });
    let mut node = Command::new("node");
    node.current_dir(folder);
    node
}

/// What a client tells its page: results, then "complete", or how it failed.
fn told(gateway: &Gateway, kind: &str, key: &str, request: Value) -> Vec<Value> {
    let mut node = node();
    node.arg("ask.js").args([kind, &gateway.url(""), key, &request.to_string()]);
    let output = node.output().expect("node");
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(!lines.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn graphql_ws_and_graphql_sse_tell_each_image_and_the_end() {
    let imagekit = imagekit();
    let gateway = gateway(&imagekit, None);
    for kind in ["ws", "sse"] {
        let request = json!({"query": IMAGES, "variables": files(&["a", "b", "c"])});
        let mut told = told(&gateway, kind, "press_web", request);
        assert_eq!(told.pop(), Some(json!("complete")), "{kind}");
        let mut ids = order(&told);
        ids.sort_unstable();
        assert_eq!(ids, ["a", "b", "c"], "{kind}");
        assert!(told.iter().all(|result| result["data"]["images"]["image"]["width"] == 2), "{told:?}");
    }
}

#[test]
fn their_pages_are_told_what_is_wrong() {
    let imagekit = imagekit();
    let gateway = gateway(&imagekit, None);
    let request = json!({"query": "subscription { nothing }"});
    let over_ws = told(&gateway, "ws", "press_web", request.clone());
    assert_eq!(over_ws[0]["failed"][0]["extensions"]["code"], "BAD_REQUEST", "{over_ws:?}");
    let over_sse = told(&gateway, "sse", "press_web", request.clone());
    assert_eq!(over_sse[0]["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{over_sse:?}");
    let stranger = told(&gateway, "ws", "wrong", request);
    assert_eq!((&stranger[0]["code"], &stranger[0]["failed"]), (&json!(4403), &json!("Forbidden")));
}
