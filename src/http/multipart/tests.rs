use std::time::Duration;

use actix_web::test::TestRequest;
use actix_web::{FromRequest, dev};
use futures_util::stream;

use super::*;

type Parts = Vec<(String, Option<String>, Vec<u8>)>;

async fn read(body: impl Into<Vec<u8>>, max_bytes: u64) -> Result<Parts> {
    read_in_pieces(&body.into(), 10_000, max_bytes).await
}

async fn read_in_pieces(body: &[u8], piece: usize, max_bytes: u64) -> Result<Parts> {
    let http = TestRequest::default()
        .insert_header(("content-type", "multipart/form-data; boundary=\"x y\""))
        .to_http_request();
    let pieces: Vec<_> = body.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let pieces = dev::Payload::Stream { payload: stream::iter(pieces).boxed_local() };
    let payload = Payload::from_request(&http, &mut { pieces }).await.expect("a payload");
    let until = Instant::now() + Duration::from_secs(60);
    let mut multipart = Multipart::new(&http, payload, max_bytes, until)?;
    let mut parts = Vec::new();
    while let Some(head) = multipart.next().await? {
        let mut bytes = Vec::new();
        while let Some(chunk) = multipart.chunk().await? {
            bytes.extend_from_slice(&chunk);
        }
        parts.push((head.name, head.file_name, bytes));
    }
    Ok(parts)
}

fn part(name: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("--x y\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

#[actix_web::test]
async fn parts_are_what_was_sent_whatever_they_hold() {
    let odd = b"\r\n--x \r\n--x z\r\n\r\n\0\xFF--x y";
    let body = [part("a", b""), part("b", odd), part("c", &[b'\r'; 300]), b"--x y--".to_vec()].concat();
    let parts = read(body.clone(), 10_000).await.unwrap();
    let expected = [("a", b"".to_vec()), ("b", odd.to_vec()), ("c", vec![b'\r'; 300])]
        .map(|(n, b)| (n.to_owned(), None, b));
    assert_eq!(parts, expected);
    assert_eq!(read([&body[..], b"\r\n"].concat(), 10_000).await.unwrap(), expected);
    for piece in 1..20 {
        assert_eq!(read_in_pieces(&body, piece, 10_000).await.unwrap(), expected, "pieces of {piece}");
    }
}

#[actix_web::test]
async fn a_part_says_which_field_it_is_and_what_its_file_is_called() {
    let of = |name: &str, file_name: Option<&str>| {
        Ok(vec![(name.to_owned(), file_name.map(str::to_owned), b"1".to_vec())])
    };
    for (head, expected) in [
        ("Content-Disposition: form-data; name=\"a\"", of("a", None)),
        ("content-disposition:FORM-DATA; name=a; filename=b.jpg", of("a", Some("b.jpg"))),
        (
            "X: y\r\nContent-Disposition: form-data; filename=\"b;\\\"%22.jpg\"; name=\"a\"",
            of("a", Some("b;\"\".jpg")),
        ),
        ("Content-Disposition: form-data; name=\"a\"; filename*=UTF-8''b", of("a", None)),
        ("Content-Disposition: form-data; name=\"ä\"", of("ä", None)),
        ("Content-Disposition: form-data; name=\"a", Err(MALFORMED)),
        ("Content-Disposition: form-data; filename=\"a\"", Err(MALFORMED)),
        ("Content-Disposition: attachment; name=\"a\"", Err(MALFORMED)),
        ("Content-Disposition: form-data", Err(MALFORMED)),
        ("Content-Type: text/plain", Err(MALFORMED)),
    ] {
        let body = format!("--x y\r\n{head}\r\n\r\n1\r\n--x y--");
        assert_eq!(read(body, 10_000).await, expected, "{head}");
    }
}

#[actix_web::test]
async fn a_body_that_ends_anywhere_else_broke_off() {
    let body = [part("a", b"1"), part("b", b"2"), b"--x y--".to_vec()].concat();
    for end in 0..body.len() {
        assert!(matches!(read(&body[..end], 10_000).await, Err(Error::BadRequest(_))), "{end}");
    }
}

#[actix_web::test]
async fn what_is_too_much_is_refused() {
    let many = [part("a", b"").repeat(101), b"--x y--".to_vec()].concat();
    assert_eq!(read(many, 100_000).await, Err(Error::BadRequest("the body has too many parts")));
    let long = [b"--x y\r\nX: ".to_vec(), vec![b'y'; 70_000]].concat();
    assert_eq!(read(long, 100_000).await, Err(Error::BadRequest("the head of a part is too long")));
    let body = [part("a", &[0; 1_000]), b"--x y--".to_vec()].concat();
    assert_eq!(read(body, 1_000).await, Err(Error::TooLarge { what: "bytes of the body", limit: 1_000 }));
}

#[actix_web::test]
async fn what_is_no_form_is_refused() {
    let behind = [part("a", b""), b"--x y--".to_vec(), vec![b' '; 9_000]].concat();
    let odd = [b"--x y\r\nContent-Type: a/b\r\n\r\n\r\n--x y--".to_vec(), behind];
    for body in odd {
        assert_eq!(read(body, 100_000).await, Err(MALFORMED));
    }
}
