//! Documents that clients name instead of sending them: persisted by their hashes, or trusted by a manifest.

use std::fs;

use imagraph::config::{Config, Given};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::gateway::{Gateway, client, pictures, take_cost};
use crate::over_http::node;
use crate::redis_server::until;

const TYPENAME: &str = "{ __typename }";

pub fn hash(document: &str) -> String {
    Sha256::digest(document).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn by_hash(hash: &str) -> Value {
    json!({"persistedQuery": {"version": 1, "sha256Hash": hash}})
}

/// Status and answer to a body.
fn post(gateway: &Gateway, body: &Value) -> (u16, Value) {
    let response = gateway.post("application/json", body.to_string());
    let status = response.status().as_u16();
    let mut answer = response.json().expect("JSON");
    take_cost(&mut answer);
    (status, answer)
}

fn code(gateway: &Gateway, body: &Value) -> Value {
    post(gateway, body).1["errors"][0]["extensions"]["code"].take()
}

fn with(settings: impl FnOnce(&mut Config)) -> Gateway {
    let mut config = Config::load(Given { library: Some(pictures()), ..Given::default() }).expect("settings");
    settings(&mut config);
    Gateway::with(config)
}

/// A gateway with a manifest, and other settings of `[documents]`.
pub fn trusting(manifest: &Value, settings: &str) -> Result<Gateway, String> {
    let folder = tempfile::tempdir().unwrap();
    let (trusted, config) = (folder.path().join("trusted.json"), folder.path().join("imagraph.toml"));
    fs::write(&trusted, manifest.to_string()).unwrap();
    fs::write(&config, format!("[documents]\ntrusted = {:?}\n{settings}", trusted.display().to_string()))
        .unwrap();
    let config = Config::load(Given { config: Some(config), library: Some(pictures()), ..Given::default() });
    config.map(Gateway::with).map_err(|error| error.to_string())
}

#[test]
fn apollo_and_urql_send_a_document_once() {
    for client in ["apollo", "urql"] {
        let gateway = Gateway::over_pictures(&[]);
        for method in ["GET", "POST"] {
            let query = format!("query {method} {{ file(id: \"cG5nL3JnYi5wbmc\") {{ width }} }}");
            let printed = node("persisted.js", &[client, method, &gateway.url("/graphql"), &query]);
            let printed: Value = serde_json::from_str(&printed).expect("JSON");
            for told in printed["told"].as_array().unwrap() {
                assert_eq!(told["file"]["width"], 72, "{client} {method}: {printed}");
            }
            let with_document: Vec<_> =
                printed["sent"].as_array().unwrap().iter().map(|sent| &sent["withDocument"]).collect();
            assert_eq!(with_document, [false, true, false], "{client} {method}: {printed}");
            assert_eq!(printed["sent"][2]["method"], method, "{client}: {printed}");
        }
    }
}

#[test]
fn a_document_that_was_sent_with_its_hash_is_known_by_it() {
    let gateway = Gateway::over_pictures(&[]);
    let extensions = by_hash(&hash(TYPENAME));
    let unknown = json!({"errors": [{
        "message": "PersistedQueryNotFound",
        "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
    }]});
    let ask = json!({"extensions": extensions});
    assert_eq!(post(&gateway, &ask), (200, unknown));
    let request =
        client().post(gateway.url("/graphql")).header("accept", "application/graphql-response+json");
    assert_eq!(request.json(&ask).send().unwrap().status(), 400);

    let answer = (200, json!({"data": {"__typename": "Query"}}));
    assert_eq!(post(&gateway, &json!({"query": TYPENAME, "extensions": extensions})), answer);
    assert_eq!(post(&gateway, &ask), answer);
    let by_get = gateway.get_graphql(&[("extensions", &extensions.to_string())]);
    assert_eq!(by_get.headers()["cache-control"], "public, max-age=60");
    assert_eq!(by_get.json::<Value>().unwrap(), answer.1);
    for id in [hash(TYPENAME), format!("sha256:{}", hash(TYPENAME))] {
        assert_eq!(post(&gateway, &json!({"documentId": id})), answer, "{id}");
    }
}

#[test]
fn in_a_list_each_is_answered_for_itself() {
    let gateway = Gateway::over_pictures(&[]);
    let learn = |query: &str| json!({"query": query, "extensions": by_hash(&hash(query))});
    let list = json!([{"extensions": by_hash(&hash("{ a }"))}, learn(TYPENAME), {}]);
    let (status, answers) = post(&gateway, &list);
    assert_eq!(status, 200);
    assert_eq!(answers[0]["errors"][0]["message"], "PersistedQueryNotFound");
    assert_eq!(answers[1]["data"], json!({"__typename": "Query"}));
    assert_eq!(answers[2]["errors"][0]["extensions"]["code"], "BAD_REQUEST");
}

#[test]
fn a_hash_that_is_not_the_documents_is_refused_and_teaches_nothing() {
    let gateway = Gateway::over_pictures(&[]);
    let other = hash("{ file(id: \"a\") { width } }");
    for (document_hash, version) in [(other.as_str(), json!(1)), ("", json!(1)), (&hash(TYPENAME), json!(2))]
    {
        let extensions = json!({"persistedQuery": {"version": version, "sha256Hash": document_hash}});
        let (status, answer) = post(&gateway, &json!({"query": TYPENAME, "extensions": extensions}));
        assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (400, &json!("BAD_REQUEST")));
    }
    for unknown in [&other, &hash(TYPENAME)] {
        assert_eq!(code(&gateway, &json!({"extensions": by_hash(unknown)})), "PERSISTED_QUERY_NOT_FOUND");
    }
    for malformed in [json!({"persistedQuery": 1}), json!({"persistedQuery": {"version": 1}})] {
        assert_eq!(code(&gateway, &json!({"extensions": malformed})), "BAD_REQUEST");
    }
}

