//! `similar` and `duplicateGroups`, asked of a gateway that keeps its index up.

use std::fs;
use std::path::Path;

use image::ImageFormat;
use imagraph::config::{Config, Given};
use serde_json::{Value, json};

use super::scan::{library, picture, save};
use super::sqlite;
use crate::gateway::Gateway;
use crate::process::Process;
use crate::redis_server::until;

/// With an index in a folder of its own, which is scanned every second.
fn gateway(library: &Path, index: &str) -> Gateway {
    let index = Some(index.to_owned().into());
    let given = Given { library: Some(library.to_owned()), index, ..Given::default() };
    let mut config = Config::load(given).expect("settings");
    config.index.rescan = std::time::Duration::from_secs(1);
    let gateway = Gateway::with(config);
    let all = "{ similar(to: {pHash: \"0\"}, within: 64) { edges { cursor } } }";
    let pictures = || gateway.data(all)["similar"]["edges"].as_array().map(Vec::len);
    until("the library is indexed", || pictures() == Some(6));
    assert_eq!(names(&groups(&gateway)), [COPIES]);
    gateway
}

const COPIES: [&str; 4] = ["copy.bmp", "original.png", "again.jpg", "small.png"];

fn groups(gateway: &Gateway) -> Value {
    gateway.data("{ duplicateGroups { edges { node { count images { name } } } } }")
}

fn names(data: &Value) -> Vec<Vec<&str>> {
    let edges = data["duplicateGroups"]["edges"].as_array().expect("edges");
    let images = edges.iter().map(|edge| edge["node"]["images"].as_array().expect("images"));
    images
        .map(|images| images.iter().map(|image| image["name"].as_str().expect("a name")).collect())
        .collect()
}

#[test]
fn the_copies_of_an_image_are_found_nearest_first_and_page_by_page() {
    let (library, beside) = (library(), tempfile::tempdir().expect("a folder"));
    let gateway = gateway(library.path(), &sqlite(beside.path()));
    let id = gateway.data("{ files(under: \"sub\", first: 1) { edges { node { id } } } }");
    let id = id["files"]["edges"][0]["node"]["id"].as_str().expect("an id").to_owned();
    let query = "query($to: SimilarityTarget!, $after: String) { similar(to: $to, first: 2, after: $after) {
        edges { cursor similarity { distance isDuplicate with { name } } node { name width } }
        pageInfo { hasNextPage hasPreviousPage endCursor } } }";
    let (mut found, mut after) = (Vec::new(), Value::Null);
    for more in [true, false] {
        let answer = gateway.answer(query, json!({"to": {"file": id}, "after": after}));
        let page = &answer["data"]["similar"];
        assert_eq!(page["pageInfo"]["hasNextPage"], more, "{answer}");
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !more);
        after = page["pageInfo"]["endCursor"].clone();
        found.extend(page["edges"].as_array().expect("edges").clone());
    }
    let distances: Vec<_> = found.iter().map(|edge| edge["similarity"]["distance"].as_u64()).collect();
    assert!(distances.is_sorted() && distances[2] <= Some(8), "{found:?}");
    let mut found: Vec<_> = found.iter().map(|edge| edge["node"]["name"].as_str().expect("a name")).collect();
    found.sort_unstable();
    assert_eq!(found, ["again.jpg", "original.png", "small.png"], "without the image itself");
}

#[test]
fn a_hash_or_a_picture_from_elsewhere_is_compared_with_the_library() {
    let (library, beside) = (library(), tempfile::tempdir().expect("a folder"));
    let gateway = gateway(library.path(), &sqlite(beside.path()));
    let hash = gateway.data("{ files(first: 1, under: \"sub\") { edges { node { pHash } } } }");
    let hash = hash["files"]["edges"][0]["node"]["pHash"].as_str().expect("a hash").to_owned();
    let (answer, cost) = gateway.answer_and_cost(
        &format!("{{ similar(to: {{pHash: \"{hash}\"}}, within: 64) {{ edges {{ node {{ path }} similarity {{ distance with {{ id }} }} }} }} }}"),
        json!({}),
    );
    let edges = answer["data"]["similar"]["edges"].as_array().expect("edges");
    assert_eq!(edges.len(), 6, "{answer}");
    assert_eq!(
        (&edges[0]["similarity"]["distance"], &edges[0]["similarity"]["with"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(cost["bytesFetched"], 0, "paths are the index's");
    assert_eq!(cost["decoded"], 0);
}

#[test]
fn what_is_added_changed_and_removed_is_seen_by_the_next_scan() {
    let (library, beside) = (library(), tempfile::tempdir().expect("a folder"));
    let gateway = gateway(library.path(), &sqlite(beside.path()));
    save(&library.path().join("new.png"), &picture(2), ImageFormat::Png);
    fs::remove_file(library.path().join("small.png")).expect("removed");
    let now = || names(&groups(&gateway)).into_iter().map(|names| names.len()).collect::<Vec<_>>();
    until("the next scan has seen it", || now() == [3, 2]);
    let metrics = gateway.get("/metrics").text().expect("metrics");
    assert!(metrics.contains("imagraph_index_files{part=\"files\"}"), "{metrics}");
}

#[test]
fn the_best_copy_is_told_with_all_its_facts() {
    let (library, beside) = (library(), tempfile::tempdir().expect("a folder"));
    let gateway = gateway(library.path(), &sqlite(beside.path()));
    let answer = gateway.data(
        "{ duplicateGroups(first: 1) { pageInfo { hasNextPage } edges { cursor node {
            count best { name width format } images(first: 2) { name size } } } } }",
    );
    let group = &answer["duplicateGroups"]["edges"][0]["node"];
    assert_eq!(group["count"], 4);
    assert_eq!(group["best"], json!({"name": "copy.bmp", "width": 64, "format": "bmp"}));
    assert_eq!(group["images"].as_array().map(Vec::len), Some(2));
    let cursor = answer["duplicateGroups"]["edges"][0]["cursor"].as_str().expect("a cursor");
    let next = format!("{{ duplicateGroups(after: \"{cursor}\") {{ edges {{ cursor }} }} }}");
    assert_eq!(gateway.data(&next)["duplicateGroups"]["edges"], json!([]));
}

