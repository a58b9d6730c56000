//! Files that are small and claim or hold much, given to a real process: a typed error or what the header says, at
//! once, in little memory, and the process goes on.

mod apart;
mod bodies;
mod isobmff;
mod jpeg;
mod lzw;
mod others;
mod png;
mod tiff;
mod together;

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::imagraph;
use crate::footprint::{Process, Spent};
use crate::stub::{Answer, Stub};

/// Of memory, at the worst moment.
const MAX_GROWTH: u64 = 64 << 20;

/// A debug build decodes some ten times slower.
const MAX_CPU: Duration = Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 1 });

const QUERY: &str = "query($url: Url!) { remote(url: $url) {
    width height format size hasColorProfile hasTransparency pHash exif { image { make } } palette { share } lqip frames checksum
} }";

struct Bomb {
    name: &'static str,
    file: Vec<u8>,
    /// Width and height, where they are told.
    sides: Option<(u64, u64)>,
    /// Why there is no pHash, or nothing at all; `None` where there is all.
    code: Option<&'static str>,
}

impl Bomb {
    fn new(name: &'static str, file: Vec<u8>, sides: Option<(u64, u64)>, code: Option<&'static str>) -> Self {
        Self { name, file, sides, code }
    }

    /// What is wrong with its answer.
    fn complaint(&self, answer: &Value, spent: &Spent) -> Option<String> {
        let image = &answer["data"]["remote"];
        let sides = image["width"].as_u64().zip(image["height"].as_u64());
        let codes: Vec<_> = answer["errors"].as_array().into_iter().flatten().collect();
        let codes: Vec<_> = codes.iter().map(|error| error["extensions"]["code"].as_str()).collect();
        let expected = match self.code {
            None => codes.is_empty() && image["pHash"].is_string(),
            code => !codes.is_empty() && codes.iter().all(|found| *found == code),
        };
        let cheap = spent.growth < MAX_GROWTH && spent.cpu < MAX_CPU;
        let right = sides == self.sides && expected && cheap;
        (!right).then(|| format!("{}: {spent:?}, {answer}", self.name))
    }
}

/// A gateway that has made what is made once, and may fetch from these; with more limits, a line each.
fn gateway(hosts: &[SocketAddr], limits: &str) -> Process {
    let (stub, folder) = (Stub::start(), tempfile::tempdir().unwrap());
    let config = folder.path().join("imagraph.toml");
    // What is measured is the processor's time: the machine may be busy.
    fs::write(&config, format!("[limits]\ndeadline_seconds = 60\n{limits}")).unwrap();
    let hosts: Vec<_> = hosts.iter().chain([&stub.address]).map(ToString::to_string).collect();
    let mut command = imagraph();
    command.env("IMAGRAPH_ALLOW_HOSTS", hosts.join(",")).args(["serve", "--config"]).arg(&config);
    let process = Process::serve(&mut command);
    stub.put("/warm.png", Answer::ok(png::picture(&[])));
    let warm = process.ask(QUERY, json!({"url": stub.url("/warm.png")}));
    assert!(warm["data"]["remote"]["pHash"].is_string(), "{warm}");
    process
}

fn explode(bombs: Vec<Bomb>) {
    let stub = Stub::start();
    let mut process = gateway(&[stub.address], "");
    let mut complaints = Vec::new();
    for (number, bomb) in bombs.into_iter().enumerate() {
        let url = stub.url(&format!("/{number}"));
        stub.put(&format!("/{number}"), Answer::ok(bomb.file.clone()));
        let (answer, spent) = process.spent_on(|| process.ask(QUERY, json!({"url": url})));
        println!("{}: {} bytes, {spent:?}", bomb.name, bomb.file.len());
        complaints.extend(bomb.complaint(&answer, &spent));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(process.is_running());
}
