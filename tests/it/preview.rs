//! What an image looks like: small, upright, without a word of its file, and for nobody who may not ask about it.

use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView, ImageFormat};
use imagraph::config::{Config, Given};
use jpeg_encoder::{ColorType, Encoder};
use reqwest::blocking::Response;
use serde_json::Value;
use tempfile::TempDir;

use crate::callers;
use crate::canary::Canary;
use crate::gateway::{Gateway, client, pictures};
use crate::stub::{Answer, Stub};

fn path_of(id: &str) -> String {
    format!("/preview/{}", percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC))
}

fn file(path: &str) -> String {
    use base64::Engine;
    path_of(&base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(path))
}

fn shown(answer: Response) -> (ImageFormat, DynamicImage) {
    assert_eq!(answer.status(), 200);
    let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let bytes = answer.bytes().unwrap();
    let format = image::guess_format(&bytes).unwrap();
    assert_eq!(format.to_mime_type(), media_type);
    (format, image::load_from_memory(&bytes).unwrap())
}

/// How far two pictures of one size are apart, in levels of a channel.
fn apart(a: &DynamicImage, b: &DynamicImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let (a, b) = (a.to_rgb8(), b.to_rgb8());
    let sum: u64 = a.iter().zip(b.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64
}

#[test]
fn it_is_small_and_looks_as_the_picture_does() {
    let gateway = Gateway::over_pictures(&[]);
    for (path, format, size) in [
        ("jpeg/700x500.jpg", ImageFormat::Jpeg, (480, 343)),
        ("jpeg/progressive.jpg", ImageFormat::Jpeg, (240, 320)),
        ("webp/large.webp", ImageFormat::Jpeg, (480, 320)),
        ("png/rgb.png", ImageFormat::Jpeg, (72, 54)),
        ("png/rgba.png", ImageFormat::Png, (80, 60)),
        ("gif/animated.gif", ImageFormat::Jpeg, (96, 72)),
    ] {
        let (shown_format, picture) = shown(gateway.get(&file(path)));
        assert_eq!((shown_format, picture.dimensions()), (format, size), "{path}");
    }
    let (_, picture) = shown(gateway.get(&file("jpeg/700x500.jpg")));
    let original = image::open(pictures().join("jpeg/700x500.jpg")).unwrap();
    let original = original.resize_exact(480, 343, image::imageops::FilterType::Triangle);
    assert!(apart(&picture, &original) < 4.0, "{}", apart(&picture, &original));
}

#[test]
fn it_is_upright() {
    let gateway = Gateway::over_pictures(&[]);
    for turn in 2..=8 {
        let path = format!("jpeg/orientation-{turn}.jpg");
        let mut upright = image::open(pictures().join(&path)).unwrap();
        upright.apply_orientation(Orientation::from_exif(turn).unwrap());
        let (_, picture) = shown(gateway.get(&file(&path)));
        assert!(apart(&picture, &upright) < 4.0, "{turn}: {}", apart(&picture, &upright));
    }
}

#[test]
fn nothing_that_the_file_says_is_in_it() {
    let gateway = Gateway::over_pictures(&[]);
    for path in ["jpeg/exif-camera-le.jpg", "jpeg/xmp-only.jpg", "png/text-xmp.png", "jpeg/icc-srgb.jpg"] {
        let bytes = gateway.get(&file(path)).bytes().unwrap();
        for word in [&b"Exif"[..], b"xap", b"xmp", b"ICC_PROFILE", b"Procedural", b"Nobody"] {
            assert!(!bytes.windows(word.len()).any(|at| at == word), "{path}: {}", word.escape_ascii());
        }
    }
}

/// By its DC coefficients, which a picture of 3,840 pixels has enough of.
#[test]
fn a_photograph_is_shown_from_the_means_of_its_blocks() {
    let folder = TempDir::new().unwrap();
    let (width, height) = (4_000, 1_000);
    let level = |x: usize, y: usize| ((x / 40 + y / 20) % 200 + 20) as u8;
    let samples: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| [level(x, y), 90, 200 - level(x, y)]))
        .collect();
    let photograph = folder.path().join("photograph.jpg");
    let encoder = Encoder::new_file(&photograph, 90).unwrap();
    encoder.encode(&samples, width as u16, height as u16, ColorType::Rgb).unwrap();
    let library = Some(folder.path().to_owned());
    let gateway = Gateway::start(Given { library, ..Given::default() });
    let (_, picture) = shown(gateway.get(&file("photograph.jpg")));
    let original = image::open(photograph).unwrap();
    let original = original.resize_exact(480, 120, image::imageops::FilterType::Triangle);
    assert!(apart(&picture, &original) < 4.0, "{}", apart(&picture, &original));
}

