//! The page at `/` is whole, comes from the gateway alone, and is cached for ever but for its door.

mod browser;
mod rebuilt;

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::GzDecoder;

use crate::gateway::{Gateway, client};

#[test]
fn the_page_and_all_that_it_loads_are_there() {
    let gateway = Gateway::over_pictures(&[]);
    let page = gateway.get("/");
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers()["cache-control"], "no-cache");
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
    assert!(!policy.contains("unsafe-eval") && !policy.contains("http"), "{policy}");
    let assets = assets_in(&page.text().unwrap());
    assert!(assets.len() >= 2, "{assets:?}");
    for asset in assets {
        let response = gateway.get(&asset);
        assert_eq!(response.status(), 200, "{asset}");
        assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable", "{asset}");
        assert_ne!(response.headers()["content-type"], "application/octet-stream", "{asset}");
    }
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let page = Gateway::over_pictures(&[]).get("/").text().unwrap();
    for foreign in ["http://", "https://", "src=\"//", "href=\"//"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[test]
fn it_is_sent_compressed_to_who_takes_that() {
    let gateway = Gateway::over_pictures(&[]);
    let plain = gateway.get("/");
    assert!(plain.headers().get("content-encoding").is_none());
    let packed = client().get(gateway.url("/")).header("accept-encoding", "br, gzip").send().unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let mut unpacked = String::new();
    GzDecoder::new(&packed.bytes().unwrap()[..]).read_to_string(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.text().unwrap());
    for refusal in ["gzip;q=0", "xgzip", "identity;q=0, gzip;q=0"] {
        let plain = client().get(gateway.url("/")).header("accept-encoding", refusal).send().unwrap();
        assert!(plain.headers().get("content-encoding").is_none(), "{refusal}");
    }
}

#[test]
fn nothing_else_of_the_disk_is_served() {
    let gateway = Gateway::over_pictures(&[]);
    for path in [
        "/assets/",
        "/assets/../../Cargo.toml",
        "/Cargo.toml",
        "/assets/%2e%2e/index.html.gz",
        "/index.html.gz",
    ] {
        assert_eq!(gateway.get(path).status(), 404, "{path}");
    }
}

/// What the page's attributes name.
fn assets_in(page: &str) -> BTreeSet<String> {
    let values = page.split('"').filter(|value| value.contains("assets/"));
    values.map(|value| format!("/{}", value.trim_start_matches(['.', '/']))).collect()
}
