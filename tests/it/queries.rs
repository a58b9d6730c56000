//! Each `tests/queries/*.graphql` is asked and answered as its `*.json` says: a new case is a new file.
//! `BLESS=1` writes the answers anew; read what changed before you commit it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::gateway::Gateway;

#[test]
fn every_query_is_answered_as_written_down() {
    let gateway = Gateway::over_pictures(&[]);
    let queries = queries();
    assert!(queries.len() >= 8, "{queries:?}");
    // Those that are asked for again are known.
    for path in [&queries[..], &queries].concat() {
        let query = fs::read_to_string(&path).expect("a query");
        let mut answer = gateway.answer(&query, json!({}));
        // Images fail in the order in which they are known.
        if let Some(errors) = answer.get_mut("errors").and_then(Value::as_array_mut) {
            errors.sort_by_key(|error| error["path"].to_string());
        }
        compare(&path.with_extension("json"), &answer);
    }
}

fn compare(path: &Path, answer: &Value) {
    let printed = serde_json::to_string_pretty(answer).expect("JSON") + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, &printed).expect("written");
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(printed, expected, "{}", path.display());
}

fn queries() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/queries");
    let entries = fs::read_dir(folder).expect("tests/queries").map(|entry| entry.expect("an entry").path());
    let mut queries: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "graphql")).collect();
    queries.sort();
    queries
}