#[test]
fn a_page_may_keep_it_for_itself_and_run_nothing_of_it() {
    let answer = Gateway::over_pictures(&[]).get(&file("png/rgb.png"));
    for (name, value) in [
        ("cache-control", "private, max-age=1"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
}

#[test]
fn an_image_at_a_url_is_shown_under_the_rules_of_all_urls() {
    let stub = Stub::start();
    let picture = std::fs::read(pictures().join("png/rgb.png")).unwrap();
    stub.put("/a%20b.png?c=d/e", Answer::ok(picture));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let (_, picture) = shown(gateway.get(&path_of(&stub.url("/a%20b.png?c=d/e"))));
    assert_eq!(picture.dimensions(), (72, 54));
    let canary = Canary::listen("127.0.0.1:0");
    let answer = gateway.get(&path_of(&format!("http://{}/a.png", canary.address())));
    assert_eq!((answer.status().as_u16(), code(answer)), (403, "URL_NOT_ALLOWED".to_owned()));
    canary.assert_untouched();
}

fn code(answer: Response) -> String {
    let answer: Value = answer.json().unwrap();
    answer["errors"][0]["extensions"]["code"].as_str().unwrap().to_owned()
}

#[test]
fn what_cannot_be_shown_says_why() {
    let gateway = Gateway::over_pictures(&[]);
    for (path, status, expected) in [
        (file("not-there.jpg"), 404, "NOT_FOUND"),
        ("/preview/%FF".to_owned(), 400, "BAD_ID"),
        ("/preview/_".to_owned(), 400, "BAD_ID"),
        (path_of("http://"), 400, "BAD_URL"),
        (file("svg/pixels.svg"), 422, "UNSUPPORTED_FORMAT"),
        (file("damaged/garbage.bin"), 422, "NOT_AN_IMAGE"),
        (file("damaged/truncated-middle.jpg"), 422, "CORRUPT_IMAGE"),
        (file("damaged/claims-65535.jpg"), 413, "TOO_LARGE"),
    ] {
        let answer = gateway.get(&path);
        assert_eq!((answer.status().as_u16(), code(answer)), (status, expected.to_owned()), "{path}");
    }
}

#[test]
fn of_a_format_without_a_decoder_it_speaks_of_the_picture() {
    let answer: Value = Gateway::over_pictures(&[]).get(&file("svg/pixels.svg")).json().unwrap();
    assert_eq!(answer["errors"][0]["message"], "drawing it is not supported for this format");
}

#[test]
fn whoever_may_not_ask_sees_nothing() {
    let gateway = callers::of_three_callers();
    let path = gateway.url(&file("png/rgb.png"));
    let asked = |key| client().get(&path).bearer_auth(key).send().unwrap();
    assert_eq!(client().get(&path).send().unwrap().status(), 401);
    assert_eq!(asked("other").status(), 401);
    assert_eq!(asked("probe_key").status(), 403);
    assert_eq!(asked("plain_key").status(), 200);
    let gateway = Gateway::over_pictures(&[]);
    let path = gateway.url(&file("png/rgb.png"));
    let elsewhere = client().get(path).header("sec-fetch-site", "cross-site").send().unwrap();
    assert_eq!(elsewhere.status(), 403);
}

#[test]
fn without_the_page_there_are_none() {
    let given = Given { library: Some(pictures()), ..Given::default() };
    let mut config = Config::load(given).unwrap();
    config.documents.introspection = false;
    assert_eq!(Gateway::with(config).get(&file("png/rgb.png")).status(), 404);
}