#[test]
fn a_persisted_document_is_bounded_as_any_other() {
    let gateway = Gateway::over_pictures(&[]);
    let nested = format!("{{ file(id: {}", "[".repeat(1_400));
    let extensions = by_hash(&hash(&nested));
    for body in [json!({"query": nested, "extensions": extensions}), json!({"extensions": extensions})] {
        assert_eq!(code(&gateway, &body), "QUERY_TOO_COSTLY");
    }
    let mutation = "mutation { __typename }";
    let extensions = by_hash(&hash(mutation));
    post(&gateway, &json!({"query": mutation, "extensions": extensions}));
    assert_eq!(gateway.get_graphql(&[("extensions", &extensions.to_string())]).status(), 405);
}

#[test]
fn as_many_documents_are_remembered_as_the_settings_allow() {
    let gateway = with(|config| config.documents.max_persisted_bytes = 20_000);
    let documents: Vec<_> =
        (0..100).map(|n| format!("{{ __typename }} # {n} {}", "x".repeat(1_000))).collect();
    for document in &documents {
        let body = json!({"query": document, "extensions": by_hash(&hash(document))});
        assert_eq!(post(&gateway, &body).1["data"], json!({"__typename": "Query"}));
    }
    let is_known = |document: &&String| {
        post(&gateway, &json!({"extensions": by_hash(&hash(document))})).1["data"]["__typename"] == "Query"
    };
    until("the rest is forgotten", || (1..20).contains(&documents.iter().filter(is_known).count()));

    let none = with(|config| config.documents.max_persisted_bytes = 0);
    for body in [
        json!({"query": TYPENAME, "extensions": by_hash(&hash(TYPENAME))}),
        json!({"extensions": by_hash("a")}),
    ] {
        assert_eq!(code(&none, &body), "PERSISTED_QUERY_NOT_SUPPORTED");
    }
}

