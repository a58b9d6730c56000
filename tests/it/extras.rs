//! Facts that ImageKit does not state and that cost something of their own: how many frames, which bytes. Each is found where
//! it is asked for, and then kept with what is known of the same version of a file.

use std::fs;

use imagraph::config::{Config, Given};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::gateway::{Gateway, pictures};
use crate::stub::{Answer, Stub};

fn picture(name: &str) -> Vec<u8> {
    fs::read(pictures().join(name)).expect("a picture")
}

fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A server with one file, and a gateway that may ask it.
struct Served {
    stub: Stub,
    gateway: Gateway,
}

impl Served {
    fn new(answer: Answer, change: impl FnOnce(&mut Config)) -> Self {
        let stub = Stub::start();
        stub.put("/file", answer);
        let given = Given { allow_hosts: vec![stub.address.to_string()], ..Given::default() };
        let mut config = Config::load(given).expect("settings");
        change(&mut config);
        Self { stub, gateway: Gateway::with(config) }
    }

    fn ask(&self, fields: &str) -> (Value, Value) {
        let query = format!("{{ remote(url: \"{}\") {{ {fields} }} }}", self.stub.url("/file"));
        self.gateway.answer_and_cost(&query, json!({}))
    }

    /// How many pictures were decoded for these fields, and how many requests sent.
    fn cost(&self, fields: &str) -> (u64, u64) {
        let (answer, cost) = self.ask(fields);
        assert_eq!(answer["errors"], Value::Null, "{fields}: {answer}");
        (cost["decoded"].as_u64().expect("a number"), cost["upstreamCalls"].as_u64().expect("a number"))
    }
}

#[test]
fn a_checksum_is_of_every_byte_and_decodes_nothing() {
    // Of the progressive one a part would do for the rest.
    for name in ["jpeg/progressive.jpg", "png/rgb.png", "heif/plain.avif", "damaged/truncated-middle.jpg"] {
        let bytes = picture(name);
        let served = Served::new(Answer::ok(bytes.clone()), |_| ());
        let (answer, cost) = served.ask("checksum");
        assert_eq!(answer, json!({"data": {"remote": {"checksum": checksum(&bytes)}}}), "{name}");
        assert_eq!(cost["decoded"], 0);
    }
    let local = "{ file(id: \"cG5nL3JnYi5wbmc\") { checksum pHash } }";
    let told = Gateway::over_pictures(&[]).data(local);
    assert_eq!(told["file"]["checksum"], checksum(&picture("png/rgb.png")));
}

/// Its alpha and its frames are found at its end, far behind what is read of a header at once.
#[test]
fn a_long_gif_of_the_library_is_read_to_its_end() {
    let frame =
        [b"\x2C\0\0\0\0\x05\0\x05\0\0\x02", &[&[255][..], &[7; 255]].concat().repeat(12_000)[..], b"\0"];
    let clear = b"\x21\xF9\x04\x01\x0A\0\0\0\x2C\0\0\0\0\x05\0\x05\0\0\x02\0\x3B";
    let gif = [b"GIF89a\x05\0\x05\0\0\0\0", &frame.concat()[..], clear].concat();
    let library = tempfile::tempdir().expect("a folder");
    fs::write(library.path().join("a.gif"), &gif).expect("a file");
    let given = Given { library: Some(library.path().to_owned()), ..Given::default() };
    let gateway = Gateway::with(Config::load(given).expect("settings"));
    let told = gateway.data("{ file(id: \"YS5naWY\") { width hasTransparency frames checksum } }");
    let expected = json!({"width": 5, "hasTransparency": true, "frames": 2, "checksum": checksum(&gif)});
    assert_eq!(told["file"], expected);
}

#[test]
fn a_checksum_fails_alone() {
    let bytes = [picture("jpeg/baseline.jpg"), vec![7; 200_000]].concat();
    let served = Served::new(Answer::ok(bytes), |config| config.limits.max_bytes = 100_000);
    let (answer, _) = served.ask("width checksum");
    assert!(answer["data"]["remote"]["width"].is_u64(), "{answer}");
    assert_eq!(answer["errors"][0]["path"], json!(["remote", "checksum"]));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TOO_LARGE");
}

