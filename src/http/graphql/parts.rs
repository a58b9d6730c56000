//! A body in parts, after the GraphQL multipart request specification: `operations`, `map`, then the files.
//! https://github.com/jaydenseric/graphql-multipart-request-spec

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;
use actix_web::web::Payload;
use async_graphql::{Name, Value};
use tokio::time::Instant;

use super::json::weight;
use super::members::{Body, Members};
use super::parameters::{self, Parameters};
use super::sent::Sent;
use crate::catalog::View;
use crate::error::{Error, HttpFault, Result};
use crate::http::multipart::{Head, Multipart};
use crate::permits::Permit;
use crate::schema::{Files, Room};

/// Of one body.
const MAX_FILES: usize = 10;
/// Headers that a form of another site cannot have, and for which a browser asks the gateway before it sends a script's request.
pub const PREFLIGHT: [HeaderName; 3] = [
    HeaderName::from_static("graphql-require-preflight"),
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("x-requested-with"),
];

const NO_OPERATIONS: Error = Error::BadRequest("the first part of the body has to be operations");
const NO_MAP: Error = Error::BadRequest("the second part of the body has to be map");
const BAD_MAP: Error =
    Error::BadRequest("map has to be a JSON object: of each file a list of the one variable that it is");
const MANY_FILES: Error = Error::BadRequest("map has more than 10 files");
const NOT_ONE: Error = Error::BadRequest("map has to name one variable for each file, no more and no less");
const NO_PLACE: Error = Error::BadRequest(
    "map names what is no variable that is null: it has to be as in \"variables.file\", in a list of requests \
     \"0.variables.file\"",
);

/// Refuses what a form of another site could send: a browser does not ask before it sends a body of this type.
pub fn check(http: &HttpRequest) -> Result<()> {
    let is_there = PREFLIGHT.iter().any(|name| http.headers().contains_key(name));
    if is_there { Ok(()) } else { Err(Error::BadHttp(HttpFault::NoPreflight)) }
}

/// What a body says, and its files, which have no more bytes together than one may have.
pub async fn read(
    http: &HttpRequest,
    payload: Payload,
    catalog: &View,
    (max_bytes, room): (usize, &Room),
    until: Instant,
) -> Result<(Sent, Arc<Files>)> {
    let intake = catalog.intake().await?;
    let max_file_bytes = catalog.max_file_bytes();
    let mut parts = Multipart::new(http, payload, max_file_bytes.saturating_add(max_bytes as u64), until)?;
    let operations = field(&mut parts, "operations", max_bytes, NO_OPERATIONS).await?;
    let map = field(&mut parts, "map", max_bytes.saturating_sub(operations.len()), NO_MAP).await?;
    let held = room.wait(weight(operations.as_bytes()) + weight(map.as_bytes()), until).await?;
    let Body { mut requests, is_list } = parameters::parse(operations.as_bytes())?;
    if requests.is_empty() {
        return Err(Error::BadRequest("the list is empty"));
    }
    let places = put(&mut requests, is_list, &map)?;
    let files = receive(&mut parts, catalog, &intake, places).await?;
    let requests = requests.into_iter().map(Parameters::of).collect::<Result<_>>()?;
    Ok((Sent { requests, is_list, held }, Arc::new(files)))
}

async fn field(parts: &mut Multipart, name: &str, max_bytes: usize, missing: Error) -> Result<String> {
    match parts.next().await? {
        Some(head) if head.name == name => parts.text(max_bytes).await,
        _ => Err(missing),
    }
}

/// Puts into the place of each file a value that no JSON has. The files by their fields.
fn put(requests: &mut [Members], is_list: bool, map: &str) -> Result<HashMap<String, usize>> {
    let map: HashMap<String, Vec<String>> = serde_json::from_str(map).map_err(|_| BAD_MAP)?;
    if map.len() > MAX_FILES {
        return Err(MANY_FILES);
    }
    let mut places = HashMap::new();
    for (file, (name, paths)) in map.into_iter().enumerate() {
        let [path] = paths.as_slice() else { return Err(NOT_ONE) };
        let place = place(requests, is_list, path).filter(|place| **place == Value::Null);
        *place.ok_or(NO_PLACE)? = Files::place(file);
        places.insert(name, file);
    }
    Ok(places)
}

