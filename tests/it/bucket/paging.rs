//! Pages of a bucket, while it changes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ask;
use super::s3::{S3, gateway};
use crate::process::Process;

fn page(gateway: &Process, after: &Value, under: &str) -> (Vec<String>, Value) {
    let query = format!(
        "{{ files(first: 37, after: {after}, under: \"{under}\") {{ edges {{ node {{ path }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let (mut page, cost) = ask(gateway, &query);
    assert_eq!(cost["bytesFetched"], 0, "{cost}");
    let edges = page["data"]["files"]["edges"].as_array().expect("edges").iter();
    let paths = edges.map(|edge| edge["node"]["path"].as_str().expect("a path").to_owned()).collect();
    (paths, page["data"]["files"]["pageInfo"].take())
}

fn pages(gateway: &Process, under: &str, mut meanwhile: impl FnMut(&str)) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let (paths, info) = page(gateway, &after, under);
        if let Some(last) = paths.last() {
            meanwhile(last);
        }
        all.extend(paths);
        if info["hasNextPage"] != true {
            return all;
        }
        after = info["endCursor"].clone();
    }
}

#[test]
fn pages_show_every_image_once_while_others_come_and_go() {
    let server = S3::with("photos");
    let names = ["a", "a-b", "a.b", "a0", "\u{e4}"];
    let mut there = BTreeSet::new();
    for (place, name) in names.iter().flat_map(|name| (0..60).map(move |place| (place, *name))) {
        let path = if place % 3 == 0 { format!("{name}{place}.jpg") } else { format!("{name}/{place}.jpg") };
        server.put("photos", &format!("p/{path}"), b"");
        there.insert(path);
    }
    for other in ["p/a/0.txt", "q/a.jpg", "p.jpg", "p-a/b.jpg"] {
        server.put("photos", other, b"");
    }
    let gateway = gateway(server.port(), "s3://photos/p", &[], "");
    assert_eq!(pages(&gateway, "", |_| {}), Vec::from_iter(there.clone()));
    let in_a: Vec<_> = there.iter().filter(|path| path.starts_with("a/")).cloned().collect();
    assert_eq!(pages(&gateway, "/a/", |_| {}), in_a);
    assert_eq!(pages(&gateway, "none", |_| {}), [""; 0]);
    // Behind the cursor, before it, and the very file of the cursor.
    let shown = pages(&gateway, "", |last| {
        server.put("photos", &format!("p/{last}.new.jpg"), b"");
        server.put("photos", "p/0.jpg", b"");
        server.delete("photos", &format!("p/{last}"));
    });
    let once: BTreeSet<_> = shown.iter().cloned().collect();
    assert_eq!(once.len(), shown.len());
    assert!(there.is_subset(&once) && !once.contains("0.jpg"));
}