#[test]
fn frames_are_counted_and_nothing_is_decoded() {
    let gateway = Gateway::over_pictures(&[]);
    for (name, frames) in [
        ("gif/animated.gif", json!(3)),
        ("webp/animated.webp", json!(3)),
        ("png/animated.png", json!(2)),
        ("tiff/multi-page.tif", json!(2)),
        ("jpeg/baseline.jpg", json!(1)),
        ("heif/grid.avif", json!(1)),
        ("ico/several.ico", json!(1)),
        ("jxl/codestream.jxl", json!(1)),
        ("svg/pixels.svg", json!(1)),
        ("damaged/truncated.gif", Value::Null),
    ] {
        let query = "query($url: ID!) { file(id: $url) { frames } }";
        let (answer, cost) = gateway.answer_and_cost(query, json!({"url": crate::placeholders::id(name)}));
        assert_eq!(
            (&answer["data"]["file"]["frames"], &cost["decoded"]),
            (&frames, &json!(0)),
            "{name}: {answer}"
        );
        assert_eq!(answer["errors"][0]["extensions"]["code"].is_string(), frames.is_null());
    }
}

/// A frame for each of some hundred parts of a file: more than are fetched one by one.
#[test]
fn frames_that_lie_far_apart_are_counted_from_afar() {
    let frame = [b"ANMF\xA0\x86\x01\0".to_vec(), vec![0; 100_000]].concat();
    let chunks = [b"VP8X\x0A\0\0\0\x02\0\0\0\x04\0\0\x04\0\0".to_vec(), frame.repeat(120)].concat();
    let size = (4 + chunks.len() as u32).to_le_bytes();
    let file = [b"RIFF", &size[..], b"WEBP", &chunks].concat();
    let served = Served::new(Answer::ok(file), |_| ());
    let (answer, _) = served.ask("frames");
    assert_eq!(answer, json!({"data": {"remote": {"frames": 120}}}));
    let still = Served::new(Answer::ok([picture("jpeg/baseline.jpg"), vec![0; 1 << 20]].concat()), |_| ());
    let (_, cost) = still.ask("frames width");
    assert_eq!(cost["bytesFetched"], 65_536);
}

#[test]
fn what_is_known_of_a_version_is_kept_when_something_else_is_asked() {
    let answer = || Answer::ok(picture("png/rgb.png")).header("etag", "\"1\"");
    let served = Served::new(answer(), |_| ());
    assert_eq!(served.cost("pHash"), (1, 1));
    assert_eq!(served.cost("checksum"), (0, 1), "nothing is decoded again");
    assert_eq!(served.cost("pHash isOpaque checksum"), (0, 0));
    assert_eq!(served.cost("frames dominantColor"), (1, 1));
    assert_eq!(served.cost("pHash checksum frames lqip exif { raw }"), (0, 0));
}

#[test]
fn what_is_known_of_another_version_is_not_mixed_with_it() {
    let served = Served::new(Answer::ok(picture("png/rgb.png")).header("etag", "\"1\""), |_| ());
    let (before, _) = served.ask("pHash width");
    served.stub.put("/file", Answer::ok(picture("jpeg/700x500.jpg")).header("etag", "\"2\""));
    let (_, cost) = served.ask("checksum");
    assert_eq!(cost["upstreamCalls"], 1);
    let (after, cost) = served.ask("pHash width checksum");
    assert_eq!(cost["upstreamCalls"], 1, "the hash is another file's");
    assert_eq!(after["data"]["remote"]["width"], 700);
    assert_ne!(after["data"]["remote"]["pHash"], before["data"]["remote"]["pHash"]);
}

#[test]
fn what_several_aliases_ask_of_an_image_is_one_look_at_it() {
    let served = Served::new(Answer::ok(picture("png/rgba.png")), |_| ());
    let url = served.stub.url("/file");
    let query = format!(
        "{{ a: remote(url: \"{url}\") {{ checksum }} b: remote(url: \"{url}\") {{ lqip frames }}
            c: remote(url: \"{url}\") {{ isOpaque }} }}"
    );
    let (answer, cost) = served.gateway.answer_and_cost(&query, json!({}));
    assert_eq!(answer["data"]["c"]["isOpaque"], false);
    assert_eq!((&cost["decoded"], &cost["upstreamCalls"]), (&json!(1), &json!(1)));
}
