//! Images as they become known, over WebSocket and server-sent events.

/// Server-sent events.
mod events;
/// What is answered, in which order, until when.
mod progress;
/// `graphql-transport-ws`: closing codes, callers, documents.
mod protocol;
/// Frames of a WebSocket that are long, many or none.
mod frames;
/// Who may have how many connections open, for how long.
mod places;
/// The clients that web pages use.
pub mod clients;

pub mod socket;

use imagraph::config::Config;
use serde_json::{Value, json};

use crate::account::{Account, Play};
use crate::stub::Answer;
use crate::upstream::{config, image};

const IMAGES: &str = "subscription($of: [ImageInput!]!) { images(of: $of) {
    done total index image { id width } error { code message retryAfterMs }
} }";

/// `slow` is held, `missing` is not there, `never` is not answered, all else is.
fn account() -> Account {
    Account::start(|call, _| match call.target.as_str() {
        "/v1/files/slow/metadata" => Play::Held(image()),
        "/v1/files/missing/metadata" => Play::Now(Answer::status(404, "{}")),
        "/v1/files/never/metadata" => Play::Never,
        _ => Play::Now(image()),
    })
}

fn files(ids: &[&str]) -> Value {
    json!({"of": ids.iter().map(|id| json!({"file": id})).collect::<Vec<_>>()})
}

/// The settings of a gateway that gives up after a second.
fn hasty(account: &Account) -> Config {
    let mut config = config(account);
    config.limits.deadline = std::time::Duration::from_secs(1);
    config
}

/// The progress that a payload tells.
fn progress(payload: &Value) -> &Value {
    assert_eq!(payload.get("errors"), None, "{payload}");
    &payload["data"]["images"]
}

/// The ids of files in the order in which they were told; of one that failed its code.
fn order(payloads: &[Value]) -> Vec<&str> {
    let name = |payload| {
        let progress = progress(payload);
        progress["image"]["id"].as_str().or(progress["error"]["code"].as_str()).expect("either")
    };
    payloads.iter().map(name).collect()
}
