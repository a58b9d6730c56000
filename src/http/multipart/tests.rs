use std::time::Duration;

use actix_web::FromRequest;
use actix_web::test::TestRequest;

use super::*;

type Parts = Vec<(String, Option<String>, Vec<u8>)>;

async fn read(body: impl Into<Vec<u8>>, max_bytes: u64) -> Result<Parts> {
    let request =
        TestRequest::default().insert_header(("content-type", "multipart/form-data; boundary=\"x y\""));
    let (http, mut payload) = request.set_payload(body.into()).to_http_parts();
    let mut payload = Payload::from_request(&http, &mut payload).await.expect("a payload");
    let until = Instant::now() + Duration::from_secs(60);
    let mut multipart = Multipart::new(&http, &mut payload, max_bytes, until)?;
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
    assert_eq!(read([body, b"\r\n".to_vec()].concat(), 10_000).await.unwrap(), expected);
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
    let long = [b"--x y\r\nX: ".to_vec(), vec![b'y'; 20_000]].concat();
    assert_eq!(read(long, 100_000).await, Err(Error::BadRequest("the head of a part is too long")));
    let body = [part("a", &[0; 1_000]), b"--x y--".to_vec()].concat();
    assert_eq!(read(body, 1_000).await, Err(Error::BadHttp(HttpFault::BodyTooLong)));
}

#[actix_web::test]
async fn what_is_no_form_is_refused() {
    let behind = [part("a", b""), b"--x y--".to_vec(), vec![b' '; 9_000]].concat();
    let odd = [b"--x y\r\nContent-Type: a/b\r\n\r\n\r\n--x y--".to_vec(), b"ahead--x y--".to_vec(), behind];
    for body in odd {
        assert_eq!(read(body, 100_000).await, Err(MALFORMED));
    }
}
