//! Words that a picture carries, and the facts of its EXIF that pages need: where they are found, and what is read for them.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use imagraph::config::{Config, Given, Upstream};
use serde_json::{Value, json};

use crate::account::{Account, Play};
use crate::gateway::{Gateway, pictures};
use crate::stub::{Answer, Stub};

const TEXT: &str = "text { title alt caption credit creator copyright license keywords }";

pub fn picture(name: &str) -> Vec<u8> {
    fs::read(pictures().join(name)).expect("a picture")
}

pub fn xmp(properties: &str) -> Vec<u8> {
    format!(
        "<?xpacket begin='' id=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF \
        xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' \
        xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/'>{properties}\
        </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
    )
    .into_bytes()
}

fn titled(title: &str) -> Vec<u8> {
    xmp(&format!("<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>{title}</rdf:li></rdf:Alt></dc:title>"))
}

fn data_set(number: u8, value: &str) -> Vec<u8> {
    [&[0x1C, 2, number], &(value.len() as u16).to_be_bytes()[..], value.as_bytes()].concat()
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xFF, marker], &(body.len() as u16 + 2).to_be_bytes()[..], body].concat()
}

/// A JPEG with these packets before its own segments.
pub fn jpeg(file: &str, xmp: &[u8], iim: &[u8]) -> Vec<u8> {
    let resource = [b"8BIM\x04\x04\0\0", &(iim.len() as u32).to_be_bytes()[..], iim].concat();
    let photoshop = segment(0xED, &[b"Photoshop 3.0\0", &resource[..]].concat());
    let packet = segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", xmp].concat());
    let picture = picture(file);
    [b"\xFF\xD8", &packet[..], &photoshop, &picture[2..]].concat()
}

fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    // Its CRC is nobody's concern here.
    [&(data.len() as u32).to_be_bytes(), &kind[..], data, b"CRC."].concat()
}

/// A PNG with a packet behind its pixels, compressed.
fn png(xmp: &[u8]) -> Vec<u8> {
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::default());
    deflated.write_all(xmp).expect("memory");
    let packet = [b"XML:com.adobe.xmp\0\x01\0\0\0", &deflated.finish().expect("memory")[..]].concat();
    let picture = picture("png/rgb.png");
    let end = picture.len() - 12;
    [&picture[..end], &png_chunk(b"iTXt", &packet), &picture[end..]].concat()
}

/// A WebP with so many bytes of pixels before its packet.
fn webp(pixels: usize, xmp: &[u8]) -> Vec<u8> {
    let pixels = [b"VP8 ", &(pixels as u32).to_le_bytes()[..], &vec![0; pixels]].concat();
    let packet = [b"XMP ", &(xmp.len() as u32).to_le_bytes()[..], xmp].concat();
    [b"RIFF\xFF\xFF\xFF\0WEBPVP8X\x0A\0\0\0\x04\0\0\0\x04\0\0\x04\0\0", &pixels[..], &packet].concat()
}

struct Served {
    stub: Stub,
    gateway: Gateway,
}

impl Served {
    fn new(file: Vec<u8>) -> Self {
        let stub = Stub::start();
        stub.put("/file", Answer::ok(file).header("etag", "\"1\""));
        Self { gateway: Gateway::over_pictures(&[stub.address]), stub }
    }

    fn ask(&self, fields: &str) -> (Value, Value) {
        let query = format!("{{ remote(url: \"{}\") {{ {fields} }} }}", self.stub.url("/file"));
        self.gateway.answer_and_cost(&query, json!({}))
    }
}

/// What a file says, of which nothing fails.
fn text_of(file: Vec<u8>) -> Value {
    let (mut answer, cost) = Served::new(file).ask(TEXT);
    assert_eq!((answer.get("errors"), &cost["decoded"]), (None, &json!(0)), "{answer}");
    answer["data"]["remote"]["text"].take()
}

