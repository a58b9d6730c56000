//! Colours, BlurHash, ThumbHash and previews of whole files: what they say, of what, and when a picture is decoded for them.

mod npm;
mod pictures;

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::stub::{Answer, Stub};
pub use pictures::id;
use pictures::{level_of, made, png, preview};

const FACTS: &str = "dominantColor palette { color share } blurHash thumbHash lqip";

/// The facts of a library's picture.
fn facts(gateway: &Gateway, picture: &str) -> Value {
    gateway.data(&format!("{{ file(id: \"{}\") {{ {FACTS} }} }}", id(picture)))["file"].take()
}

#[test]
fn one_decode_tells_all_that_pixels_say_and_none_tells_it_again_otherwise() {
    let stub = Stub::start();
    stub.put("/a.png", Answer::ok(png(&made(120, 90))));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let ask = |fields: &str| {
        let (answer, cost) = gateway.answer_and_cost(
            "query($url: Url!) { remote(url: $url) { ..f } } fragment f on Image { FIELDS }"
                .replace("..f", "...f")
                .replace("FIELDS", fields)
                .as_str(),
            json!({"url": stub.url("/a.png")}),
        );
        assert_eq!(answer["errors"], Value::Null, "{answer}");
        (answer["data"]["remote"].clone(), cost)
    };
    let (image, cost) = ask(&format!("pHash isOpaque width {FACTS}"));
    assert_eq!((&cost["decoded"], &cost["upstreamCalls"]), (&json!(1), &json!(1)));
    assert!(image["pHash"].is_string() && image["isOpaque"] == true && image["lqip"].is_string());
    let (again, cost) = ask("pHash palette(colors: 9) { share } large: blurHash(x: 9, y: 9) blurHash");
    assert_eq!((&cost["decoded"], &cost["upstreamCalls"]), (&json!(0), &json!(0)));
    assert_eq!(again["blurHash"], image["blurHash"]);
    assert_eq!(again["large"].as_str().map(str::len), Some(4 + 2 * 81));
}

#[test]
fn a_picture_of_one_colour_is_that_colour() {
    let stub = Stub::start();
    stub.put(
        "/a.png",
        Answer::ok(png(&image::RgbaImage::from_pixel(333, 222, image::Rgba([18, 52, 86, 255])))),
    );
    let gateway = Gateway::over_pictures(&[stub.address]);
    let query =
        format!("{{ remote(url: \"{}\") {{ {FACTS} one: blurHash(x: 1, y: 1) }} }}", stub.url("/a.png"));
    let image = gateway.data(&query)["remote"].take();
    assert_eq!(image["dominantColor"], "#123456");
    assert_eq!(image["palette"], json!([{"color": "#123456", "share": 1.0}]));
    assert_eq!(image["one"], "0027F4");
    assert!(preview(&image["lqip"]).pixels().all(|pixel| pixel.0 == [18, 52, 86, 255]));
}

/// All of one scene; the mirrored one is another picture.
#[test]
fn copies_of_a_picture_look_alike_however_they_are_coded_and_stored() {
    let gateway = Gateway::over_pictures(&[]);
    let original = facts(&gateway, "similar/original.jpg");
    let shown = preview(&original["lqip"]);
    let difference = |other: &Value| {
        let other = preview(&other["lqip"]);
        assert_eq!(other.dimensions(), shown.dimensions());
        let levels = shown.iter().zip(other.iter()).map(|(a, b)| u32::from(a.abs_diff(*b)));
        f64::from(levels.sum::<u32>()) / shown.len() as f64
    };
    for copy in ["requantised.jpg", "half-size.webp", "stored-sideways.jpg"] {
        let copy = facts(&gateway, &format!("similar/{copy}"));
        assert!(difference(&copy) < 4.0, "{copy}: {}", difference(&copy));
        assert!(level_of(&original["dominantColor"]).abs_diff(level_of(&copy["dominantColor"])) < 12);
    }
    assert!(difference(&facts(&gateway, "similar/mirrored.jpg")) > 8.0);
}

