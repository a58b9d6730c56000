//! Of a progressive JPEG no more is read than its DC coefficients, and the hash is that of the whole file.

use std::fs;

use imagraph::config::{Config, Given};
use jpeg_encoder::{ColorType, Encoder};
use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::stub::{Answer, Stub, broken};

/// Waves under so much grain that AC coefficients take most of the file.
fn picture(is_progressive: bool) -> Vec<u8> {
    let (mut grain, mut samples) = (1u32, Vec::new());
    for (y, x) in (0..1200u16).flat_map(|y| (0..1600u16).map(move |x| (f32::from(y), f32::from(x)))) {
        grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grey = 100.0 + 50.0 * (x / 90.0).sin() * (y / 70.0 + x / 300.0).cos() + (grain >> 26) as f32;
        samples.extend([grey as u8, (grey * 0.9) as u8, grey as u8]);
    }
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 95);
    encoder.set_progressive(is_progressive);
    encoder.encode(&samples, 1600, 1200, ColorType::Rgb).expect("a picture");
    file
}

fn hash(gateway: &Gateway, url: &str) -> (Value, u64) {
    let query = format!("{{ remote(url: {}) {{ pHash size }} }}", json!(url));
    let (answer, cost) = gateway.answer_and_cost(&query, json!({}));
    (answer["data"]["remote"].clone(), cost["bytesFetched"].as_u64().expect("bytes"))
}

#[test]
fn a_remote_one_is_fetched_in_part_and_hashed_as_if_whole() {
    let (sequential, progressive) = (picture(false), picture(true));
    let stub = Stub::start();
    stub.put("/sequential.jpg", Answer::ok(sequential.clone()));
    stub.put("/progressive.jpg", Answer::ok(progressive.clone()));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let (whole, bytes) = hash(&gateway, &stub.url("/sequential.jpg"));
    assert_eq!(bytes, sequential.len() as u64);
    let (part, bytes) = hash(&gateway, &stub.url("/progressive.jpg"));
    assert_eq!(part, json!({"pHash": whole["pHash"], "size": progressive.len()}));
    // The buffers of a connection hold some hundred thousand bytes more than are asked for.
    assert!(bytes < progressive.len() as u64 / 2, "{bytes} of {}", progressive.len());
    assert_eq!(stub.asked().len(), 2);
}

#[test]
fn what_its_server_never_sends_is_not_waited_for() {
    let file = picture(true);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", file.len());
    let address = broken([head.as_bytes(), &file[..file.len() / 3]].concat(), false);
    let gateway = Gateway::start(Given { allow_hosts: vec![address.to_string()], ..Given::default() });
    let (answer, _) = hash(&gateway, &format!("http://{address}/a.jpg"));
    assert_eq!(answer["size"], file.len());
    assert!(answer["pHash"].is_string());
}

/// A part of it would do, were that sound: then all of it is read, and a full decoder says what is wrong.
#[test]
fn one_whose_dc_coefficients_are_damaged_is_read_whole() {
    let mut file = picture(true);
    let scan = file.windows(2).position(|bytes| bytes == [0xFF, 0xDA]).expect("a scan");
    file[scan + 100..scan + 2_000].fill(0);
    let stub = Stub::start();
    stub.put("/a.jpg", Answer::ok(file.clone()));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let query = format!("{{ remote(url: {}) {{ pHash }} }}", json!(stub.url("/a.jpg")));
    let (answer, cost) = gateway.answer_and_cost(&query, json!({}));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "CORRUPT_IMAGE", "{answer}");
    assert_eq!((&cost["bytesFetched"], &cost["decoded"]), (&json!(file.len()), &json!(2)));
}

#[test]
fn one_of_the_library_need_not_be_within_the_limit_as_a_whole() {
    let file = picture(true);
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.jpg"), &file).expect("a file");
    let given = Given { library: Some(folder.path().to_owned()), ..Given::default() };
    let mut config = Config::load(given).expect("settings");
    config.limits.max_bytes = file.len() as u64 / 2;
    let data = Gateway::with(config).data("{ file(id: \"YS5qcGc\") { pHash size } }");
    assert_eq!(data["file"]["size"], file.len());
    assert!(data["file"]["pHash"].is_string());
}