#[test]
fn each_word_is_that_of_xmp_else_of_iptc_else_of_exif() {
    let xmp = xmp("<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>of XMP</rdf:li></rdf:Alt></dc:title>");
    let iim = [
        data_set(5, "of IIM"),
        data_set(110, "of IIM"),
        data_set(80, "Zoë"),
        data_set(25, "a"),
        data_set(25, "b"),
    ];
    let text = text_of(jpeg("jpeg/exif-camera-le.jpg", &xmp, &iim.concat()));
    let expected = json!({
        "title": "of XMP", "alt": null, "caption": "A made-up landscape", "credit": "of IIM", "creator": "Zoë",
        "copyright": "Photographer", "license": null, "keywords": ["a", "b"],
    });
    assert_eq!(text, expected);
}

#[test]
fn every_format_has_a_place_for_them() {
    for file in [
        jpeg("jpeg/baseline.jpg", &titled("Boat & sea").replace_amp(), b""),
        png(&titled("Boat & sea").replace_amp()),
        webp(10, &titled("Boat & sea").replace_amp()),
    ] {
        assert_eq!(text_of(file)["title"], "Boat & sea");
    }
    assert_eq!(text_of(picture("jpeg/baseline.jpg")), Value::Null);
    assert_eq!(text_of(picture("heif/exif-icc-xmp.avif"))["caption"], "A made-up landscape");
}

/// Text as XML has it.
trait Escaped {
    fn replace_amp(self) -> Vec<u8>;
}

impl Escaped for Vec<u8> {
    fn replace_amp(self) -> Vec<u8> {
        String::from_utf8(self).expect("text").replace(" & ", " &amp; ").into_bytes()
    }
}

#[test]
fn who_does_not_ask_for_words_does_not_read_them() {
    let served = Served::new(webp(1 << 20, &titled("Boat")));
    let (answer, cost) =
        served.ask("width exif { raw } captured { local } location { latitude } camera { make }");
    assert_eq!(answer["data"]["remote"]["width"], 5);
    assert_eq!((&cost["bytesFetched"], &cost["upstreamCalls"]), (&json!(65_536), &json!(1)));
    let (answer, cost) = served.ask("text { title }");
    assert_eq!(answer["data"]["remote"]["text"]["title"], "Boat");
    assert!(cost["upstreamCalls"].as_u64() > Some(0), "{cost}");
    let (_, cost) = served.ask("text { title keywords } width");
    assert_eq!((&cost["upstreamCalls"], &cost["cacheHits"]), (&json!(0), &json!(1)), "they are kept");
}

#[test]
fn what_is_damaged_says_nothing_and_what_is_too_large_says_so() {
    for xmp in [&b"<rdf:RDF"[..], b"\xFF\xFE\0<", b"", b"\0\0\0"] {
        assert_eq!(text_of(jpeg("jpeg/baseline.jpg", xmp, &data_set(5, "Boat")))["title"], "Boat");
    }
    let cut = &data_set(5, "Boat")[..6];
    assert_eq!(text_of(jpeg("jpeg/baseline.jpg", b"", cut)), Value::Null);
    let bomb = "<photoshop:Credit/>".repeat(70_000);
    for file in [png(&xmp(&bomb)), png(&vec![b' '; 200 << 20]), webp(10, &vec![b' '; 2 << 20])] {
        let (answer, _) = Served::new(file).ask("width text { title }");
        assert!(answer["data"]["remote"]["width"].is_u64(), "{answer}");
        assert_eq!(answer["errors"][0]["path"], json!(["remote", "text"]));
        assert_eq!(answer["errors"][0]["extensions"]["code"], "TOO_LARGE", "{answer}");
    }
}

#[test]
fn words_are_charged_for_as_often_as_they_are_printed() {
    let words: String = (0..256).map(|n| format!("<rdf:li>{n}{}</rdf:li>", "&quot;".repeat(250))).collect();
    let served = Served::new(png(&xmp(&format!("<dc:subject><rdf:Bag>{words}</rdf:Bag></dc:subject>"))));
    let ask = |times: usize| {
        let fields: String = (0..times).map(|n| format!("t{n}: text {{ keywords }} ")).collect();
        served.ask(&fields).0
    };
    assert_eq!(ask(20)["data"]["remote"]["t19"]["keywords"][255].as_str().map(str::len), Some(253));
    assert_eq!(ask(90)["errors"][0]["extensions"]["code"], "QUERY_TOO_COSTLY");
}