#[test]
fn every_format_that_is_decoded_has_colours() {
    let gateway = Gateway::over_pictures(&[]);
    let pictures = [
        "jpeg/baseline.jpg",
        "jpeg/700x500.jpg",
        "jpeg/progressive.jpg",
        "jpeg/grey.jpg",
        "jpeg/cmyk-adobe.jpg",
        "png/rgba.png",
        "png/interlaced.png",
        "png/palette-trns.png",
        "png/grey-16bit.png",
        "gif/transparent.gif",
        "webp/lossy-alpha.webp",
        "webp/animated.webp",
        "tiff/lzw.tif",
        "tiff/palette.tif",
        "tiff/cmyk.tif",
        "bmp/24bit.bmp",
        "ico/several.ico",
    ];
    for picture in pictures {
        let facts = facts(&gateway, picture);
        let shares =
            facts["palette"].as_array().expect(picture).iter().map(|swatch| swatch["share"].as_f64());
        assert!((shares.flatten().sum::<f64>() - 1.0).abs() < 1e-3, "{picture}: {facts}");
        assert_eq!(facts["palette"][0]["color"], facts["dominantColor"], "{picture}");
        assert_eq!(facts["blurHash"].as_str().map(str::len), Some(28), "{picture}");
    }
}

#[test]
fn what_is_clear_has_no_colours_and_a_clear_preview() {
    let facts = facts(&Gateway::over_pictures(&[]), "plain/clear.png");
    assert_eq!((&facts["dominantColor"], &facts["palette"]), (&Value::Null, &json!([])));
    assert!(preview(&facts["lqip"]).pixels().all(|pixel| pixel.0[3] == 0));
}

#[test]
fn arguments_out_of_bounds_fail_at_their_field() {
    let gateway = Gateway::over_pictures(&[]);
    for field in [
        "palette(colors: 0) { share }",
        "palette(colors: 17) { share }",
        "blurHash(x: 10)",
        "blurHash(y: 0)",
        "blurHash(x: -1)",
    ] {
        let query = format!("{{ file(id: \"{}\") {{ width fact: {field} }} }}", id("png/rgb.png"));
        let answer = gateway.answer(&query, json!({}));
        assert_eq!(answer["data"]["file"], json!({"width": 72, "fact": null}), "{field}");
        assert_eq!(answer["errors"][0]["path"], json!(["file", "fact"]));
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    }
    let query = format!(
        "{{ file(id: \"{}\") {{ palette(colors: null) {{ share }} blurHash(x: null) }} }}",
        id("png/rgb.png")
    );
    assert_eq!(gateway.data(&query)["file"]["blurHash"].as_str().map(str::len), Some(28));
}

#[test]
fn pictures_without_pixels_fail_at_these_fields_alone() {
    let gateway = Gateway::over_pictures(&[]);
    for (picture, code) in
        [("svg/pixels.svg", "UNSUPPORTED_FORMAT"), ("damaged/truncated-middle.jpg", "CORRUPT_IMAGE")]
    {
        let query = format!("{{ file(id: \"{}\") {{ format {FACTS} }} }}", id(picture));
        let answer = gateway.answer(&query, json!({}));
        let errors = answer["errors"].as_array().expect("errors");
        assert!(answer["data"]["file"]["format"].is_string());
        assert!(
            errors.len() == 5 && errors.iter().all(|error| error["extensions"]["code"] == code),
            "{answer}"
        );
    }
}

/// A palette of sixteen is longer than it looks in a document.
#[test]
fn what_lists_of_colours_print_is_charged() {
    let gateway = Gateway::over_pictures(&[]);
    let ids = vec![format!("{{file: \"{}\"}}", id("png/rgb.png")); 90].join(",");
    let aliases = |field: &str| (0..100).map(|n| format!("a{n}: {field} ")).collect::<String>();
    let ask = |field: &str| {
        gateway.answer(&format!("{{ images(of: [{ids}]) {{ {} }} }}", aliases(field)), json!({}))
    };
    assert_eq!(ask("dominantColor")["errors"], Value::Null);
    assert_eq!(ask("lqip")["errors"][0]["extensions"]["code"], "QUERY_TOO_COSTLY");
}
