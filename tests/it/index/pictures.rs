//! `similar` over real pictures: what brute force finds among the hashes that `pHash` tells.

use std::collections::HashMap;
use std::path::Path;

use imagraph::config::{Config, Given};
use imagraph::metadata::PHash;
use serde_json::{Value, json};

use super::sqlite;
use crate::gateway::{Gateway, pictures};
use crate::peers::shared_folder;
use crate::redis_server::until;

/// The hash of each picture of the library that has one, by its path.
fn hashes(gateway: &Gateway) -> HashMap<String, PHash> {
    let query = "query($after: String) { files(first: 50, after: $after) {
        edges { node { path pHash } } pageInfo { hasNextPage endCursor } } }";
    let (mut hashes, mut after) = (HashMap::new(), Value::Null);
    loop {
        let answer = gateway.answer(query, json!({"after": after}));
        let page = &answer["data"]["files"];
        for node in page["edges"].as_array().expect("edges").iter().map(|edge| &edge["node"]) {
            if let Some(hash) = node["pHash"].as_str() {
                let path = node["path"].as_str().expect("a path").to_owned();
                hashes.insert(path, hash.parse().expect("a hash"));
            }
        }
        if page["pageInfo"]["hasNextPage"] != true {
            return hashes;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Path and distance of all that is within so many bits, page by page.
fn similar(gateway: &Gateway, target: PHash, within: u32) -> Vec<(u32, String)> {
    let query = "query($to: SimilarityTarget!, $within: Int, $after: String) {
        similar(to: $to, within: $within, first: 40, after: $after) {
            edges { similarity { distance } node { path } } pageInfo { hasNextPage endCursor } } }";
    let (mut found, mut after) = (Vec::new(), Value::Null);
    loop {
        let to = json!({"pHash": target.to_string()});
        let answer = gateway.answer(query, json!({"to": to, "within": within, "after": after}));
        let page = &answer["data"]["similar"];
        found.extend(page["edges"].as_array().expect("edges").iter().map(|edge| {
            let distance = edge["similarity"]["distance"].as_u64().expect("bits") as u32;
            (distance, edge["node"]["path"].as_str().expect("a path").to_owned())
        }));
        if page["pageInfo"]["hasNextPage"] != true {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn by_brute_force(hashes: &HashMap<String, PHash>, target: PHash, within: u32) -> Vec<(u32, String)> {
    let distances = hashes.iter().map(|(path, hash)| (hash.distance(target), path.clone()));
    let mut near: Vec<_> = distances.filter(|(distance, _)| *distance <= within).collect();
    near.sort();
    near
}

fn indexed(library: &Path, folder: &Path) -> (Gateway, HashMap<String, PHash>) {
    let index = Some(sqlite(folder).into());
    let given = Given { library: Some(library.to_owned()), index, ..Given::default() };
    let gateway = Gateway::with(Config::load(given).expect("settings"));
    let hashes = hashes(&gateway);
    let any = PHash::new(0);
    until("all pictures are indexed", || similar(&gateway, any, 64).len() == hashes.len());
    (gateway, hashes)
}

#[test]
fn what_is_similar_to_pictures_from_here_and_from_elsewhere_is_what_brute_force_finds() {
    let folders = [Some(pictures()), shared_folder()].into_iter().flatten();
    let libraries: Vec<_> = folders
        .map(|library| {
            let beside = tempfile::tempdir().expect("a folder");
            let (gateway, hashes) = indexed(&library, beside.path());
            (gateway, hashes, beside)
        })
        .collect();
    let targets: Vec<_> = libraries.iter().flat_map(|(_, hashes, _)| hashes.values().copied()).collect();
    let mut near = 0;
    for (gateway, hashes, _) in &libraries {
        for target in &targets {
            let mut found = similar(gateway, *target, 10);
            assert!(found.is_sorted_by_key(|(distance, _)| *distance));
            found.sort();
            assert_eq!(found, by_brute_force(hashes, *target, 10), "{target}");
            near += found.len();
        }
    }
    assert!(near > 200, "{near}");
}