#[test]
fn the_facts_of_exif_are_told() {
    let gateway = Gateway::over_pictures(&[]);
    let fields = "captured { local offset instant tag } camera { make model lens software }
        location { latitude longitude altitude direction }
        exposure { shutter time fNumber iso focalLength focalLength35mm program metering flashFired compensation }";
    let id = crate::placeholders::id("jpeg/exif-camera-le.jpg");
    let told = gateway.data(&format!("{{ file(id: \"{id}\") {{ {fields} }} }}"));
    let expected = json!({
        "captured": {
            "local": "2023-07-14T09:08:06.123", "offset": "+02:00", "instant": "2023-07-14T09:08:06.123+02:00",
            "tag": "DateTimeOriginal",
        },
        "camera": {
            "make": "imagraph cameras", "model": "Procedural One", "lens": "Sine 24-135mm f/3.5-5.6 IS",
            "software": "make.py 1.0",
        },
        "location": {
            "latitude": 54.989_666_666_666_665, "longitude": -1.914_166_666_666_666_3, "altitude": 123.45,
            "direction": 275.25,
        },
        "exposure": {
            "shutter": "1/160", "time": 0.00625, "fNumber": 7.1, "iso": 100, "focalLength": 135.0,
            "focalLength35mm": 216.0, "program": "APERTURE_PRIORITY", "metering": "PATTERN", "flashFired": false,
            "compensation": -0.666_666_666_666_666_6,
        },
    });
    assert_eq!(told["file"], expected);
    let without = gateway.data(&format!("{{ file(id: \"cG5nL3JnYi5wbmc\") {{ {fields} }} }}"));
    assert!(without["file"].as_object().is_some_and(|facts| facts.values().all(Value::is_null)), "{without}");
}

/// An account with one file, of which it says what ImageKit's documentation does.
fn account() -> Account {
    let file = jpeg("jpeg/baseline.jpg", &titled("of the file"), b"");
    Account::start(move |call, _| {
        let url = || json!({"url": format!("http://{}/a.jpg", call.header("host").expect("a host"))});
        Play::Now(match call.target.as_str() {
            "/v1/files/a/metadata" => Answer::ok(include_str!("../imagekit/reference.json")),
            "/v1/files/a/details" => Answer::ok(url().to_string()),
            _ => Answer::ok(file.clone()),
        })
    })
}

#[test]
fn in_front_of_imagekit_facts_are_of_its_exif_and_words_of_the_file() {
    let account = account();
    let given = Given {
        imagekit_url: Some(account.url("")),
        allow_hosts: vec![account.address.to_string()],
        ..Given::default()
    };
    let mut config = Config::load(given).expect("settings");
    config.upstream = Upstream::ImageKit;
    config.imagekit.private_key = "private".into();
    let off = Config { hybrid: false, ..config.clone() };
    let gateway = Gateway::with(config);
    let told =
        gateway.data("{ file(id: \"a\") { captured { local tag } camera { model } exposure { shutter } } }");
    let facts = json!({
        "captured": {"local": "2008-05-30T15:56:01.00", "tag": "DateTimeOriginal"},
        "camera": {"model": "Canon EOS 40D"}, "exposure": {"shutter": "1/160"},
    });
    assert_eq!((&told["file"], account.calls().len()), (&facts, 1), "no file is fetched for them");
    let told = gateway.data("{ file(id: \"a\") { text { title } } }");
    assert_eq!((&told["file"]["text"]["title"], account.calls().len()), (&json!("of the file"), 3));
    gateway.data("{ file(id: \"a\") { text { title keywords } } }");
    assert_eq!(account.calls().len(), 3, "they are kept");
    let told = Gateway::with(off).data("{ file(id: \"a\") { text { title } camera { make } } }");
    assert_eq!((&told["file"]["text"], account.calls().len()), (&Value::Null, 4));
}