#[test]
fn what_cannot_be_asked_is_refused_with_a_code() {
    let (library, beside) = (library(), tempfile::tempdir().expect("a folder"));
    let gateway = gateway(library.path(), &sqlite(beside.path()));
    let code = |query: &str| gateway.answer(query, json!({}))["errors"][0]["extensions"]["code"].clone();
    for arguments in ["within: 65", "within: -1", "first: 101", "first: -1", "after: \"?\"", "after: \"YQ\""]
    {
        let query = format!("{{ similar(to: {{pHash: \"1\"}}, {arguments}) {{ edges {{ cursor }} }} }}");
        assert_eq!(code(&query), "BAD_REQUEST", "{arguments}");
    }
    for arguments in ["within: 11", "first: 101", "after: \"YQ\""] {
        let query = format!("{{ duplicateGroups({arguments}) {{ edges {{ cursor }} }} }}");
        assert_eq!(code(&query), "BAD_REQUEST", "{arguments}");
    }
    assert_eq!(code("{ similar(to: {file: \"YQ\"}) { edges { cursor } } }"), "NOT_FOUND");
    assert_eq!(code("{ similar(to: {pHash: \"x\"}) { edges { cursor } } }"), "BAD_REQUEST");
    let many = |fact| {
        format!("{{ duplicateGroups(first: 50) {{ edges {{ node {{ images(first: 3) {{ {fact} }} }} }} }} }}")
    };
    assert_eq!(code(&many("size")), "QUERY_TOO_COSTLY");
    assert_eq!(code(&many("path")), Value::Null, "nothing is looked into");
    let twice = "{ a: duplicateGroups(first: 20) { ...g } b: duplicateGroups(first: 20) { ...g } }
        fragment g on DuplicateGroupConnection { edges { node { images(first: 3) { id } } } }";
    assert_eq!(code(twice), "QUERY_TOO_COSTLY");
}

#[test]
fn without_an_index_it_is_said_how_to_get_one() {
    let gateway = Gateway::over_pictures(&[]);
    for query in
        ["{ similar(to: {pHash: \"1\"}) { edges { cursor } } }", "{ duplicateGroups { edges { cursor } } }"]
    {
        let answer = gateway.answer(query, json!({}));
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{answer}");
    }
}

/// Nothing listens there: the gateway serves what needs no index.
#[test]
fn a_database_that_is_away_takes_nothing_else_with_it() {
    let library = library();
    let index = Some("postgres://imagraph@127.0.0.1:1/imagraph".to_owned().into());
    let given = Given { library: Some(library.path().to_owned()), index, ..Given::default() };
    let gateway = Gateway::start(given);
    let answer = gateway.answer("{ duplicateGroups { edges { cursor } } }", json!({}));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_UNAVAILABLE", "{answer}");
    assert_eq!(
        gateway.data("{ files(first: 1) { edges { node { width } } } }")["files"]["edges"][0]["node"]["width"],
        64
    );
}

/// As in a container that may write nowhere.
#[test]
fn a_gateway_that_may_write_nowhere_serves_without_an_index_that_nobody_asked_for() {
    let library = library();
    let folder = library.path().to_str().expect("a path");
    let nowhere =
        [("IMAGRAPH_INDEX", ""), ("HOME", "/proc/nowhere"), ("XDG_STATE_HOME", ""), ("STATE_DIRECTORY", "")];
    let gateway = Process::serve(&["--library", folder], &nowhere, "");
    let answer = gateway.answer("{ files(first: 1) { edges { node { width } } } }");
    assert_eq!(answer["data"]["files"]["edges"][0]["node"]["width"], 64, "{answer}");
    let answer = gateway.answer("{ duplicateGroups { edges { cursor } } }");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{answer}");
    assert!(gateway.logs().contains("no place for an index"));
}