/// What a path means: `variables.a.0`, in a list of requests `1.variables.a`.
fn place<'a>(requests: &'a mut [Members], is_list: bool, path: &str) -> Option<&'a mut Value> {
    let (request, path) = if is_list { path.split_once('.')? } else { ("0", path) };
    let mut names = path.split('.');
    if names.next() != Some("variables") {
        return None;
    }
    let variables = requests.get_mut(request.parse::<usize>().ok()?)?.variables.as_mut()?;
    names.try_fold(variables, |value, name| match value {
        Value::Object(members) => members.get_mut(&Name::new(name)),
        Value::List(items) => items.get_mut(name.parse::<usize>().ok()?),
        _ => None,
    })
}

async fn receive(
    parts: &mut Multipart,
    catalog: &View,
    intake: &Arc<Permit>,
    mut places: HashMap<String, usize>,
) -> Result<Files> {
    let mut files = Files::default();
    while let Some(Head { name, file_name }) = parts.next().await? {
        let file = places.remove(&name).ok_or(Error::BadRequest("a part is no file of map"))?;
        let mut draft = catalog.draft(intake).await?;
        while let Some(chunk) = parts.chunk().await? {
            draft.write(&chunk).await?;
        }
        files.add(file, draft, file_name);
    }
    if places.is_empty() { Ok(files) } else { Err(Error::BadRequest("a file of map is missing")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(operations: &str, map: &str) -> Result<usize> {
        let Body { mut requests, is_list } = parameters::parse(operations.as_bytes()).unwrap();
        put(&mut requests, is_list, map).map(|places| places.len())
    }

    #[test]
    fn a_map_names_variables_that_are_null() {
        let one = r#"{"query": "q", "variables": {"a": null, "b": [null, 1], "c": {"d": null}, "": null}}"#;
        let map = r#"{"0": ["variables.a"], "x": ["variables.b.0"], "y": ["variables.c.d"]}"#;
        assert_eq!(placed(one, map), Ok(3));
        assert_eq!(placed(&format!("[{one},{one}]"), r#"{"0": ["1.variables.a"]}"#), Ok(1));
        for (map, error) in [
            ("", BAD_MAP),
            ("[]", BAD_MAP),
            ("null", BAD_MAP),
            (r#"{"0": 1}"#, BAD_MAP),
            (r#"{"0": "variables.a"}"#, BAD_MAP),
            (r#"{"0": []}"#, NOT_ONE),
            (r#"{"0": ["variables.a", "variables.c.d"]}"#, NOT_ONE),
            (r#"{"0": [""]}"#, NO_PLACE),
            (r#"{"0": ["variables"]}"#, NO_PLACE),
            (r#"{"0": ["variables.z"]}"#, NO_PLACE),
            (r#"{"0": ["variables.b"]}"#, NO_PLACE),
            (r#"{"0": ["variables.b.1"]}"#, NO_PLACE),
            (r#"{"0": ["variables.b.-1"]}"#, NO_PLACE),
            (r#"{"0": ["variables.b.99999999999999999999"]}"#, NO_PLACE),
            (r#"{"0": ["variables.c.d.e"]}"#, NO_PLACE),
            (r#"{"0": ["query"]}"#, NO_PLACE),
            (r#"{"0": ["0.variables.a"]}"#, NO_PLACE),
            (r#"{"0": ["variables.a"], "1": ["variables.a"]}"#, NO_PLACE),
        ] {
            assert_eq!(placed(one, map), Err(error), "{map}");
        }
        assert_eq!(placed(&format!("[{one}]"), r#"{"0": ["variables.a"]}"#), Err(NO_PLACE));
        assert_eq!(placed(r#"{"query": "q"}"#, r#"{"0": ["variables.a"]}"#), Err(NO_PLACE));
    }

    #[test]
    fn there_are_ten_files_at_most() {
        let nulls = ["null"; 11].join(",");
        let operations = format!(r#"{{"query": "q", "variables": {{"a": [{nulls}]}}}}"#);
        let map = |files| {
            let entries: Vec<_> = (0..files).map(|n| format!(r#""{n}": ["variables.a.{n}"]"#)).collect();
            format!("{{{}}}", entries.join(","))
        };
        assert_eq!(placed(&operations, &map(10)), Ok(10));
        assert_eq!(placed(&operations, &map(11)), Err(MANY_FILES));
    }
}