#[test]
fn trusted_documents_are_known_from_the_start() {
    let apollo = json!({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [
        {"id": "typename", "name": "T", "type": "query", "body": TYPENAME},
    ]});
    for manifest in [apollo, json!({"typename": TYPENAME}), json!({"sha256:typename": TYPENAME})] {
        let gateway = trusting(&manifest, "").unwrap();
        for body in [
            json!({"documentId": "typename"}),
            json!({"documentId": "sha256:typename"}),
            json!({"extensions": by_hash("typename")}),
        ] {
            assert_eq!(post(&gateway, &body), (200, json!({"data": {"__typename": "Query"}})), "{body}");
        }
        let by_get = gateway.get_graphql(&[("documentId", "typename")]);
        assert_eq!(by_get.json::<Value>().unwrap(), json!({"data": {"__typename": "Query"}}));
        assert_eq!(code(&gateway, &json!({"documentId": "other"})), "PERSISTED_QUERY_NOT_FOUND");
        assert_eq!(code(&gateway, &json!({"documentId": "other", "query": TYPENAME})), "BAD_REQUEST");
        assert_eq!(gateway.data(TYPENAME), json!({"__typename": "Query"}));
    }
}

#[test]
fn where_only_trusted_documents_are_run_no_other_is() {
    let manifest = json!({"image": "query($id: ID!) { file(id: $id) { width } }"});
    let gateway = trusting(&manifest, "only_trusted = true").unwrap();
    let trusted = json!({"documentId": "image", "variables": {"id": "cG5nL3JnYi5wbmc"}});
    assert_eq!(post(&gateway, &trusted), (200, json!({"data": {"file": {"width": 72}}})));
    let text = manifest["image"].as_str().unwrap();
    let its_text = json!({"query": text, "variables": {"id": "cG5nL3JnYi5wbmc"}});
    assert_eq!(post(&gateway, &its_text), (200, json!({"data": {"file": {"width": 72}}})));
    for other in [
        json!({"query": TYPENAME}),
        json!({"query": "{ __schema { types { name } } }"}),
        json!({"query": format!("{text} "), "variables": {"id": "cG5nL3JnYi5wbmc"}}),
        json!({"query": text, "documentId": "other", "variables": {"id": "cG5nL3JnYi5wbmc"}}),
        json!({"query": TYPENAME, "extensions": by_hash(&hash(TYPENAME))}),
        json!({"extensions": by_hash(&hash(TYPENAME))}),
        json!({"documentId": "other"}),
    ] {
        let (status, answer) = post(&gateway, &other);
        assert_eq!(
            (status, &answer["errors"][0]["extensions"]["code"]),
            (403, &json!("DOCUMENT_NOT_TRUSTED")),
            "{other}"
        );
    }
    assert_eq!(gateway.get_graphql(&[("query", TYPENAME)]).status(), 403);
    let (_, answers) = post(&gateway, &json!([trusted, {"query": TYPENAME}]));
    assert_eq!(answers[0]["data"]["file"]["width"], 72);
    assert_eq!(answers[1]["errors"][0]["extensions"]["code"], "DOCUMENT_NOT_TRUSTED");
}

#[test]
fn a_manifest_that_is_none_is_a_wrong_setting() {
    for manifest in [
        json!([]),
        json!({"a": 1}),
        json!({"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}),
        json!({"format": "other", "version": 1, "operations": []}),
    ] {
        let error = trusting(&manifest, "").err().expect("a wrong setting");
        assert!(error.contains("trusted.json"), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("imagraph.toml");
    for (settings, named) in
        [("trusted = \"/nowhere.json\"", "/nowhere.json"), ("only_trusted = true", "only_trusted")]
    {
        fs::write(&config, format!("[documents]\n{settings}")).unwrap();
        let error =
            Config::load(Given { config: Some(config.clone()), ..Given::default() }).expect_err(settings);
        assert!(error.to_string().contains(named), "{error}");
    }
}
