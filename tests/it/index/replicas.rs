//! Replicas that share a bucket and its index.

use super::scan::library;
use serde_json::json;

use crate::bucket::s3::{S3, gateway};
use crate::postgres_server::PostgresServer;
use crate::process::Process;
use crate::redis_server::until;

const SOON: &str = "[index]\nrescan_seconds = 1";

fn copies(gateway: &Process) -> Option<u64> {
    let answer = gateway.answer("{ duplicateGroups { edges { node { count best { name width } } } } }");
    let group = answer["data"]["duplicateGroups"]["edges"].get(0)?["node"].clone();
    // Until then another is the best of what is known.
    (group["best"] == json!({"name": "copy.bmp", "width": 64})).then(|| group["count"].as_u64())?
}

fn decoded(gateway: &Process) -> u64 {
    let metrics = gateway.get("/metrics").text().expect("metrics");
    let count = "imagraph_decode_duration_seconds_count ";
    let line = metrics.lines().find_map(|line| line.strip_prefix(count)).expect("the count");
    line.parse().expect("a number")
}

#[test]
fn each_picture_of_a_bucket_is_decoded_by_one_of_the_replicas() {
    let (bucket, server, library) = (S3::with("photos"), PostgresServer::start(), library());
    bucket.put_folder("photos", "of/all", library.path());
    let index = server.database("replicas");
    let replicas = [0, 1].map(|_| gateway(bucket.port(), "s3://photos/of/all", &["--index", &index], SOON));
    until("both know the copies", || replicas.iter().all(|gateway| copies(gateway) == Some(4)));
    let query = "{ similar(to: {pHash: \"0\"}, within: 64) { edges { cursor } } }";
    let all = |gateway: &Process| gateway.answer(query)["data"]["similar"]["edges"].as_array().map(Vec::len);
    until("all is known", || replicas.iter().all(|gateway| all(gateway) == Some(6)));
    assert_eq!(replicas.iter().map(decoded).sum::<u64>(), 6);
}

#[test]
fn a_database_that_was_away_is_used_again() {
    let (mut server, library) = (PostgresServer::start(), library());
    let index = server.database("away");
    server.kill();
    let folder = library.path().to_str().expect("a path");
    let gateway = Process::serve(&["--library", folder, "--index", &index], &[], SOON);
    let code = || {
        gateway.answer("{ duplicateGroups { edges { cursor } } }")["errors"][0]["extensions"]["code"].clone()
    };
    assert_eq!(code(), "UPSTREAM_UNAVAILABLE", "it was not there at the start");
    server.start_again();
    until("it is filled", || copies(&gateway) == Some(4));
    server.kill();
    let ask = |n| format!("a{n}: similar(to: {{pHash: \"{n}\"}}, first: 1) {{ edges {{ cursor }} }} ");
    let answer = gateway.answer(&format!("{{ {} }}", (0..12).map(ask).collect::<String>()));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_UNAVAILABLE", "{answer}");
    until("it is left alone", || gateway.logs().contains("it is left alone for a moment"));
    server.start_again();
    until("it is there again", || copies(&gateway) == Some(4));
}
